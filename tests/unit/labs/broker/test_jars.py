"""Jars: fetched once, verified, resumed, refused."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.broker import download as download_module
from labs.broker.interface import Progress
from labs.broker.jars import JARS_VARIABLE, REPOSITORY_VARIABLE, Jars
from labs.broker.lock import Lock
from labs.dirs import Dirs
from labs.errors import EnvironmentFault, JarMismatch, JarsUnavailable
from tests.unit.labs.broker.repository import Repository, serving

ONE, TWO = b"1" * 600_000, b"2" * 5_000


@pytest.fixture
def repository() -> Iterator[Repository]:
    with serving() as repository:
        yield repository


@pytest.fixture
def home(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


def jars_of(home: Dirs, repository: Repository, lock: Lock) -> Jars:
    return Jars(home, {REPOSITORY_VARIABLE: repository.base}, lock)


def hold(repository: Repository) -> Lock:
    return repository.hold({"one": ONE, "two": TWO})


def test_all_jars_come_in_class_path_order_with_progress_in_bytes(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    seen: list[Progress] = []

    paths = jars_of(home, repository, lock).ensure(seen.append)

    assert [path.read_bytes() for path in paths] == [ONE, TWO]
    assert [path.name for path in paths] == ["one-1.0.jar", "two-1.0.jar"]
    assert {(step.stage, step.total) for step in seen} == {("download", lock.size)}
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert seen[-1].done == lock.size


def test_a_second_start_asks_nobody(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    jars_of(home, repository, lock).ensure()
    repository.asked.clear()

    jars_of(home, repository, lock).ensure()

    assert repository.asked == []


def test_a_break_is_bridged_by_asking_for_the_rest(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    repository.breaks[f"/{lock.jars[0].path}"] = [400_000]

    paths = jars_of(home, repository, lock).ensure()

    assert paths[0].read_bytes() == ONE
    ranges = [wanted for path, wanted in repository.asked if path.endswith("one-1.0.jar")]
    assert ranges[0] == ""
    assert 0 < int(ranges[1].removeprefix("bytes=").rstrip("-")) <= 400_000


def test_what_came_before_a_failure_is_kept_for_the_next_try(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    path = f"/{lock.jars[0].path}"
    repository.breaks[path] = [300_000, 100_000, 50_000]
    with pytest.raises(JarsUnavailable) as caught:
        jars_of(home, repository, lock).ensure()
    assert "one-1.0.jar" in caught.value.cause
    assert REPOSITORY_VARIABLE in caught.value.next_step
    repository.asked.clear()

    paths = jars_of(home, repository, lock).ensure()

    assert paths[0].read_bytes() == ONE
    (wanted,) = [wanted for asked, wanted in repository.asked if asked == path]
    assert int(wanted.removeprefix("bytes=").rstrip("-")) >= 300_000


def test_a_repository_without_ranges_sends_all_again(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    repository.ranges = False
    repository.breaks[f"/{lock.jars[0].path}"] = [400_000]
    seen: list[Progress] = []

    paths = jars_of(home, repository, lock).ensure(seen.append)

    assert paths[0].read_bytes() == ONE
    assert max(step.done for step in seen) == lock.size


def test_an_unfinished_part_of_something_else_is_thrown_away(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    jars = jars_of(home, repository, lock)
    jars.directory.mkdir(parents=True)
    (jars.directory / "one-1.0.jar.part").write_bytes(b"x" * 1000)

    assert jars.ensure()[0].read_bytes() == ONE


def test_a_part_that_is_too_long_is_thrown_away(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    jars = jars_of(home, repository, lock)
    jars.directory.mkdir(parents=True)
    (jars.directory / "two-1.0.jar.part").write_bytes(b"x" * 9_000)

    assert jars.ensure()[1].read_bytes() == TWO


def test_a_bad_jar_is_refused_and_fetched_again_on_retry(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    path = f"/{lock.jars[1].path}"
    repository.files[path] = b"3" * 5_000
    jars = jars_of(home, repository, lock)
    with pytest.raises(JarMismatch) as caught:
        jars.ensure()
    assert lock.jars[1].sha256 in caught.value.cause
    assert not list(jars.directory.glob("two*"))

    repository.files[path] = TWO
    assert jars.ensure()[1].read_bytes() == TWO


def test_a_jar_changed_on_disk_is_refused_even_with_the_same_size(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    jars = jars_of(home, repository, lock)
    two = jars.ensure()[1]
    two.write_bytes(b"4" * 5_000)
    with pytest.raises(JarMismatch):
        jars.ensure()

    assert jars.ensure()[1].read_bytes() == TWO


@pytest.mark.parametrize("status", [404, 403, 503])
def test_a_repository_that_refuses_is_named_with_its_answer(home: Dirs, repository: Repository, status: int) -> None:
    lock = hold(repository)
    repository.status = status
    if status == 404:
        repository.files.clear()

    with pytest.raises(JarsUnavailable, match=str(status)):
        jars_of(home, repository, lock).ensure()


def test_no_network_is_an_explained_fault_and_a_retry_works(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    nobody = Jars(home, {REPOSITORY_VARIABLE: "http://127.0.0.1:9"}, lock)
    with pytest.raises(JarsUnavailable) as caught:
        nobody.ensure()
    assert "Connect to the network" in caught.value.next_step
    assert "Connection refused" in caught.value.cause

    assert len(jars_of(home, repository, lock).ensure()) == 2


def test_two_instances_at_once_download_each_jar_once(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)
    results: list[list[Path]] = []
    threads = [
        threading.Thread(target=lambda: results.append(jars_of(home, repository, lock).ensure())) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 3
    assert len(repository.asked) == 2


def test_an_exception_of_the_progress_bar_ends_the_download(home: Dirs, repository: Repository) -> None:
    lock = hold(repository)

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jars_of(home, repository, lock).ensure(stop)
    assert len(jars_of(home, repository, lock).ensure()) == 2


# --- an offline directory ---------------------------------------------------------------------------------------------


def offline(home: Dirs, where: Path, lock: Lock) -> Jars:
    return Jars(home, {JARS_VARIABLE: str(where), REPOSITORY_VARIABLE: "http://127.0.0.1:9"}, lock)


def test_an_offline_directory_needs_no_network(home: Dirs, repository: Repository, tmp_path: Path) -> None:
    lock = hold(repository)
    (tmp_path / "one-1.0.jar").write_bytes(ONE)
    (tmp_path / "two-1.0.jar").write_bytes(TWO)

    assert offline(home, tmp_path, lock).ensure() == [tmp_path / "one-1.0.jar", tmp_path / "two-1.0.jar"]


def test_an_incomplete_offline_directory_says_what_is_missing(
    home: Dirs, repository: Repository, tmp_path: Path
) -> None:
    lock = hold(repository)
    (tmp_path / "one-1.0.jar").write_bytes(ONE)

    with pytest.raises(JarsUnavailable, match=r"1 of 2 jars.*two-1\.0\.jar"):
        offline(home, tmp_path, lock).ensure()


def test_a_bad_jar_of_an_offline_directory_is_refused_and_left(
    home: Dirs, repository: Repository, tmp_path: Path
) -> None:
    lock = hold(repository)
    (tmp_path / "one-1.0.jar").write_bytes(ONE)
    (tmp_path / "two-1.0.jar").write_bytes(b"5" * 5_000)

    with pytest.raises(JarMismatch, match="Replace it"):
        offline(home, tmp_path, lock).ensure()
    assert (tmp_path / "two-1.0.jar").exists()


# --- the disk ---------------------------------------------------------------------------------------------------------


def test_a_cache_that_is_a_file_is_an_explained_fault(home: Dirs, repository: Repository) -> None:
    home.cache.write_text("in the way")

    with pytest.raises(EnvironmentFault, match="cannot be written"):
        jars_of(home, repository, hold(repository)).ensure()


def test_a_full_disk_is_an_explained_fault_and_a_retry_works(
    home: Dirs, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = hold(repository)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(download_module.os, "utime", full)
        with pytest.raises(EnvironmentFault, match="The disk is full"):
            jars_of(home, repository, lock).ensure()
    assert len(jars_of(home, repository, lock).ensure()) == 2
