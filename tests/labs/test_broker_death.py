"""However the app ends: no process, no port, no directory."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from labs.broker.embedded import EmbeddedProvider
from labs.broker.runs import stale_runs
from labs.dirs import Dirs
from tests.labs.witness import app, eventually, is_gone

pytestmark = pytest.mark.broker


def test_kill_9_of_the_app_leaves_nothing(kafka_home: Path) -> None:
    with app() as (process, footprint):
        process.send_signal(signal.SIGKILL)
        footprint.wait_gone()


def test_kill_9_of_an_app_with_three_nodes_leaves_nothing(kafka_home: Path) -> None:
    with app(3) as (process, footprint):
        assert len(footprint.javas) == 3
        process.send_signal(signal.SIGKILL)
        footprint.wait_gone()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_other_signals_to_the_app_leave_nothing(kafka_home: Path, number: signal.Signals) -> None:
    with app() as (process, footprint):
        process.send_signal(number)
        footprint.wait_gone()


def test_an_orderly_end_leaves_nothing_but_logs(kafka_home: Path, kafka_dirs: Dirs) -> None:
    with app() as (process, footprint):
        process.communicate()
        assert process.returncode == 0
        footprint.wait_gone()
    (log,) = (kafka_dirs.state / "logs").glob("*/node-1.log")
    assert "Kafka Server started" in log.read_text()


def test_kill_9_of_the_supervisor_ends_the_broker_and_the_app_knows_why(kafka_home: Path) -> None:
    with app() as (process, footprint):
        assert process.stdin
        assert process.stdout
        os.kill(footprint.supervisor, signal.SIGKILL)
        footprint.wait_gone()

        def told() -> bool:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            answer = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return answer is not None and "killed" in answer

        eventually(told, "the app notices")


def test_kill_9_of_app_and_supervisor_at_once_leaves_no_process_and_the_next_start_sweeps(
    kafka_home: Path, kafka_dirs: Dirs
) -> None:
    with app() as (process, footprint):
        os.kill(process.pid, signal.SIGSTOP)  # it must not tidy up between the two kills
        os.kill(footprint.supervisor, signal.SIGKILL)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if sys.platform == "linux":
            footprint.wait_processes_gone()
        assert stale_runs(kafka_dirs) == [footprint.directory]

        EmbeddedProvider(kafka_dirs).prepare()

        footprint.wait_gone()


def test_a_broker_that_is_killed_is_noticed_and_explained(kafka_home: Path) -> None:
    with app() as (process, footprint):
        assert process.stdin
        assert process.stdout
        os.kill(footprint.javas[0], signal.SIGKILL)
        eventually(lambda: is_gone(footprint.javas[0]), "broker gone")
        said: list[str | None] = []

        def told() -> bool:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            said.append(json.loads(process.stdout.readline()))  # type: ignore[union-attr]
            return said[-1] is not None

        eventually(told, "the app notices")
        assert "SIGKILL" in str(said[-1])
        assert "node-1.log" in str(said[-1])
        process.communicate()
        footprint.wait_gone()


def test_a_forked_child_that_holds_the_pipe_does_not_keep_the_broker_alive(kafka_home: Path) -> None:
    """End of file never comes while a child forked by the app has its end of the pipe too."""
    with app(fork=True) as (process, footprint):
        try:
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert not is_gone(footprint.forked)
            footprint.wait_gone()
        finally:
            os.kill(footprint.forked, signal.SIGKILL)
