"""Verdicts of learners as data for training."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from tests.unit.sessions.make import START, grade, scenario
from tutor.cli.main import main
from tutor.grading.corpus import Statement, read
from tutor.grading.types import MisconceptionResult, Span
from tutor.scenarios.packs import find, load_all
from tutor.sessions.consent import given, keep, withdraw
from tutor.sessions.labels import labels
from tutor.sessions.ports import Attempt, Overrule
from tutor.store.sqlite import SqliteStore

ANSWER = "The group\nresumes there. Half \ud83d of it."


def test_each_verdict_is_a_row_with_the_words_it_is_about(tmp_path: Path) -> None:
    made = grade(
        4.0,
        statuses={"resume": "covered", "describe": "missed"},
        spans={"resume": (Span(0, 24),)},
        held=(MisconceptionResult("m_always", (Span(0, 9),), 0.7),),
    )
    with SqliteStore.open(tmp_path / "data.db") as store:
        attempt = store.add_attempt(Attempt(0, 1, ANSWER, made, START, 1.0))
        for target, held in (("resume", False), ("describe", True), ("m_always", True), ("gone", True)):
            store.overrule(Overrule(attempt.id, target, held, START))
        store.add_attempt(Attempt(0, 99, ANSWER, made, START, 1.0))
        rows = {row.point: row for row in labels(store, {1: scenario()})}
    assert set(rows) == {"resume", "describe", "m_always"}
    assert (rows["resume"].label, rows["resume"].text) == ("mention", "The group resumes there.")
    assert (rows["resume"].graded, rows["resume"].grader) == ("covered", "model abc123")
    assert (rows["describe"].label, rows["describe"].text) == ("assert", " ".join(ANSWER.split()))
    assert (rows["m_always"].label, rows["m_always"].graded) == ("assert", "suspected")


def test_the_command_writes_what_training_reads(tmp_path: Path) -> None:
    pack = find(load_all(), "1")
    target = pack.scenario.points[0].id
    with SqliteStore.open() as store:
        attempt = store.add_attempt(Attempt(0, 1, ANSWER, grade(4.0), START, 1.0))
        store.overrule(Overrule(attempt.id, target, True, START))
    data = tmp_path / "data"
    (data / "statements").mkdir(parents=True)
    (data / "passages").mkdir()
    (data / "fillers.txt").write_text("Well.\n", encoding="utf-8")
    (data / "notes.txt").write_text("", encoding="utf-8")
    (data / "dev_answers.jsonl").write_text("", encoding="utf-8")
    file = data / "statements" / "mine.jsonl"
    assert main(["export-labels", str(file)]) == 0
    row = msgspec.json.decode(file.read_bytes().replace(rb"\ud83d", b"?"), type=Statement)
    assert (row.point, row.label, row.style) == (target, "assert", "learner")
    file.write_bytes(file.read_bytes().replace(rb"\ud83d", b"?"))
    assert read(data).texts[1][0].asserts == {target}
    assert json.loads(file.read_text())["grader"] == "model abc123"


def test_labels_that_cannot_be_written_are_a_fault_with_a_next_step(tmp_path: Path) -> None:
    assert main(["export-labels", str(tmp_path / "no" / "such" / "folder" / "x.jsonl")]) == 2


def test_consent_is_for_one_host_and_can_be_withdrawn(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "data.db") as store:
        assert not given(store, "one.example")
        keep(store, "one.example")
        assert given(store, "one.example") and not given(store, "two.example")
        withdraw(store, "one.example")
        assert not given(store, "one.example")
