"""Ctrl+C at a prompt, in a real terminal, at the moment at which Python's own `input` loses it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

# The signal is taken by another thread while the main one waits for a key: as when it comes just before the wait begins.
PROGRAM = """
import os, signal, sys, threading
from tutor.cli.typed import confirmed, typed

def interrupt():
    with open(sys.argv[1]) as told:
        told.read()
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

if sys.argv[3] == "readline":
    import readline
handlers = signal.getsignal(signal.SIGURG)
threading.Thread(target=interrupt, daemon=True).start()
try:
    print("typed:", confirmed("here") if sys.argv[2] == "confirmed" else typed("here> "))
except BaseException as error:
    print("it was", type(error).__name__)
assert signal.getsignal(signal.SIGURG) == handlers and signal.set_wakeup_fd(-1) == -1
print("left:", threading.active_count() - 1, "threads,", len(os.listdir("/dev/fd")) - 4, "descriptors")
"""


def terminal(pipe: Path, call: str, editing: str) -> Terminal:
    os.mkfifo(pipe)
    return Terminal([sys.executable, "-c", PROGRAM, str(pipe), call, editing], {**os.environ, "TERM": "xterm-256color"})


@pytest.mark.parametrize("editing", ["plain", "readline"])
@pytest.mark.parametrize(
    ("call", "ended"), [("typed", "it was KeyboardInterrupt"), ("confirmed", "it was Abort")], ids=["line", "yes or no"]
)
def test_ctrl_c_counts_however_short_before_the_wait_it_comes(
    tmp_path: Path, call: str, ended: str, editing: str
) -> None:
    with terminal(tmp_path / "go", call, editing) as screen:
        screen.wait_for("here", 30)
        (tmp_path / "go").write_text("")
        screen.wait_for(ended, 10)
        screen.wait_for("left: 0 threads, 0 descriptors", 10)
        assert screen.wait_exit(10) == 0


def test_a_line_is_what_was_typed(tmp_path: Path) -> None:
    with terminal(tmp_path / "go", "typed", "plain") as screen:
        screen.wait_for("here> ".rstrip(), 30)
        screen.write("~30\r")
        screen.wait_for("typed: ~30", 10)
        screen.wait_for("left: 1 threads, 0 descriptors", 10)
        assert screen.wait_exit(10) == 0
