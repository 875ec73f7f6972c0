"""`kafka-tutor mock`, as it is typed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.unit.cli.test_study import FirstPoint
from tutor.cli import mock_lines
from tutor.cli.main import main
from tutor.store.sqlite import SqliteStore

SHORT = ["mock", "--minutes", "5", "--level", "junior"]
"""One question with one follow-up."""


@pytest.fixture(autouse=True)
def grader(monkeypatch: pytest.MonkeyPatch) -> FirstPoint:
    """Finds the first point in every answer, and holds the first belief."""
    made = FirstPoint()
    monkeypatch.setattr(mock_lines, "load_grader", lambda: made)
    return made


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_whole_interview_line_by_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(
        monkeypatch, "the first line", ".t", "the second", ".p", "", ".", "to the follow-up", ".", "11", "x", "7", "n"
    )
    assert main(SHORT) == 0
    out = capsys.readouterr().out
    for part in (
        "Mock interview 1 · junior · 5 minutes: one follow-up",
        "You have never answered it.",
        "No grade is shown before the debrief.",
        "[Question 1 of 1]",
        "0 s of 5 min; this question: 0 s of 5 min",
        "Paused; the clock stands still.",
        "Follow-up:",
        "Type a whole number from 0 to 10.",
        "# Mock interview 1 · junior · 5 minutes",
        "> the first line  \n> the second\n",
        "Later: kafka-tutor mock --redo 1",
    ):
        assert part in out, part
    before, after = out.split("# Mock interview 1")
    assert "Score" not in before and "covered" not in before and "said (must)" in after
    assert [line for line in before.splitlines() if len(line) > 80 and "whole number" not in line] == []


def test_it_is_kept_and_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, "half an", "answer")  # the input ends here
    assert main(SHORT) == 0
    assert "Go on with: kafka-tutor mock --resume" in capsys.readouterr().out
    assert main(["mock", "list"]) == 0
    assert "You are at question 1 of 1, with a draft of 3 words." in capsys.readouterr().out
    assert main(SHORT) == 2
    assert "unfinished mock interview" in capsys.readouterr().err
    assert main(["scenarios", "--json"]) == 0
    step = json.loads(capsys.readouterr().out)["next"]
    assert (step["kind"], step["action"]) == ("mock", "Go on with your mock interview (junior, 5 min)")
    typed(monkeypatch, "and more", ".", ".q")
    assert main(["mock", "--resume"]) == 0
    assert "Your draft: half an answer" in capsys.readouterr().out
    with SqliteStore.open() as store:
        found = store.mock(1)
        assert found is not None and [answer.text for answer in found.answers] == ["half an\nanswer\nand more"]
    typed(monkeypatch, "begun", ".e")
    assert main(["mock", "--resume"]) == 0
    assert "how good were your answers" in capsys.readouterr().out
    typed(monkeypatch, "3")
    assert main(["mock", "--resume", "--json"]) == 0
    captured = capsys.readouterr()
    whole = json.loads(captured.out)
    assert whole["closed_early"] and whole["questions"][0]["unsent"] == ["begun"]
    assert "how good were your answers" in captured.err and "[Question" not in captured.err


def test_json_alone_on_standard_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, "a", ".")
    assert main([*SHORT, "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["unfinished"]["stage"] == "asking" and "[Question 1 of 1]" in captured.err
    typed(monkeypatch, "b", ".", "10")
    assert main(["mock", "--resume", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.isascii() and json.loads(out)["summary"]["self_score"] == 10.0
    assert main(["stats", "--json"]) == 0
    (mark,) = json.loads(capsys.readouterr().out)["mocks"]
    assert mark["difference"] == mark["score"] - 10
    assert main(["stats"]) == 0 and "Grade minus your own mark" in capsys.readouterr().out


def test_reports_and_the_second_try(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, "<b>", ".", "c", ".", "5", "y", "better", ".")
    assert main(SHORT) == 0
    assert "Question 1 again:" in capsys.readouterr().out
    seen = {}
    for form in ("md", "html", "json"):
        assert main(["mock", "--report", "1", "--format", form]) == 0
        seen[form] = capsys.readouterr().out
    assert "> better" in seen["md"] and "<blockquote>better</blockquote>" in seen["html"]
    assert (
        "<blockquote>&lt;b&gt;</blockquote>" in seen["html"] and json.loads(seen["json"])["redo"]["answer"] == "better"
    )
    assert main(["mock", "--redo", "1"]) == 2
    assert "no second try" in capsys.readouterr().err
    assert main(["mock", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (len(found["mocks"]), found["unfinished"], found["damaged"]) == (1, None, [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--level", "boss"], "'boss' is not one of"),
        (["--minutes", "abc"], "not a valid integer"),
        (["--minutes", "0"], "not in the range"),
        (["--minutes", "100000"], "not in the range"),
        (["--minutes", "12.5"], "not a valid integer"),
        (["--report", "7"], "There is no mock interview 7"),
        (["--report", "0"], "not in the range"),
        (["--report", "1", "--format", "pdf"], "'pdf' is not one of"),
        (["--redo", "7"], "There is no mock interview 7"),
        (["--resume"], "no unfinished mock interview"),
        (["--resume", "--report", "1"], "Only one of"),
        (["discard", "--yes"], "no unfinished mock interview"),
    ],
)
def test_bad_command_lines(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["mock", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_damaged_one_is_said_and_can_be_given_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    typed(monkeypatch, ".q")
    assert main(SHORT) == 0
    with SqliteStore.open() as store, store.database.write() as connection:
        connection.execute("UPDATE mock_questions SET reasons = '7'")
    for arguments in (["--resume"], ["--report", "1"]):
        assert main(["mock", *arguments]) == 2
        assert "Mock interview 1 cannot be read" in capsys.readouterr().err
    assert main(["mock", "list"]) == 0
    assert "1 · damaged" in capsys.readouterr().out
    assert main(["mock", "discard"]) == 2  # nobody to ask
    assert main(["mock", "discard", "--yes"]) == 0
    typed(monkeypatch, ".q")
    assert main(SHORT) == 0
