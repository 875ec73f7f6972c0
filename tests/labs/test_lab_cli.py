"""Labs on the command line, in a real terminal: every step, every interruption, and nothing left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from labs.catalog import info
from labs.dirs import Dirs
from labs.session_file import lab_paths, read_session
from tests.e2e.terminal import Terminal
from tests.labs.witness import eventually, is_gone

pytestmark = pytest.mark.broker

TUTOR = [sys.executable, "-m", "tutor", "lab"]
ANSWERS = {
    "same-group": "0",
    "new-earliest": "300",
    "new-latest": "0",
    "new-latest-later": "~30",
    "out-of-range": "b",
    "reset-active": "c",
}
PREDICTED = [part for name, value in ANSWERS.items() for part in ("--predict", f"{name}={value}")]
RUN = [*TUTOR, "run", "1", "--skip-lock"]
FIX = "kafka-consumer-groups --group $GROUP --topic $TOPIC --reset-offsets --to-earliest --execute"
LONG = 120.0


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process that was started with this home in its command line."""
    running = psutil.process_iter(["cmdline"])
    return [process for process in running if any(str(home) in part for part in process.info["cmdline"] or [])]


def assert_nothing_left(home: Dirs) -> None:
    eventually(lambda: not processes_of(home.state.parent), "no process of this home is left")
    assert not lab_paths(home, 1).home.exists()
    runs = home.state / "runs"
    eventually(lambda: not runs.exists() or not list(runs.iterdir()), "no data of a broker is left")


@contextmanager
def terminal(*more: str) -> Iterator[Terminal]:
    """`lab run 1` in a terminal."""
    with Terminal([*RUN, *more], {**os.environ, "TERM": "xterm-256color"}, columns=110, lines=50) as screen:
        yield screen


def lab(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TUTOR, *arguments], input=stdin, capture_output=True, text=True, timeout=LONG, check=False)


def prompt(screen: Terminal) -> None:
    """Wait until it asks for the next command."""
    screen.wait_for(lambda text: text.rstrip().endswith("lab 1>"), LONG)


def enter(screen: Terminal, line: str) -> None:
    screen.write(f"{line}\r")


@pytest.mark.long
def test_from_the_first_prediction_to_verified_seen_from_elsewhere(kafka_dirs: Dirs) -> None:
    with terminal() as screen:
        for number, question in enumerate(info(1).questions, start=1):
            screen.wait_for(f"{number}/6", LONG)
            if number == 1:
                enter(screen, "lots")
                screen.wait_for("`lots` is not a number", LONG)
            enter(screen, ANSWERS[question.id])
        prompt(screen)
        assert "refused: UnknownMemberIdError | right" in screen.text
        elsewhere = lab("verify", "1", "--json")
        assert elsewhere.returncode == 1
        assert [check["ok"] for check in json.loads(elsewhere.stdout)["checks"]] == [True, True, False]
        second = lab("run", "1", "--skip-lock", *PREDICTED)
        assert second.returncode == 2
        assert f"process {screen.process.pid}" in second.stderr
        enter(screen, FIX)
        screen.wait_for("NEW-OFFSET", LONG)
        prompt(screen)
        assert lab("verify", "1").returncode == 0
        enter(screen, "verify")
        screen.wait_for("ok       $GROUP reads all 300 records again", LONG)
        prompt(screen)
        enter(screen, "quit")
        assert screen.wait_exit(LONG) == 0
    assert_nothing_left(kafka_dirs)
    kept = json.loads(lab("evidence", "1", "--format", "json").stdout)
    assert (kept["outcome"], len(kept["comparisons"]), kept["lab"]) == ("verified", 6, 1)
    assert "## Predicted and observed" in lab("evidence", "1").stdout
    assert lab("verify", "1").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ([], "1/6"),
        (PREDICTED, "Starting Kafka"),
        (PREDICTED, "300 payments are written"),
        (PREDICTED, "A new group starts with"),
        (PREDICTED, "lab 1>"),
    ],
    ids=["prediction", "broker", "arrange", "symptom", "prompt"],
)
def test_ctrl_c_at_every_step_cleans_up(kafka_dirs: Dirs, arguments: list[str], shown: str) -> None:
    with terminal(*arguments) as screen:
        screen.wait_for(shown, LONG)
        screen.process.send_signal(signal.SIGINT)
        assert screen.wait_exit(LONG) == 130
        assert "Traceback" not in screen.text
    assert_nothing_left(kafka_dirs)


def test_ctrl_c_ends_a_tool_first_and_then_the_lab(kafka_dirs: Dirs) -> None:
    with terminal(*PREDICTED) as screen:
        prompt(screen)
        enter(screen, "kafka-console-consumer --topic $TOPIC --from-beginning")
        screen.wait_for(lambda text: "-099" in text, LONG)
        screen.process.send_signal(signal.SIGINT)
        screen.wait_for("Interrupted.", LONG)
        prompt(screen)
        screen.process.send_signal(signal.SIGINT)
        assert screen.wait_exit(LONG) == 130
    assert_nothing_left(kafka_dirs)


def test_a_broker_that_dies_is_explained_and_a_reset_gets_another(kafka_dirs: Dirs) -> None:
    with terminal(*PREDICTED) as screen:
        prompt(screen)
        session = read_session(lab_paths(kafka_dirs, 1))
        assert session is not None
        (node,) = session.nodes
        assert node.pid is not None
        os.kill(node.pid, signal.SIGKILL)
        eventually(lambda: is_gone(node.pid or 0), "the broker is gone")
        enter(screen, "verify")
        screen.wait_for("Kafka stopped in the middle of the lab", LONG)
        prompt(screen)
        enter(screen, "reset")
        screen.wait_for("Reset the lab? [y/N]", LONG)
        enter(screen, "y")
        screen.wait_for(lambda text: text.count("payments are written") and text.rstrip().endswith("lab 1>"), LONG)
        enter(screen, "verify")
        screen.wait_for("not yet  $GROUP reads all 300 records again", LONG)
        prompt(screen)
        enter(screen, "quit")
        assert screen.wait_exit(LONG) == 1
    assert_nothing_left(kafka_dirs)


def test_a_killed_run_leaves_no_process_and_the_next_start_begins_anew(kafka_dirs: Dirs) -> None:
    with terminal(*PREDICTED) as screen:
        prompt(screen)
        screen.process.kill()
        screen.process.wait()
    eventually(lambda: not processes_of(kafka_dirs.state.parent), "no process is left")
    assert lab("verify", "1").returncode == 2
    assert lab_paths(kafka_dirs, 1).home.exists()
    assert "ready" in lab("reset", "1").stdout  # nobody can be asked here
    assert not lab_paths(kafka_dirs, 1).home.exists()
    assert "Nothing to clean" in lab("clean").stdout


@pytest.mark.long
def test_a_program_drives_it_by_standard_input(kafka_dirs: Dirs) -> None:
    done = lab("run", "1", "--skip-lock", "--json", *PREDICTED, stdin=f"kafka-nonsense\n{FIX}\n")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["outcome"] == "verified"
    assert [row["right"] for row in document["comparisons"]] == [True] * 6
    assert all(check["ok"] for check in document["checks"])
    assert "kafka-nonsense" in done.stderr
    assert_nothing_left(kafka_dirs)


@pytest.mark.long
def test_a_program_that_mends_nothing_gets_status_1(kafka_dirs: Dirs) -> None:
    done = lab("run", "1", "--skip-lock", "--json", *PREDICTED)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["outcome"] == "stopped"
    assert_nothing_left(kafka_dirs)
