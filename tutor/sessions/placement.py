"""The placement round: one short question a scenario, graded, to mark what is known already.

What it does, and no more: a scenario whose key point is known is proposed after the others, and should an answer leave
that point out later, its card is first asked after a week, not on the next day. It is no answer to a scenario: there is
no score, no card, no lab that opens. A question may be skipped, the round left and taken up again, and begun anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tutor.clock import Clock
from tutor.errors import UsageError
from tutor.grading.types import Grade
from tutor.review.cards import NewCard, Verdict
from tutor.review.days import Zone, next_day
from tutor.review.making import cards_of
from tutor.review.verdict import restricted
from tutor.scenarios.model import Point, Scenario
from tutor.sessions.ports import Store
from tutor.sessions.sitting import Sitting

PREFIX = "placement."
"""Of the settings that keep the round, one a scenario: it is reset with the scenario, and travels with an export."""
LATER = timedelta(days=7)
"""So long a card of a known point waits beyond the next day."""
RULES = (
    "One short question for each scenario. What you know already is proposed last, and if a later answer leaves it out, "
    "its card waits a week instead of a day. Nothing here is a score, makes a card or opens a lab."
)
State = Literal["open", "known", "not known", "skipped"]


class Entry(msgspec.Struct, frozen=True):
    """What is kept of one question."""

    target: str
    """Id of the point that was asked for."""
    text: str
    """The answer, or its draft."""
    seconds: float
    at: datetime
    """UTC."""
    skipped: bool = False
    verdict: Verdict | None = None
    """None: a draft, or skipped."""


class Asked(msgspec.Struct, frozen=True):
    """One question of the round."""

    scenario: Scenario
    point: Point
    entry: Entry | None

    @property
    def state(self) -> State:
        """Whether it is known."""
        if self.entry is None or (self.entry.verdict is None and not self.entry.skipped):
            return "open"
        if self.entry.verdict is None:
            return "skipped"
        return "known" if self.entry.verdict.right else "not known"


class Round(msgspec.Struct, frozen=True):
    """The round as it stands, in the order of the track."""

    asked: tuple[Asked, ...]

    @property
    def left(self) -> tuple[Asked, ...]:
        """Questions without an answer."""
        return tuple(one for one in self.asked if one.state == "open")

    def count(self, state: State) -> int:
        """How many questions are in this state."""
        return sum(one.state == state for one in self.asked)


def key_point(scenario: Scenario) -> Point:
    """The point that tells most: the heaviest of those without which no answer passes."""
    return max(scenario.points, key=lambda point: (point.must, point.weight))


def placement(store: Store, scenarios: Iterable[Scenario]) -> Round:
    """The round. Raises StoreError."""
    return Round(tuple(asked(store, scenario) for scenario in scenarios))


def asked(store: Store, scenario: Scenario) -> Asked:
    """The question of one scenario. Raises StoreError."""
    point = key_point(scenario)
    entry = _entry(store.setting(_key(scenario.id)))
    return Asked(scenario, point, entry if entry is not None and entry.target == point.id else None)


def skip(store: Store, scenario: Scenario, now: datetime) -> None:
    """Pass over a question; what was typed stays. Raises StoreError."""
    one = asked(store, scenario)
    before = one.entry
    _keep(store, scenario.id, Entry(one.point.id, before.text if before else "", 0.0, now, skipped=True))


def begin_again(store: Store, scenarios: Iterable[Scenario]) -> None:
    """Forget the round. Raises StoreError."""
    for scenario in scenarios:
        store.set_setting(_key(scenario.id), "")


def new_cards(
    store: Store, scenario: Scenario, grade: Grade, at: datetime, *, target: str = "", zone: Zone = None
) -> tuple[NewCard, ...]:
    """The cards that a graded answer makes, first asked the day after, or a week later where the point was known."""
    due, one = next_day(at, zone), asked(store, scenario)
    known = one.point.id if one.state == "known" else ""
    cards = cards_of(scenario, grade, target=target, due=due)
    return tuple(msgspec.structs.replace(c, due=due + LATER) if c.target == known else c for c in cards)


class PlacementSession(Sitting):
    """One question of the round being answered: `type`, `save`, `accept`, then `record`."""

    def __init__(self, one: Asked, store: Store, clock: Clock) -> None:
        entry = one.entry
        super().__init__(clock, entry.text if entry else None, entry.seconds if entry else 0.0)
        self.one = one
        self._store = store

    @classmethod
    def start(cls, scenario: Scenario, store: Store, clock: Clock) -> PlacementSession:
        """Begin, or go on with the draft. Raises StoreError, UsageError where it was answered."""
        one = asked(store, scenario)
        if one.state not in ("open", "skipped"):
            raise UsageError(
                f"Scenario {scenario.id} has had its placement question",
                f"It is marked as {one.state}.",
                "Begin the round again: kafka-tutor placement again",
            )
        return cls(one, store, clock)

    def record(self, grade: Grade) -> Asked:
        """Keep the graded answer; the question as it now stands. Raises StoreError, RuntimeError before `accept`."""
        with self._disk:
            if self._accepted is None or self._phase != "submitted":
                raise RuntimeError("record() before accept()")
            verdict = restricted(grade, self.one.point.id, "point")
            entry = self._made(self._accepted.kept, verdict)
            _keep(self._store, self.one.scenario.id, entry)
            self._phase = "done"
            return msgspec.structs.replace(self.one, entry=entry)

    def _made(self, text: str, verdict: Verdict | None = None) -> Entry:
        return Entry(self.one.point.id, text, self.elapsed(), self._clock.now(), verdict=verdict)

    def _keep(self, text: str) -> None:
        _keep(self._store, self.one.scenario.id, self._made(text))

    def _drop(self) -> None:
        self._store.set_setting(_key(self.one.scenario.id), "")


def _key(scenario: int) -> str:
    return f"{PREFIX}{scenario}"


def _keep(store: Store, scenario: int, entry: Entry) -> None:
    # The standard library's JSON, unescaped: an answer may hold halves of surrogate pairs, which msgspec refuses and
    # escapes would join.
    store.set_setting(_key(scenario), json.dumps(msgspec.to_builtins(entry), ensure_ascii=False))


def _entry(value: str | None) -> Entry | None:
    """A value that cannot be read counts as none: the question is asked again."""
    try:
        return msgspec.convert(json.loads(value), Entry) if value else None
    except (ValueError, msgspec.ValidationError):
        return None
