"""`kafka-tutor review` and `kafka-tutor stats`, as they are typed."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.test_study import ANSWER, FirstPoint, typed
from tests.unit.sessions.make import attempt
from tutor.cli import review_lines, study
from tutor.cli.main import main
from tutor.review.cards import NewCard
from tutor.store.bench import fill
from tutor.store.sqlite import SqliteStore

POINT, OTHER, BELIEF = "committed_offset_resume", "offsets_topic", "m_reset_always_applies"


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> FirstPoint:
    """Finds the first point in every answer, and holds the first belief."""
    made = FirstPoint()
    monkeypatch.setattr(study, "load_grader", lambda: made)
    monkeypatch.setattr(review_lines, "load_grader", lambda: made)
    return made


@pytest.fixture
def cards() -> None:
    with SqliteStore.open() as store:
        due = datetime.now(UTC) - timedelta(days=1)  # the command line has the machine's clock
        targets = ((POINT, "point"), (OTHER, "point"), (BELIEF, "misconception"))
        new = [NewCard(1, target, kind, due) for target, kind in targets]
        store.add_attempt(attempt(1), new)


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main([*arguments, "--json"]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    return json.loads(out)


def lines(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_nothing_due(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "due"]) == 0 and main(["review"]) == 0
    assert capsys.readouterr().out.count("0 to review today, 0 answered.") == 2
    assert as_json(capsys, "review")["due"] == []


def test_what_is_due(cards: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "due"]) == 0
    out = capsys.readouterr().out
    assert "   1  scenario 1   point" in out and "3 to review today" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    found = as_json(capsys, "review", "due", "--limit", "2")
    assert [due["target"] for due in found["due"]] == [POINT, OTHER] and found["ready"] == 3
    assert found["due"][0]["question"].startswith("The group has read this topic before") and found["limit"] == 20
    assert as_json(capsys, "review")["due"] == as_json(capsys, "review", "due")["due"]
    assert as_json(capsys, "scenarios")["next"]["kind"] == "review"


def test_an_answer_is_graded_recorded_and_comes_back_in_time(
    grader: FirstPoint, cards: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(ANSWER)
    found = as_json(capsys, "review", "answer", "1", str(file))
    assert (found["right"], found["status"], found["rating"], found["derived"]) == (True, "covered", 3, 3)
    assert found["evidence"] == [{"start": 0, "end": 9, "text": "The group"}]
    assert found["due"] == found["options"]["3"] and found["options"]["1"] < found["options"]["4"]
    with SqliteStore.open() as store:
        (kept,) = store.reviews()
        assert (kept.answer, kept.rating, kept.seconds) == (ANSWER, 3, None)
    assert as_json(capsys, "review")["done"] == 1


@pytest.mark.parametrize(
    ("card", "rating", "said", "kept"),
    [
        ("1", "auto", "+ Right.", 3),
        ("2", "auto", "- The point is not in your answer.", 1),
        ("2", "3", "[3 good", 3),
        ("3", "auto", "x You still hold it.", 1),
    ],
)
def test_for_people(
    grader: FirstPoint,
    cards: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    card: str,
    rating: str,
    said: str,
    kept: int,
) -> None:
    typed(monkeypatch, ANSWER.encode())
    assert main(["review", "answer", card, "-", "--rating", rating]) == 0
    out = capsys.readouterr().out
    assert said in out and all(len(line) <= 80 for line in out.splitlines())
    with SqliteStore.open() as store:
        assert [review.rating for review in store.reviews()] == [kept]


def test_undo(
    grader: FirstPoint, cards: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, ANSWER.encode())
    assert main(["review", "answer", "1", "-"]) == 0
    capsys.readouterr()
    assert as_json(capsys, "review", "undo") == {"review": 1, "card": 1, "rating": 3}
    assert as_json(capsys, "review")["ready"] == 3
    assert main(["review", "undo"]) == 2
    assert "no review to undo" in capsys.readouterr().err


def test_line_by_line(
    grader: FirstPoint, cards: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Card 1 with a hint and the derived rating; card 2 with one of the learner's own; card 3 is left half written."""
    lines(monkeypatch, f".\n?\n{ANSWER}\nIt waits.\n.\n7\n\n{ANSWER}\n.\n4\nbegun\nq\n")
    assert main(["review"]) == 0
    out = capsys.readouterr().out
    for said in (
        "[1/3]",
        "nothing to grade",
        "It is about cause",
        "+ Right.",
        "[2 hard",
        "[2/3]",
        "[3/3]",
        "2 to review today, 2 answered",
    ):
        assert said in out, said
    with SqliteStore.open() as store:
        first, second = store.reviews()
        assert (first.answer, first.rating, first.derived, first.hints) == (f"{ANSWER}\nIt waits.", 2, 2, 1)
        assert (second.rating, second.derived) == (4, 1) and second.seconds is not None
        draft = store.card_draft(3)
        assert draft is not None and draft.text == "begun"


