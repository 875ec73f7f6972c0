"""Run directories, and what a crash leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labs.broker.processes import ProcessName, is_alive, kill, name_of, own_name
from labs.broker.runs import KEPT_LOGS, Record, new_run, read_record, stale_runs, sweep, with_node
from labs.dirs import Dirs
from labs.errors import EnvironmentFault


@pytest.fixture
def home(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def ended() -> ProcessName:
    """The name of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = name_of(process.pid)
    process.communicate()
    assert name
    return name


def test_a_new_run_is_recorded_as_ours_and_is_not_stale(home: Dirs) -> None:
    run = new_run(home)
    record = read_record(run.directory)
    assert record is not None
    assert record.app.pid == os.getpid()
    assert stale_runs(home) == []
    run.remove()
    assert not run.directory.exists()
    assert run.logs.is_dir()


def test_two_runs_of_one_second_have_different_names(home: Dirs) -> None:
    assert len({new_run(home).directory for _ in range(5)}) == 5


def test_the_sweep_kills_and_removes_what_a_crashed_app_left(home: Dirs, sleeper: subprocess.Popen[bytes]) -> None:
    run = new_run(home)
    node = name_of(sleeper.pid)
    run.write(with_node(Record(app=ended(), supervisor=ended()), node))
    assert stale_runs(home) == [run.directory]

    assert sweep(home) == 1

    assert sleeper.wait(10) == -9
    assert not run.directory.exists()
    assert sweep(home) == 0


def test_a_run_whose_app_or_supervisor_lives_is_left_alone(home: Dirs) -> None:
    one, two = new_run(home), new_run(home)
    one.write(Record(app=own_name(), supervisor=ended()))
    two.write(Record(app=ended(), supervisor=own_name()))
    assert sweep(home) == 0
    assert one.directory.exists()
    assert two.directory.exists()


def test_a_recycled_process_id_is_not_the_old_process(home: Dirs, sleeper: subprocess.Popen[bytes]) -> None:
    now = name_of(sleeper.pid)
    assert now is not None
    old = replace(now, started=now.started - 3600)
    assert is_alive(now)
    assert not is_alive(old)
    kill(old)
    assert sleeper.poll() is None


def test_a_directory_without_a_record_is_spared_while_it_is_young(home: Dirs) -> None:
    directory = home.state / "runs" / "being-made"
    directory.mkdir(parents=True)
    assert sweep(home) == 0
    os.utime(directory, (1, 1))
    assert sweep(home) == 1
    assert not directory.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"app": 3}', "\0"])
def test_a_record_that_cannot_be_read_counts_as_none(home: Dirs, text: str) -> None:
    run = new_run(home)
    (run.directory / "run.json").write_text(text)
    assert read_record(run.directory) is None


def test_old_logs_go_and_new_ones_stay(home: Dirs) -> None:
    logs = home.state / "logs"
    for number in range(KEPT_LOGS + 5):
        (logs / f"20200101-{number:06}").mkdir(parents=True)
    run = new_run(home)
    kept = sorted(path.name for path in logs.iterdir())
    assert len(kept) == KEPT_LOGS
    assert run.logs.name in kept
    assert "20200101-000000" not in kept


def test_a_state_directory_that_cannot_be_made_is_an_explained_fault(home: Dirs) -> None:
    home.state.write_text("in the way")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        new_run(home)
