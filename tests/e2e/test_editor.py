"""The learner's editor in a real terminal: it gets the terminal, and the app comes back, however it ends. No broker."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

APP = """
import sys
from pathlib import Path
from tests.ui.fakes import World
from tutor.ui.app import make_app
world = World()
world.attempt(5)
world.labs.prepare = lambda run: setattr(run, "workspace", Path(sys.argv[1]))
app = make_app(world.services, start="lab:5")
app.run()
sys.exit(app.return_code)
"""
EDITOR = """
import sys
if input("THE EDITOR IS HERE ") == "save":
    open(sys.argv[1], "w").write("fixed")
"""
LONG = 60.0
F4 = "\x1bOS"


def interrupt(screen: Terminal) -> None:
    """Ctrl+C reaches everything in the foreground: the app, and the editor that it waits for."""
    # The editor last: once it has ended, the app no longer takes an interrupt for the editor's.
    for process in [screen.process, *psutil.Process(screen.process.pid).children()]:
        process.send_signal(signal.SIGINT)


def test_the_editor_gets_the_terminal_and_gives_it_back(tmp_path: Path) -> None:
    editor, work = tmp_path / "ed.py", tmp_path / "work"
    work.mkdir()
    editor.write_text(EDITOR)
    (work / "consumer.py").write_text("broken")
    environ = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "VISUAL": f"{sys.executable} {editor}"}
    with Terminal([sys.executable, "-c", APP, str(work)], environ, 120, 40) as screen:
        screen.wait_for("[ predict ]", LONG)
        screen.wait_for("1. The same group", LONG)
        for keys in (("3", "0", "0"), ("enter",), ("down", "enter"), ("tab",), ("enter",), ("down", "enter")):
            screen.press(*keys)
            screen.settle()
        screen.press("f5")
        screen.wait_for("predictions were right", LONG)
        screen.press("enter")
        screen.wait_for("Watching: each save is verified", LONG)

        screen.write(F4)
        screen.wait_for("THE EDITOR IS HERE", LONG)
        interrupt(screen)
        screen.wait_for("ended with", LONG)
        screen.wait_for("in any editor", LONG)
        screen.press("enter")
        screen.wait_for(lambda text: "in any editor" not in text and "THE EDITOR" not in text, LONG)
        screen.settle()

        screen.write(F4)
        screen.wait_for("THE EDITOR IS HERE", LONG)
        screen.write("save\r")
        screen.wait_for("[ debrief ]", LONG)
        screen.press("ctrl+q")
        assert screen.wait_exit(LONG) == 0


@pytest.mark.parametrize(("options", "answer", "status"), [([], "n", 1), ([], "y", 0), (["--yes"], "", 0)])
def test_reset_asks_before_it_removes_what_a_crash_left(
    own_home: Path, options: list[str], answer: str, status: int
) -> None:
    work = own_home / "state" / "labs" / "02" / "work"
    work.mkdir(parents=True)
    (work / "consumer.py").write_text("hours of work")
    command = [sys.executable, "-m", "tutor", "lab", "reset", "2", *options]
    with Terminal(command, {**os.environ, "TERM": "xterm-256color"}, 150, 24) as screen:
        if answer:
            screen.wait_for("Remove them, with what you changed there? [y/N]", LONG)
            assert str(work) in screen.text
            screen.write(f"{answer}\r")
        assert screen.wait_exit(LONG) == status
    assert work.exists() == (status == 1)
