"""The sentences of a report, shared by its renderers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tutor import text
from tutor.grading.types import PointStatus
from tutor.mocks.comparing import Summary
from tutor.mocks.report import MockReport, QuestionReport, Redo
from tutor.mocks.signal import Signal

SIGNALS: dict[Signal, str] = {
    "strong hire": "Strong hire",
    "hire": "Hire",
    "lean no": "Rather not, but it was near",
    "no hire": "No hire",
}
STATUS: dict[PointStatus, str] = {
    "covered": "said",
    "partial": "partly said",
    "contradicted": "the opposite said",
    "missed": "not said",
    "unsure": "not clear",
}
NEXT_HEAD = "What to do next"
CHANGES_HEAD = "What would change it"


def day(at: datetime) -> str:
    """`2026-11-23 10:15 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def signed(value: float | None) -> str:
    """`+1.2`, `-0.5`, `0.0`, or a dash."""
    if value is None:
        return "–"
    return "0.0" if round(value, 1) == 0 else f"{value:+.1f}"


def off(difference: float) -> str:
    """How far the learner's marks are from the grades: `1.5 too high`, `0.4 too low`, `right`."""
    if round(difference, 1) == 0:
        return "right"
    return f"{abs(difference):.1f} too {'high' if difference < 0 else 'low'}"


def number(value: float | None) -> str:
    """`6.4`, or a dash."""
    return "–" if value is None else f"{value:.1f}"


def head(report: MockReport) -> str:
    """When, how long, how much of it."""
    one = report.summary
    time = f"{text.duration(report.seconds)} of {one.minutes} min used"
    asked = f"{one.answered} of {text.counted(one.questions, 'question')} answered"
    early = ", ended early" if report.closed_early else ""
    return f"{day(one.at)} · {time} · {asked}{early}"


def own_marks(report: MockReport) -> str:
    """The learner's marks beside the grades."""
    one = report.summary
    if one.self_score is None or one.difference is None:
        return report.calibration
    return f"You gave yourself {one.self_score:.1f}, the grade is {signed(one.difference)} against that. {report.calibration}"


def question_facts(one: QuestionReport) -> str:
    """Score, own mark, time."""
    if one.score is None:
        return "Not answered."
    own = (
        "no mark of your own" if one.self_score is None else f"your own mark {one.self_score}, {signed(one.difference)}"
    )
    return f"Score {one.score:.1f} of 10 · {own} · {text.duration(one.seconds)} of {one.minutes:.0f} min"


def earlier_line(one: Summary) -> str:
    """An earlier interview: `2 · 2026-11-20 · senior · 5.4 · no hire · your marks 1.5 too high`."""
    own = "" if one.difference is None else f" · your marks {off(one.difference)}"
    return f"{one.mock} · {one.at:%Y-%m-%d} · {one.level} · {one.score:.1f} · {one.signal}{own}"


def redo_line(one: Redo) -> str:
    """What the second try changed."""
    return f"Question {one.number} again: {one.score:.1f} after {one.before:.1f}, in {text.duration(one.seconds)}."


def comparison_lines(report: MockReport) -> Iterator[str]:
    """Against earlier interviews, a sentence each."""
    found = report.comparison
    if not found.earlier:
        yield "It is your first one: the next will be compared with it."
        return
    yield f"Score {signed(found.score_change)} against the mock before."
    for one in found.repeated:
        yield f"Scenario {one.scenario}: {one.now:.1f} now, {one.then:.1f} in mock {one.mock}."
