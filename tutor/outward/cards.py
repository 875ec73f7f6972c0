"""The learner's cards with their texts, as one flat row each: what Anki and spreadsheets get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from tutor.review import days
from tutor.review.cards import Kind
from tutor.review.days import Zone
from tutor.review.question import prompt_of, target_of
from tutor.scenarios.model import Point, Scenario
from tutor.sessions.ports import Store
from tutor.sessions.review import due_times, read_plan


class CardRow(msgspec.Struct, frozen=True):
    """One card."""

    key: str
    """Never changes: the scenario's uuid and the point's id, so that it outlives a reset and fits on another machine."""
    scenario: int
    slug: str
    title: str
    kind: Kind
    target: str
    """Id of the point or misconception."""
    dimension: str
    """Empty for a misconception."""
    question: str
    answer: str
    """What is so."""
    lab: int | None
    """Where it can be seen."""
    due: datetime
    """UTC; with an interview ahead, the day that the plan gives it."""
    day: date
    """The learner's day of it."""
    answered: int
    failed: int
    suspended: bool
    """Set aside because it keeps failing."""


def card_rows(store: Store, scenarios: Iterable[Scenario], now: datetime, zone: Zone = None) -> tuple[CardRow, ...]:
    """Every card whose point is still in its pack, in the order of the track. Raises StoreError."""
    cards = store.cards()
    due = due_times(cards, read_plan(store, now, zone), now, zone)
    found = []
    for scenario in scenarios:
        for card in (card for card in cards if card.scenario == scenario.id):
            item, prompt = target_of(scenario, card.target), prompt_of(scenario, card)
            if item is None or prompt is None:
                continue
            found.append(
                CardRow(
                    key=f"{scenario.uuid}:{card.target}",
                    scenario=scenario.id,
                    slug=scenario.slug,
                    title=scenario.title,
                    kind=card.kind,
                    target=card.target,
                    dimension=item.dimension if isinstance(item, Point) else "",
                    question=prompt.question,
                    answer=prompt.right,
                    lab=prompt.lab,
                    due=due[card.id],
                    day=days.day_of(due[card.id], zone),
                    answered=card.schedule.answered,
                    failed=card.schedule.failed,
                    suspended=card.schedule.suspended,
                )
            )
    return tuple(found)


def by_day(rows: Sequence[CardRow], today: date) -> dict[date, list[CardRow]]:
    """The askable rows of each day, days in order; what is overdue counts for today."""
    found: dict[date, list[CardRow]] = {}
    for row in sorted(rows, key=lambda row: row.due):
        if not row.suspended:
            found.setdefault(max(row.day, today), []).append(row)
    return dict(sorted(found.items()))
