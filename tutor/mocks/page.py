"""A report as one HTML file: no script, nothing from elsewhere, light and dark, and everything that was typed escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as _escape

from tutor.mocks import words
from tutor.mocks.report import BeliefLine, DimensionScore, MockReport, PointLine, QuestionReport
from tutor.mocks.signal import Change, Condition
from tutor.text import duration, shown

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --paper: #fff; --line: #d1d9e0; --bar: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --line: #3d444d; --bar: #4493f8; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { border-top: 1px solid var(--line); padding-top: 1rem; }
blockquote { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; padding: .5rem 1rem;
  border-left: 4px solid var(--line); }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.soft { color: var(--soft); } .bar { display: inline-block; width: 10rem; height: .7rem; border: 1px solid var(--line); }
.bar > i { display: block; height: 100%; background: var(--bar); } q { font-style: italic; }
code { overflow-wrap: anywhere; } li { margin: .2rem 0; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } blockquote { break-inside: avoid; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_CODE = re.compile(r"`([^`]+)`")
_MARKS = {True: "✓", False: "✗"}


def render(report: MockReport) -> str:
    """The whole page."""
    body = "\n".join(_body(report))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def safe(text: str) -> str:
    """Text between tags or in an attribute: no character of it is markup, and no control character is left."""
    return _escape(shown(text), quote=True)


def rich(text: str) -> str:
    """A pack's own text, as safe, with its `names in backticks` as code."""
    return _CODE.sub(r"<code>\1</code>", safe(" ".join(text.split())))


def _body(report: MockReport) -> Iterator[str]:
    one = report.summary
    yield f"<h1>{safe(report.title)}</h1>\n<p class=soft>{safe(words.head(report))}</p>"
    yield f"<h2>{safe(words.SIGNALS[one.signal])}: {one.score:.1f} of 10</h2>"
    yield _list(_condition(item) for item in report.verdict.conditions)
    if report.verdict.changes:
        yield f"<h3>{words.CHANGES_HEAD}</h3>\n{_list(_change(change) for change in report.verdict.changes)}"
    yield f"<h2>Your own marks</h2>\n<p>{safe(words.own_marks(report))}</p>\n{_marks(report)}"
    yield f"<h2>Score by dimension</h2>\n{_dimensions(report)}"
    yield f"<h2>Beside earlier mocks</h2>\n{_list(safe(line) for line in words.comparison_lines(report))}"
    yield _list(safe(f"Mock {words.earlier_line(one)}") for one in report.comparison.earlier)
    yield f"<h2>{words.NEXT_HEAD}</h2>"
    yield _list(
        f"<strong>{safe(thing.action)}.</strong> {rich(thing.reason)} <code>{safe(thing.command)}</code>"
        for thing in report.next
    )
    yield from (part for question in report.questions for part in _question(question))
    yield from _redo(report)


def _list(items: Iterator[str]) -> str:
    lines = "\n".join(f"<li>{item}</li>" for item in items)
    return f"<ul>\n{lines}\n</ul>" if lines else ""


def _condition(item: Condition) -> str:
    return f"{_MARKS[item.met]} {safe(item.of)}: {rich(item.text)}"


def _change(change: Change) -> str:
    kind = "a belief to drop" if change.kind == "misconception" else "must" if change.must else "point"
    return f"Question {change.position}, {kind}: {rich(change.text)}"


def _marks(report: MockReport) -> str:
    rows = [
        f"<tr><td>{one.number}<td>{safe(one.title)}<td class=number>{one.self_score}"
        f"<td class=number>{words.number(one.score)}<td class=number>{words.signed(one.difference)}</tr>"
        for one in report.questions
        if one.self_score is not None
    ]
    return "<table>\n<tr><th>#<th>question<th>your mark<th>grade<th>difference</tr>\n" + "\n".join(rows) + "\n</table>"


def _dimensions(report: MockReport) -> str:
    rows = [
        f"<tr><td>{row.dimension}<td>{_bar(row.now)}<td class=number>{row.now:.1f}"
        f"<td class=number>{words.number(row.before)}</tr>"
        for row in report.comparison.dimensions
    ]
    return "<table>\n<tr><th>dimension<th><th>now<th>before</tr>\n" + "\n".join(rows) + "\n</table>"


def _bar(score: float) -> str:
    return f'<span class=bar><i style="width:{min(max(score, 0.0), 10.0) * 10:.0f}%"></i></span>'


def _question(one: QuestionReport) -> Iterator[str]:
    yield f"<h2>Question {one.number}: {safe(one.title)}</h2>\n<p class=soft>{safe(words.question_facts(one))}</p>"
    yield _list(f"Why it was asked: {safe(reason)}" for reason in one.reasons)
    for spoken in one.transcript:
        kind = "Follow-up" if spoken.follow_up else "Question"
        yield f"<p><strong>{kind}.</strong> {rich(spoken.question)} <span class=soft>{duration(spoken.seconds)}</span></p>"
        yield f"<blockquote>{safe(spoken.answer)}</blockquote>"
    for begun in one.unsent:
        yield f"<p>Begun and not handed in (not graded):</p>\n<blockquote>{safe(begun)}</blockquote>"
    if one.dimensions:
        yield "<table>\n" + "\n".join(_dimension(row) for row in one.dimensions) + "\n</table>"
    yield _list(_point(point) for point in one.points)
    yield _list(_belief(belief) for belief in one.beliefs)
    yield _list(f"Note: {safe(note)}" for note in one.notes)
    if one.grader:
        yield f"<p class=soft>Graded by {safe(one.grader)}.</p>"


def _dimension(row: DimensionScore) -> str:
    return f"<tr><td>{row.dimension}<td>{_bar(row.score)}<td class=number>{row.score:.1f}</tr>"


def _quotes(evidence: tuple[str, ...]) -> str:
    return "".join(f" <q>{safe(piece)}</q>" for piece in evidence[:3])


def _point(point: PointLine) -> str:
    must = " (must)" if point.must else ""
    head = f"<strong>{words.STATUS[point.status]}{must}:</strong> {rich(point.text)}{_quotes(point.evidence)}"
    return f"{head} {rich(point.feedback)}".rstrip()


def _belief(belief: BeliefLine) -> str:
    sure = "Wrong" if belief.certain else "Perhaps wrong"
    said = f"<strong>{sure}:</strong> {rich(belief.text)}{_quotes(belief.evidence)}"
    return f"{said} <strong>What is so:</strong> {rich(belief.correction)}"


def _redo(report: MockReport) -> Iterator[str]:
    if report.redo is not None:
        yield f"<h2>The second try</h2>\n<p>{safe(words.redo_line(report.redo))}</p>"
        yield f"<blockquote>{safe(report.redo.answer)}</blockquote>"
        yield _list(f"Still missing: {rich(missing)}" for missing in report.redo.still_missing)
