"""Notes in Markdown: for each scenario that was answered, what was missed, what is so, and the points of a full answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from tutor.review import days
from tutor.review.days import Zone
from tutor.scenarios.model import Scenario
from tutor.sessions.ports import Attempt, Store
from tutor.sessions.result import MisconceptionRow, PointRow, ResultView, lab_numbers, result_view
from tutor.text import counted, one_line

INTRO = "What your last answers lacked, what is so, and the points of a full answer. Written by `kafka-tutor`."


def notes(store: Store, scenarios: Iterable[Scenario], now: datetime, zone: Zone = None) -> tuple[bytes, int]:
    """The file, and how many scenarios are in it. Scenarios without an answer are left out: nothing is given away."""
    sections: list[str] = []
    for scenario in scenarios:
        own = [attempt for attempt in store.attempts(scenario.id) if attempt.follow_up_to is None]
        if own:
            view = result_view(scenario, own[-1], store.overrules(own[-1].id))
            sections.append("\n".join(_section(scenario, view, own, zone)))
    head = f"# Kafka notes, {days.day_of(now, zone):%d %B %Y}\n\n{INTRO}"
    return "\n\n".join([head, *sections, ""]).encode(errors="replace"), len(sections)


def _section(scenario: Scenario, view: ResultView, own: list[Attempt], zone: Zone) -> Iterator[str]:
    yield f"## {scenario.id} {one_line(scenario.title)}"
    yield ""
    yield f"> {one_line(scenario.question)}"
    yield ""
    best = max(attempt.grade.score for attempt in own)
    day = days.day_of(own[-1].at, zone)
    yield f"Last answer, {day:%d %B %Y}: {view.score:.1f} of 10. Best of {counted(len(own), 'answer')}: {best:.1f}."
    yield from _part("Missed", (_missed(row) for row in view.missed))
    yield from _part("To correct", (_belief(row) for row in view.misconceptions if row.overruled is not False))
    yield from _part("Points of a full answer", (_point(row) for row in view.points))


def _part(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = list(items)
    if lines:
        yield from ("", f"### {title}", "", *lines)


def _missed(row: PointRow) -> str:
    must = ", a must" if row.must else ""
    return f"- {one_line(row.feedback or row.text)} ({row.dimension}{must})"


def _belief(row: MisconceptionRow) -> str:
    numbers = lab_numbers(row)
    shown = f" ({', '.join(f'lab {number}' for number in numbers)} shows it)" if numbers else ""
    return f"- ~~{one_line(row.text)}~~ {one_line(row.correction)}{shown}"


def _point(row: PointRow) -> str:
    return f"- [{'x' if row.counted else ' '}] {one_line(row.text)}"
