"""What the long runs call sound, and what they do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tutor.soak import faults, sessions, traces
from tutor.soak.brokers import SETTLE, Sample, leaks


@pytest.fixture
def place(tmp_path: Path) -> traces.Place:
    found = traces.Place(tmp_path / "home", tmp_path / "scratch")
    found.home.mkdir()
    found.scratch.mkdir()
    return found


def test_nothing_is_left_of_nothing(place: traces.Place) -> None:
    assert traces.left(place) == []


def test_processes_runs_and_temporary_files_are_seen(place: traces.Place) -> None:
    (place.home / "state" / "runs" / "one").mkdir(parents=True)
    (place.scratch / "liblz4.so").touch()
    command = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(
        command, env=place.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout
        child.stdout.readline()
        found = traces.left(place, 0.1)
        child.kill()
    assert [row.split()[0] for row in found] == ["process", "run", "temporary"]
    assert [row.split()[0] for row in traces.left(place, 1)] == ["run", "temporary"]


def test_waiting_ends_in_time() -> None:
    assert traces.soon(lambda: True, 0)
    assert not traces.soon(lambda: False, 0.1)


STILL = Sample(rss_mb=30, files=6, threads=1, processes=0, ports=0, runs=0, temporary=0)


def test_what_grows_between_rounds_is_a_leak() -> None:
    still = [STILL] * 40
    assert leaks(still) == []
    grown = Sample(rss_mb=51, files=7, threads=1, processes=0, ports=0, runs=0, temporary=1)
    assert [row.split(":")[0] for row in leaks([*still, grown])] == ["rss_mb", "files", "temporary"]
    assert leaks([grown] * SETTLE + still) == []


def test_a_round_that_lost_something_is_not_sound() -> None:
    tally = faults.Tally(kills=3, acknowledged=9)
    assert tally.sound
    tally.lost.append("3 lines acknowledged, 2 kept")
    assert not tally.sound
    lines = faults.table({"app": tally})
    assert lines[1].split() == ["app", "3", "0", "9", "1", "0", "0"]
    assert lines[-1] == "app: 3 lines acknowledged, 2 kept"


@pytest.mark.parametrize(("kills", "missed", "sound"), [(0, 3, False), (1, 3, True), (0, 0, True)])
def test_rounds_that_killed_nothing_are_no_success(kills: int, missed: int, sound: bool) -> None:
    tally = faults.Tally(kills=kills, missed=missed)
    faults.note_if_never_killed(tally)
    assert tally.sound is sound


def test_a_writer_that_is_killed_has_kept_every_line(place: traces.Place) -> None:
    import random

    tally = faults.Tally()
    faults.kill_writer(faults.Round(place, random.Random(4), tally))
    assert tally.kills == 1 and tally.acknowledged > 0 and not tally.lost


def test_sequences_are_taken_out() -> None:
    assert sessions.plain("\x1b[1;32mHand\x1b[0m \x1b[?25lin\x1b(B") == "Hand in"
