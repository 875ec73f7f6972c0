"""Scenarios and results as plain lines: no colours, no control characters, at most `WIDTH` columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tutor.grading.types import PointStatus
from tutor.sessions.home import HomeView, NextStep, ScenarioView
from tutor.sessions.result import Evidence, MisconceptionRow, PointRow, ResultView, lab_numbers
from tutor.text import clipped, duration, one_line, shown

WIDTH = 80
MARKS: dict[PointStatus, str] = {"covered": "+", "partial": "~", "contradicted": "x", "missed": "-", "unsure": "?"}
_QUOTED = 3
"""So many passages are quoted for a point."""


def home_lines(view: HomeView, step: NextStep) -> Iterator[str]:
    """The scenarios with their state, and the next step."""
    for row in view.scenarios:
        yield from _scenario(row)
    yield ""
    yield f"{view.passed} of {len(view.scenarios)} passed, {view.labs_verified} of {view.labs} labs verified."
    yield from wrapped(f"Next: {step.action}. {step.reason}", "")


def next_lines(step: NextStep) -> Iterator[str]:
    """What to do, why, and how."""
    yield from wrapped(f"Next: {step.action}", "")
    yield from wrapped(step.reason, "  ")
    yield f"  $ {command_of(step)}"


def command_of(step: NextStep) -> str:
    """The command that does it."""
    match step.kind:
        case "review" | "mock":
            return f"kafka-tutor {step.kind}"
        case "lab":
            return f"kafka-tutor lab run {step.lab}"
        case "none":
            return "kafka-tutor check"
    return "kafka-tutor" if step.follow_up_to else f"kafka-tutor study {step.scenario}"


def _scenario(row: ScenarioView) -> Iterator[str]:
    score = f"{row.last:4.1f}" if row.last is not None else "   –"
    draft = ", draft" if row.has_draft and row.state != "draft" else ""
    kind = row.lab_state.kind
    lab = "" if kind == "missing" else f"lab {kind.replace('_', ' ')}"
    known = ", known" if row.known and row.state == "new" else ""
    head = f"{row.scenario:>3}  {row.state + known + draft:<13} {score}  {lab:<12}  "
    yield head + clipped(row.title, WIDTH - len(head))


def result_lines(view: ResultView) -> Iterator[str]:
    """A graded answer."""
    yield f"Scenario {view.scenario}: {one_line(view.title)}"
    yield f"Score {view.score:.1f} of 10. {view.verdict}"
    yield (
        f"Graded by {view.grader}, answered in {duration(view.seconds)}."
        if view.seconds
        else f"Graded by {view.grader}."
    )
    for note in view.notes:
        yield from wrapped(note, "  ")
    yield ""
    yield from _dimensions(view)
    yield from _section("Points", (line for row in view.points for line in _point(row)))
    yield from _section("Beliefs to check", (line for row in view.misconceptions for line in _belief(row)))
    raised = (line for number, row in enumerate(view.raise_most, 1) for line in wrapped(row.text, f"  {number}. "))
    yield from _section("What would have raised the score most", raised)
    if view.follow_up:
        yield from _section("Follow-up question", wrapped(view.follow_up.question, "  "))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if not number:
            yield ""
            yield title
        yield line


def _dimensions(view: ResultView) -> Iterator[str]:
    for row in view.dimensions:
        if row.score is not None:
            bar = "#" * round(row.score)
            yield f"  {row.dimension:<11} {row.score:4.1f}  {bar:<10}  {row.covered} of {row.points} points"


def _point(row: PointRow) -> Iterator[str]:
    must = " (must)" if row.must else ""
    yield from wrapped(f"{row.text}{must}", f"  {MARKS[row.status]} ")
    yield from _quotes(row.evidence)
    if row.feedback:
        yield from wrapped(f"{row.status}: {row.feedback}", "      ")


def _belief(row: MisconceptionRow) -> Iterator[str]:
    yield from wrapped(row.text, "  ! " if row.certain else "  ? ")
    yield from _quotes(row.evidence)
    yield from wrapped(row.correction, "      ")
    if numbers := lab_numbers(row):
        yield from wrapped(f"Shown by {', '.join(f'lab {number}' for number in numbers)}.", "      ")


def _quotes(evidence: tuple[Evidence, ...]) -> Iterator[str]:
    for quote in evidence[:_QUOTED]:
        yield from wrapped(f"“{quote.text}”", "      ")


def wrapped(text: str, indent: str) -> Iterator[str]:
    """Paragraphs to lines; words longer than a line are cut, so that nothing can widen the terminal."""
    for paragraph in shown(text).split("\n"):
        lines = textwrap.wrap(paragraph, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
        yield from lines or [indent.rstrip()]
