"""Values to rows and back, without loss: text keeps every character, times are UTC, grades are JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from labs.contract import Value
from tutor.errors import StoreError
from tutor.grading.types import Grade
from tutor.sessions.ports import Attempt, Draft, LabRecord, PredictionRecord
from tutor.text import decode, encode

Row = tuple[Any, ...]

SELECT_DRAFTS = "SELECT scenario, answer, seconds, at, follow_up_to FROM drafts"
INSERT_DRAFT = "INSERT INTO drafts (scenario, answer, seconds, at, follow_up_to) VALUES (?, ?, ?, ?, ?)"
OF_QUESTION = "WHERE scenario = ? AND coalesce(follow_up_to, 0) = coalesce(?, 0)"
"""The expression of the unique index of drafts."""

SELECT_ATTEMPTS = "SELECT id, scenario, answer, grade, at, seconds, follow_up_to, question, target, hints FROM attempts"
INSERT_ATTEMPT = """
INSERT INTO attempts (scenario, answer, grade, at, seconds, follow_up_to, question, target, hints,
                      score, honest, grader_name, grader_version)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

SELECT_LAB_RECORDS = """
SELECT id, lab, outcome, at, seconds, hints, predictions_right, predictions_made, evidence FROM lab_records
"""
INSERT_LAB_RECORD = """
INSERT INTO lab_records (lab, outcome, at, seconds, hints, predictions_right, predictions_made, evidence)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_PREDICTIONS = """
SELECT lab_record, question, predicted, observed, held
FROM predictions JOIN lab_records ON lab_records.id = lab_record
"""
INSERT_PREDICTION = """
INSERT INTO predictions (lab_record, position, question, predicted, observed, held) VALUES (?, ?, ?, ?, ?, ?)
"""


def stamp(at: datetime) -> str:
    """A time as stored: UTC, fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """A stored time."""
    return datetime.fromisoformat(text)


def draft_values(draft: Draft) -> Row:
    """For INSERT_DRAFT."""
    return (draft.scenario, encode(draft.text), draft.seconds, stamp(draft.at), draft.follow_up_to)


def draft(row: Row) -> Draft:
    """From SELECT_DRAFTS."""
    scenario, answer, seconds, at, follow_up_to = row
    return Draft(scenario, decode(answer), seconds, moment(at), follow_up_to)


def attempt_values(attempt: Attempt) -> Row:
    """For INSERT_ATTEMPT."""
    grade = attempt.grade
    return (
        attempt.scenario,
        encode(attempt.answer),
        to_json(grade),
        stamp(attempt.at),
        attempt.seconds,
        attempt.follow_up_to,
        encode(attempt.question),
        attempt.target,
        attempt.hints,
        grade.score,
        grade.honest,
        grade.grader.name,
        grade.grader.version,
    )


def attempt(row: Row) -> Attempt:
    """From SELECT_ATTEMPTS. Raises StoreError where its grade cannot be read."""
    id_, scenario, answer, grade, at, seconds, follow_up_to, question, target, hints = row
    return Attempt(
        id=id_,
        scenario=scenario,
        answer=decode(answer),
        grade=_grade(id_, grade),
        at=moment(at),
        seconds=seconds,
        follow_up_to=follow_up_to,
        question=decode(question),
        target=target,
        hints=hints,
    )


def with_id(attempt: Attempt, new: int) -> Attempt:
    """The same attempt, stored."""
    return msgspec.structs.replace(attempt, id=new)


def lab_record_values(record: LabRecord) -> Row:
    """For INSERT_LAB_RECORD."""
    return (
        record.lab,
        record.outcome,
        stamp(record.at),
        record.seconds,
        record.hints,
        record.predictions_right,
        record.predictions_made,
        encode(record.evidence),
    )


def lab_record(row: Row, predictions: Sequence[PredictionRecord]) -> LabRecord:
    """From SELECT_LAB_RECORDS."""
    _, lab, outcome, at, seconds, hints, right, made, evidence = row
    return LabRecord(lab, outcome, moment(at), seconds, hints, right, made, decode(evidence), tuple(predictions))


def prediction_values(lab_record: int, record: LabRecord) -> Iterator[Row]:
    """For INSERT_PREDICTION."""
    for position, made in enumerate(record.predictions):
        yield (lab_record, position, made.question, to_json(made.predicted), to_json(made.observed), made.right)


def grouped(found: Iterable[Row]) -> dict[int, list[PredictionRecord]]:
    """From SELECT_PREDICTIONS: the predictions of each lab record."""
    groups: dict[int, list[PredictionRecord]] = {}
    for lab_record, question, predicted, observed, held in found:
        prediction = PredictionRecord(question, _value(predicted), _value(observed), bool(held))
        groups.setdefault(lab_record, []).append(prediction)
    return groups


def to_json(value: object) -> str | bytes:
    """JSON as text, or as bytes of `encode` where it has halves of surrogate pairs (escapes would join two of them)."""
    text = json.dumps(msgspec.to_builtins(value), separators=(",", ":"), ensure_ascii=False)
    return text if text.isascii() or _is_unicode(text) else encode(text)


def from_json(stored: str | bytes) -> Any:
    """What `to_json` was given, as plain values."""
    return json.loads(decode(stored) if isinstance(stored, bytes) else stored)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _value(stored: str | bytes) -> Value:
    value: Value = msgspec.convert(from_json(stored), Value)
    return value


def _grade(attempt: int, stored: str | bytes) -> Grade:
    try:
        if isinstance(stored, str):
            return msgspec.json.decode(stored, type=Grade)
        return msgspec.convert(from_json(stored), Grade)
    except (ValueError, msgspec.ValidationError) as error:
        raise StoreError(
            "A stored grade cannot be read", f"Attempt {attempt}: {error}.", "kafka-tutor doctor"
        ) from error
