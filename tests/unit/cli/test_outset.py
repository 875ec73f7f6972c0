"""`kafka-tutor next`, `placement` and `tour`, as they are typed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.unit.cli.test_study import ANSWER, FirstPoint, typed
from tests.unit.sessions.make import START, attempt
from tutor.cli import study
from tutor.cli.main import main
from tutor.review.cards import NewCard
from tutor.sessions.ports import Draft
from tutor.store.sqlite import SqliteStore


@pytest.fixture(autouse=True)
def grader(monkeypatch: pytest.MonkeyPatch) -> FirstPoint:
    made = FirstPoint()
    monkeypatch.setattr(study, "load_grader", lambda: made)
    return made


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_next_says_what_why_and_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Next: Answer scenario 1") and out.endswith("$ kafka-tutor study 1\n") and "track" in out
    assert as_json(capsys, "next")["command"] == "kafka-tutor study 1"
    with SqliteStore.open() as store:
        made = store.add_attempt(attempt(1))
    assert as_json(capsys, "next")["command"] == "kafka-tutor lab run 1"
    with SqliteStore.open() as store:
        store.save_draft(Draft(1, "because", 1.0, START, made.id))
    assert as_json(capsys, "next")["command"] == "kafka-tutor"
    with SqliteStore.open() as store:
        store.add_attempt(attempt(1), (NewCard(1, "offsets_topic", "point"),))
    assert as_json(capsys, "next")["command"] == "kafka-tutor review"


def test_a_placement_round_line_by_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ANSWER}\n.\ns\nsome words\nq\n"))
    assert main(["placement"]) == 0
    out = capsys.readouterr().out
    assert "[1/10] Consumer is running" in out and "At which offset does it start" in out
    assert "1  known" in out and "2  skipped" in out and "3  open" in out and "1 known, 8 to be asked" in out
    monkeypatch.setattr(sys, "stdin", io.StringIO(".\n"))
    assert main(["placement"]) == 0
    out = capsys.readouterr().out
    assert "[1/8]" in out and "Your draft: some words" in out and "3  known" in out
    found = as_json(capsys, "placement")
    assert (found["known"], found["left"]) == (2, 7) and found["questions"][0]["verdict"]["right"] is True


def test_a_placement_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, ANSWER.encode())
    found = as_json(capsys, "placement", "answer", "1", "-")
    assert (found["scenario"], found["state"]) == (1, "known")
    assert as_json(capsys, "placement", "skip", "rebalance-storm")["state"] == "skipped"
    assert as_json(capsys, "scenarios")["next"]["scenario"] == 2
    typed(monkeypatch, ANSWER.encode())
    assert main(["placement", "answer", "1", "-"]) == 2
    assert "placement again" in capsys.readouterr().err
    assert main(["placement", "again"]) == 2  # nobody to ask
    assert main(["placement", "again", "--yes"]) == 0
    assert as_json(capsys, "placement")["left"] == 10
    assert main(["placement", "skip", "99"]) == 2 and main(["placement", "answer", "1", str(tmp_path)]) == 2


def test_the_tour_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tour"]) == 0 and main(["tour", "--plain"]) == 0
    out = capsys.readouterr().out
    assert "Answer as in an interview" in out and max(map(len, out.splitlines())) <= 80
    assert len(as_json(capsys, "tour")["pages"]) == 4
