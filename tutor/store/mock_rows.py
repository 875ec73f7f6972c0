"""Mock interviews to rows and back, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tutor.errors import StoreError
from tutor.grading.types import Grade
from tutor.mocks.values import Answer, Assessment, Chosen, Mock, MockDraft
from tutor.store.rows import Row, from_json, moment, stamp, to_json
from tutor.text import decode, encode

SELECT_MOCK = "SELECT id, level, minutes, started FROM mocks WHERE id = ?"
SELECT_QUESTIONS = "SELECT position, scenario, minutes, reasons FROM mock_questions WHERE mock = ? ORDER BY position"
SELECT_ANSWERS = """
SELECT position, turn, question, answer, grade, at, seconds, target, redo FROM mock_answers WHERE mock = ? ORDER BY id
"""
SELECT_ASSESSMENTS = "SELECT position, score, at FROM mock_assessments WHERE mock = ? ORDER BY position"
SELECT_MARKS = "SELECT mark, at FROM mock_marks WHERE mock = ? ORDER BY at, mark"
SELECT_DRAFTS = "SELECT mock, position, turn, redo, answer, seconds, at FROM mock_drafts WHERE mock = ? ORDER BY at DESC, rowid DESC"
INSERT_MOCK = "INSERT INTO mocks (level, minutes, started) VALUES (?, ?, ?)"
INSERT_QUESTION = "INSERT INTO mock_questions (mock, position, scenario, minutes, reasons) VALUES (?, ?, ?, ?, ?)"
INSERT_ANSWER = """
INSERT INTO mock_answers (mock, position, turn, redo, target, question, answer, grade, score, at, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_ASSESSMENT = "INSERT INTO mock_assessments (mock, position, score, at) VALUES (?, ?, ?, ?)"
INSERT_MARK = "INSERT INTO mock_marks (mock, mark, at) VALUES (?, ?, ?)"
SAVE_DRAFT = (
    "INSERT OR REPLACE INTO mock_drafts (mock, position, turn, redo, answer, seconds, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
DROP_DRAFT = "DELETE FROM mock_drafts WHERE mock = ? AND position = ? AND turn = ? AND redo = ?"
ANSWERED = "SELECT 1 FROM mock_answers WHERE mock = ? AND position = ? AND turn = ? AND redo = ?"
OPEN = """
SELECT id FROM mocks WHERE id NOT IN (SELECT mock FROM mock_marks WHERE mark IN ('debriefed', 'abandoned'))
ORDER BY id DESC
"""
"""Those that can be gone on with, the latest first."""


def question_values(mock: int, question: Chosen) -> Row:
    """For INSERT_QUESTION."""
    return (mock, question.position, question.scenario, question.minutes, to_json(question.reasons))


def answer_values(mock: int, answer: Answer) -> Row:
    """For INSERT_ANSWER."""
    return (
        mock,
        answer.position,
        answer.turn,
        answer.redo,
        answer.target,
        encode(answer.question),
        encode(answer.text),
        to_json(answer.grade),
        answer.grade.score,
        stamp(answer.at),
        answer.seconds,
    )


def draft_values(draft: MockDraft) -> Row:
    """For SAVE_DRAFT."""
    text = encode(draft.text)
    return (draft.mock, draft.position, draft.turn, draft.redo, text, draft.seconds, stamp(draft.at))


def mock(
    row: Row, questions: Sequence[Row], answers: Sequence[Row], assessments: Sequence[Row], marks: Sequence[Row]
) -> Mock:
    """From the five SELECTs. Raises StoreError where something of it cannot be read."""
    id_, level, minutes, started = row
    try:
        found = Mock(
            id=id_,
            level=level,
            minutes=minutes,
            started=moment(started),
            questions=tuple(_question(one) for one in questions),
            answers=tuple(_answer(one) for one in answers),
            assessments=tuple(Assessment(position, score, moment(at)) for position, score, at in assessments),
            marks={mark: moment(at) for mark, at in marks},
        )
        return msgspec.convert(msgspec.to_builtins(found, builtin_types=(datetime,)), Mock, builtin_types=(datetime,))
    except (ValueError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise damaged(id_, str(error)) from error


def damaged(mock: int, reason: str) -> StoreError:
    """A mock interview that is not what it should be."""
    return StoreError(
        f"Mock interview {mock} cannot be read",
        f"What is stored of it is damaged: {reason}. The others are not touched.",
        "kafka-tutor doctor looks at the data file; kafka-tutor mock list shows the others.",
    )


def _question(row: Row) -> Chosen:
    position, scenario, minutes, reasons = row
    return Chosen(position, scenario, minutes, msgspec.convert(from_json(reasons), tuple[str, ...]))


def _answer(row: Row) -> Answer:
    position, turn, question, answer, grade, at, seconds, target, redo = row
    return Answer(
        position=position,
        turn=turn,
        question=decode(question),
        text=decode(answer),
        grade=msgspec.convert(from_json(grade), Grade),
        at=moment(at),
        seconds=seconds,
        target=target,
        redo=bool(redo),
    )


def draft(row: Row) -> MockDraft:
    """From SELECT_DRAFTS."""
    mock, position, turn, redo, answer, seconds, at = row
    return MockDraft(mock, position, turn, bool(redo), decode(answer), seconds, moment(at))