def test_undo_line_by_line(
    grader: FirstPoint, cards: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines(monkeypatch, f"u\n{ANSWER}\n.\n3\nu\n.\n4\nq\n")
    assert main(["review", "--limit", "2"]) == 0
    out = capsys.readouterr().out
    assert "no review to undo" in out and "Taken back" in out and "Your draft: The group" in out and "[2/2]" in out
    with SqliteStore.open() as store:
        assert [review.rating for review in store.reviews()] == [4]


def test_the_end_of_the_input_keeps_what_was_typed(
    grader: FirstPoint, cards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines(monkeypatch, "half an answer\n")
    assert main(["review"]) == 0
    with SqliteStore.open() as store:
        draft = store.card_draft(1)
        assert draft is not None and draft.text == "half an answer" and not store.reviews()


def test_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "plan"]) == 0
    assert capsys.readouterr().out == "20 cards a day. Interview: none.\n"
    day = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    assert as_json(capsys, "review", "plan", "--limit", "7", "--interview", day) == {"limit": 7, "interview": day}
    assert as_json(capsys, "review", "plan") == {"limit": 7, "interview": day}
    assert main(["stats"]) == 0
    assert f"Interview on {day}" in capsys.readouterr().out
    assert as_json(capsys, "review", "plan", "--interview", "none") == {"limit": 7, "interview": None}


def test_a_card_that_was_set_aside_is_resumed(cards: None, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore.open() as store:
        store.suspend(1, suspended=True)
    assert main(["review", "due"]) == 0
    assert "1 set aside because they keep failing" in " ".join(capsys.readouterr().out.split())
    assert main(["review", "resume", "1"]) == 0
    capsys.readouterr()
    assert as_json(capsys, "review")["ready"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["review", "answer", "99", "-"], "no card 99"),
        (["review", "answer", "1", "no/such/file"], "No such file"),
        (["review", "answer", "0", "-"], "0 is not in the range"),
        (["review", "answer", "1", "-", "--rating", "5"], "'5' is not one of"),
        (["review", "resume", "99"], "no card 99"),
        (["review", "plan", "--interview", "soon"], "not a date"),
        (["review", "plan", "--interview", "2020-01-01"], "not ahead"),
        (["review", "plan", "--limit", "0"], "0 is not in the range"),
        (["review", "nothing"], "No such command"),
    ],
)
def test_bad_command_lines(
    grader: FirstPoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    typed(monkeypatch, ANSWER.encode())
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("data", "message"), [(b"", "nothing to grade"), (bytes(range(256)) * 4, "not text")])
def test_what_is_no_answer_changes_nothing(
    grader: FirstPoint,
    cards: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    data: bytes,
    message: str,
) -> None:
    typed(monkeypatch, data)
    assert main(["review", "answer", "1", "-", "--json"]) == 2
    caught = capsys.readouterr()
    assert message in caught.err and caught.out == ""
    with SqliteStore.open() as store:
        assert not store.reviews()


def test_with_the_real_grader(cards: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(
        "It resumes at its committed offset, which is already the log end, so there is nothing left to read."
    )
    assert as_json(capsys, "review", "answer", "1", str(file))["right"]
    file.write_text("0, because earliest always reads from the start.")
    found = as_json(capsys, "review", "answer", "3", str(file))
    assert (found["right"], found["status"], found["rating"]) == (False, "contradicted", 1)


def test_stats(capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore.open() as store:
        fill(store, 400, cards=100)
        store.add_attempt(attempt(1, dimensions={"cause": 2.0}))
        store.add_attempt(attempt(1, dimensions={"cause": 8.0}))
        assert store.database.rows("SELECT count(*) FROM reviews") == [(400,)]
    assert main(["stats"]) == 0
    out = capsys.readouterr().out
    assert "2 answers graded, 400 reviews" in out and "cause        2.0 ->  8.0  ################" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    found = as_json(capsys, "stats")
    assert found["reviews"] == 400 and found["cards"] == 100 and len(found["due"]) == 14
