"""The learner's file on the command line, in a real terminal: edit, watch, solution, reset, and Ctrl+C in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labs import catalog, handouts
from labs.dirs import Dirs
from labs.session_file import lab_paths
from tests.e2e.terminal import Terminal
from tests.labs.lab_world import some_answer
from tests.labs.test_lab_cli import LONG, TUTOR, assert_nothing_left, enter, lab

pytestmark = pytest.mark.broker

PREDICTED = [
    part for question in catalog.info(2).questions for part in ("--predict", f"{question.id}={some_answer(question)}")
]


def prompt(screen: Terminal) -> None:
    """Wait until it asks for the next command."""
    screen.wait_for(lambda text: text.rstrip().endswith("lab 2>"), LONG)


def say(screen: Terminal, line: str, *expected: str) -> None:
    """Enter a line, wait for what it says, and for the prompt."""
    enter(screen, line)
    for text in expected:
        screen.wait_for(text, LONG)
    prompt(screen)


def test_from_the_file_with_the_fault_to_the_solution(kafka_dirs: Dirs, tmp_path: Path) -> None:
    file = lab_paths(kafka_dirs, 2).workspace / "consumer.py"
    editor = tmp_path / "ed.py"
    editor.write_text("import sys\nsys.exit('this editor fails')\n")
    environ = {**os.environ, "TERM": "xterm-256color", "VISUAL": f"{sys.executable} {editor}"}
    command = [*TUTOR, "run", "2", "--skip-lock", *PREDICTED]
    with Terminal(command, environ, columns=150, lines=60) as screen:
        screen.wait_for(f"Your file: {file}", LONG)
        prompt(screen)

        say(screen, "solution", "The reference solution is still closed")
        say(screen, "edit", "this editor fails", f"Open {file} in any editor")
        enter(screen, "reset")
        screen.wait_for("Reset the lab? [y/N]", LONG)
        say(screen, "n")

        busy = lab("reset", "2")
        assert (busy.returncode, f"process {screen.process.pid}" in busy.stderr) == (2, True)
        assert "Type `reset` in its prompt" in busy.stderr

        enter(screen, "verify")
        screen.wait_for("It is killed with SIGKILL at each of its", LONG)
        screen.process.send_signal(signal.SIGINT)
        screen.wait_for("Interrupted.", LONG)
        prompt(screen)

        enter(screen, "watch")
        screen.wait_for("2 of 3 checks are ok. Waiting for the next save", LONG)
        file.write_text(f"# mine\n{handouts.text(2, 'reference/consumer.py')}")
        screen.wait_for("Every check passes.", LONG)
        prompt(screen)
        assert lab("watch", "2").returncode == 0

        say(screen, "solution", "# mine", "≠")
        enter(screen, "quit")
        assert screen.wait_exit(LONG) == 0
        assert "crash points survived" in screen.text
    assert_nothing_left(kafka_dirs)
    assert not file.parent.exists()
    evidence = subprocess.run([*TUTOR, "evidence", "2"], capture_output=True, text=True, check=True).stdout
    assert "## Your consumer.py, as it was checked\n\n```python\n# mine" in evidence
    assert "| crash points survived, % | 87.5 | 100 |" in evidence
    assert lab("watch", "2").returncode == 2
