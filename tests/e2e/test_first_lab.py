"""The whole path in a real terminal, on a real broker: a question answered, graded, its lab unlocked, run, fixed, verified."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from labs.dirs import HOME_VARIABLE
from tests.e2e.steps import FIX, LONG, answer_the_question, predict
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.broker, pytest.mark.timeout(420)]


@pytest.fixture
def environment(kafka_home: Path) -> dict[str, str]:
    """A terminal's environment with a home of its own; jars and start-up cache are shared between tests."""
    return {**os.environ, HOME_VARIABLE: str(kafka_home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.fixture(params=[(80, 24), pytest.param((120, 40), marks=pytest.mark.long)], ids=["80x24", "120x40"])
def terminal(request: pytest.FixtureRequest, environment: dict[str, str]) -> Iterator[Terminal]:
    columns, lines = request.param
    with Terminal([sys.executable, "-m", "tutor"], environment, columns, lines) as opened:
        yield opened


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_from_home_to_a_verified_lab(terminal: Terminal, own_home: Path) -> None:
    answer_the_question(terminal)
    predict(terminal)
    terminal.wait_for("predicted", LONG)
    started = descendants(terminal.process.pid)
    terminal.press("f5")
    terminal.wait_for("[ fix ]", LONG)
    terminal.write(FIX)
    terminal.wait_for("--execute", LONG)
    terminal.press("enter")
    terminal.wait_for("NEW-OFFSET", LONG)
    terminal.press("f5")
    terminal.wait_for("[ debrief ]", LONG)
    terminal.wait_for("Verified", LONG)
    terminal.press("ctrl+q")
    assert terminal.wait_exit(60) == 0
    _, alive = psutil.wait_procs(started, timeout=20)
    assert not alive
    assert not list((own_home / "state" / "runs").glob("*/"))


def test_a_draft_survives_a_kill(environment: dict[str, str]) -> None:
    with Terminal([sys.executable, "-m", "tutor", "study", "4"], environment) as first:
        first.wait_for("Hand in", LONG)
        first.paste("The poll loop takes longer than max.poll.interval.ms")
        first.wait_for("draft saved", LONG)
        first.process.kill()
        first.process.wait()
    with Terminal([sys.executable, "-m", "tutor", "study", "4"], environment) as second:
        second.wait_for("max.poll.interval.ms", LONG)
