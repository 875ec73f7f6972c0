"""A line of an answer that was never sent, in a real terminal: it is in the draft, whatever the program dies of."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tutor.store.sqlite import SqliteStore

MOCK = ["mock", "--minutes", "5", "--level", "junior"]
STUDY = ["study", "4", "--plain"]
LONG = "A consumer that was paused for too long is out of the group. " * 80
"""More than the 4,095 characters that a terminal itself takes in a line."""


def mock_draft(home: Path) -> str:
    with SqliteStore.open(home / "data" / "tutor.db") as store:
        return "".join(draft.text for mock in store.open_mocks() for draft in store.mock_drafts(mock))


def study_draft(home: Path) -> str:
    with SqliteStore.open(home / "data" / "tutor.db") as store:
        draft = store.draft(4)
        return draft.text if draft else ""


def at_the_prompt(screen: str) -> bool:
    return screen.rstrip().endswith(">")


def terminal(arguments: Sequence[str]) -> Terminal:
    env = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return Terminal([sys.executable, "-m", "tutor", *arguments], env, 100, 40)


@pytest.mark.parametrize(("arguments", "draft"), [(MOCK, mock_draft), (STUDY, study_draft)], ids=["mock", "study"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGINT])
def test_what_was_not_sent_yet_is_kept(
    own_home: Path, arguments: list[str], draft: Callable[[Path], str], number: signal.Signals
) -> None:
    with terminal(arguments) as shown:
        shown.wait_for(at_the_prompt, 60)
        shown.write("the first line\r")
        shown.write("half a sen")
        shown.wait_for(lambda _: draft(own_home) == "the first line\nhalf a sen")
        os.kill(shown.process.pid, number)
        shown.wait_exit()
    assert draft(own_home) == "the first line\nhalf a sen"


def test_a_command_is_no_part_of_the_answer_and_a_long_line_is_whole(own_home: Path) -> None:
    with terminal(STUDY) as shown:
        shown.wait_for(at_the_prompt, 60)
        shown.write(LONG + "\r")
        shown.wait_for(lambda _: study_draft(own_home) == LONG)
        shown.write("q\r")
        shown.wait_exit()
    assert study_draft(own_home) == LONG
