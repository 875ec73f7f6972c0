"""A save is noticed once, when it has come to rest; what the lab writes itself is none."""

from __future__ import annotations

import queue
from pathlib import Path

from labs.watch import Saves, Watch, watch
from labs.workspace import editable

PATIENCE = 20.0


class Disk:
    """A state that tests change."""

    def __init__(self) -> None:
        self.state = 0

    def __call__(self) -> int:
        return self.state


def test_a_save_counts_once_it_rests() -> None:
    disk = Disk()
    seen = Watch(disk)
    assert not seen.saved()
    disk.state = 1
    assert not seen.saved(), "it may still be being written"
    disk.state = 2
    assert not seen.saved()
    assert seen.saved()
    assert not seen.saved()


def test_a_file_that_was_gone_for_a_moment_is_one_save_or_none() -> None:
    disk = Disk()
    seen = Watch(disk)
    disk.state = -1
    seen.saved()
    disk.state = 0
    assert [seen.saved() for _ in range(3)] == [False, False, False]


def test_what_the_lab_writes_is_no_save() -> None:
    disk = Disk()
    seen = Watch(disk)
    disk.state = 1
    seen.saved()
    seen.forget()
    assert not seen.saved()
    assert seen.forgotten == 1


def test_files_beside_the_labs_own_are_watched_and_editors_leavings_are_not(tmp_path: Path) -> None:
    for name in ("consumer.py", "ledger.py", ".consumer.py.swp", "consumer.py~", "#consumer.py#", "4913", "x.db"):
        (tmp_path / name).touch()
    assert editable(tmp_path, ["consumer.py"]) == ("consumer.py", "ledger.py")
    assert editable(tmp_path / "gone", ["consumer.py"]) == ("consumer.py",)


def test_a_thread_tells_of_each_save_until_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    told: queue.Queue[int] = queue.Queue()
    saves = Saves(watch(tmp_path, ("a.py",)), told.put, every=0.01)
    (tmp_path / "a.py").write_text("22")
    assert told.get(timeout=PATIENCE) == 0
    (tmp_path / "a.py").unlink()
    assert told.get(timeout=PATIENCE) == 0
    saves.close()
    saves.close()
    (tmp_path / "a.py").write_text("333")
    assert told.empty()
    assert not saves._thread.is_alive()
