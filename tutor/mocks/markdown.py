"""A report as Markdown. What the learner typed stays text: no character of it becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tutor.mocks import words
from tutor.mocks.report import MockReport, PointLine, QuestionReport
from tutor.text import shown

_ANYWHERE = re.compile(r"([\\`*\[\]<>~|]|&(?=[#\w]))")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"^(\s*)([#+=-]|\d{1,9}(?=[.)]))")
_EVIDENCE = 3
"""So many passages are quoted for a point."""


def render(report: MockReport) -> str:
    """The whole report."""
    return "\n".join(_lines(report)) + "\n"


def own(text: str) -> str:
    """One line of a pack's own text: its `names in backticks` are meant."""
    return " ".join(shown(text).split())


def plain(text: str) -> str:
    """One line of text in which Markdown finds nothing."""
    line = _ANYWHERE.sub(r"\\\1", " ".join(shown(text).split()))
    return _AT_START.sub(_escaped_start, _UNDERSCORE.sub(r"\\_", line))


def _escaped_start(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def quoted(text: str) -> Iterator[str]:
    """What the learner said, as a block quote that keeps its lines."""
    lines = [plain(line) for line in shown(text).split("\n")]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        yield f"> {line}  " if line and after else f"> {line}".rstrip()


def _lines(report: MockReport) -> Iterator[str]:
    one = report.summary
    yield from (f"# {report.title}", "", words.head(report), "")
    yield from (f"## {words.SIGNALS[one.signal]}: {one.score:.1f} of 10", "")
    yield from (f"- {'✓' if item.met else '✗'} {item.of}: {own(item.text)}" for item in report.verdict.conditions)
    yield from _changes(report)
    yield from ("", "## Your own marks", "", words.own_marks(report))
    yield from _dimensions(report)
    yield from _comparison(report)
    yield from _next(report)
    for question in report.questions:
        yield from _question(question)
    yield from _redo(report)


def _changes(report: MockReport) -> Iterator[str]:
    if report.verdict.changes:
        yield from ("", f"### {words.CHANGES_HEAD}", "")
        for change in report.verdict.changes:
            kind = "a belief to drop" if change.kind == "misconception" else "must" if change.must else "point"
            yield f"- Question {change.position}, {kind}: {own(change.text)}"


def _dimensions(report: MockReport) -> Iterator[str]:
    if report.comparison.dimensions:
        yield from ("", "## Score by dimension", "", "| dimension | now | before | change |", "|---|---:|---:|---:|")
        for row in report.comparison.dimensions:
            change = None if row.before is None else row.now - row.before
            yield f"| {row.dimension} | {row.now:.1f} | {words.number(row.before)} | {words.signed(change)} |"


def _comparison(report: MockReport) -> Iterator[str]:
    yield from ("", "## Beside earlier mocks", "")
    yield from (f"- {line}" for line in words.comparison_lines(report))
    yield from (f"- Mock {words.earlier_line(one)}" for one in report.comparison.earlier)


def _next(report: MockReport) -> Iterator[str]:
    yield from ("", f"## {words.NEXT_HEAD}", "")
    for thing in report.next:
        yield f"- **{own(thing.action)}.** {own(thing.reason)} `{thing.command}`"
    if not report.next:
        yield "Nothing is left to mend. Hold the next one a level higher."


def _question(one: QuestionReport) -> Iterator[str]:
    yield from ("", f"## Question {one.number}: {own(one.title)}", "", words.question_facts(one), "")
    yield from (f"- Why it was asked: {own(reason)}" for reason in one.reasons)
    for spoken in one.transcript:
        yield from ("", f"**{'Follow-up' if spoken.follow_up else 'Question'}.** {own(spoken.question)}", "")
        yield from quoted(spoken.answer)
    for begun in one.unsent:
        yield from ("", "Begun and not handed in (not graded):", "", *quoted(begun))
    if one.dimensions:
        yield from ("", " · ".join(f"{row.dimension} {row.score:.1f}" for row in one.dimensions))
    if one.points:
        yield ""
        yield from (_point(point) for point in one.points)
    for belief in one.beliefs:
        sure = "Wrong" if belief.certain else "Perhaps wrong"
        yield f"- **{sure}:** {own(belief.text)} {_quotes(belief.evidence)}What is so: {own(belief.correction)}"
    yield from (f"- Note: {own(note)}" for note in one.notes)
    if one.grader:
        yield from ("", f"Graded by {own(one.grader)}.")


def _point(point: PointLine) -> str:
    must = " (must)" if point.must else ""
    missing = own(point.feedback) if point.feedback else ""
    return f"- {words.STATUS[point.status]}{must}: {own(point.text)} {_quotes(point.evidence)}{missing}".rstrip()


def _quotes(evidence: tuple[str, ...]) -> str:
    return "".join(f"“{plain(piece)}” " for piece in evidence[:_EVIDENCE])


def _redo(report: MockReport) -> Iterator[str]:
    if report.redo is not None:
        yield from ("", "## The second try", "", words.redo_line(report.redo), "", *quoted(report.redo.answer))
        yield from (f"- Still missing: {own(missing)}" for missing in report.redo.still_missing)
