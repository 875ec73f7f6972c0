"""`kafka-tutor study N --plain`: nothing but lines, and nothing typed is lost."""

from __future__ import annotations

import io
import sys

import pytest

from tests.unit.cli.test_study import ANSWER, FirstPoint
from tutor.cli import study_lines
from tutor.cli.main import main
from tutor.store.sqlite import SqliteStore


@pytest.fixture(autouse=True)
def grader(monkeypatch: pytest.MonkeyPatch) -> FirstPoint:
    """Finds the first point in every answer, and holds the first belief."""
    made = FirstPoint()
    monkeypatch.setattr(study_lines, "load_grader", lambda: made)
    return made


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_from_the_question_to_the_follow_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, ".", ANSWER, ".", "x", "m", "f", "It is kept in a topic of its own.", ".", "")
    assert main(["study", "1", "--plain"]) == 0
    out = capsys.readouterr().out
    in_order = ("Scenario 1:", "An interview gives", "Score 6.5", "Follow-up question", "Lab: Your answer opened it.")
    places = [out.index(said) for said in in_order]
    assert places == sorted(places) and out.count("Score ") == 2
    assert "kafka-tutor lab run 1" in out and "\x1b" not in out
    with SqliteStore.open() as store:
        first, second = store.attempts(1)
        assert (first.answer, second.answer) == (ANSWER, "It is kept in a topic of its own.")
        assert second.follow_up_to == first.id and not store.drafts()


def test_the_end_of_the_input_keeps_a_draft_that_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "The group resumes", "at its offset.")
    assert main(["study", "1", "--plain"]) == 0
    assert "What you wrote is kept." in capsys.readouterr().out
    typed(monkeypatch, "And waits.", ".", "")
    assert main(["study", "1", "--plain"]) == 0
    assert "Your draft:\n  The group resumes at its offset." in capsys.readouterr().out
    with SqliteStore.open() as store:
        assert [row.answer for row in store.attempts(1)] == ["The group resumes\nat its offset.\nAnd waits."]


def test_every_line_is_on_disk_before_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """As a SIGKILL: nothing is caught."""

    def readline() -> str:
        if lines:
            return lines.pop(0)
        raise Killed

    lines = ["The first line.\n", "The second.\n"]
    monkeypatch.setattr(sys.stdin, "readline", readline, raising=False)
    with pytest.raises(Killed):
        main(["study", "1", "--plain"])
    with SqliteStore.open() as store:
        assert store.draft(1).text == "The first line.\nThe second."  # type: ignore[union-attr]


def test_plain_beside_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "1", "--plain", "--json"]) == 2
    assert "line by line" in capsys.readouterr().err
