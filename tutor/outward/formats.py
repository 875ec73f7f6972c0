"""The formats for other tools by name, each from the store to bytes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from tutor.errors import StoreError, UsageError
from tutor.review import days
from tutor.review.days import Zone
from tutor.scenarios.model import Scenario
from tutor.sessions.ports import Store

if TYPE_CHECKING:
    from tutor.outward.cards import CardRow

Format = Literal["anki", "csv", "ics", "markdown"]
FILES: dict[Format, str] = {
    "anki": "kafka-tutor.apkg",
    "csv": "kafka-tutor.csv",
    "ics": "kafka-tutor.ics",
    "markdown": "kafka-notes.md",
}
"""Format → the file's name where the learner names none: the same each time, so that a new export replaces the old one."""
CALENDAR = "calendar"
"""The setting that holds what the last calendar file named: the name of an event → its day."""


class Made(msgspec.Struct, frozen=True):
    """An export that can be written."""

    data: bytes
    count: int
    noun: str
    """What was counted: `card`, `scenario`."""


def make(kind: Format, store: Store, scenarios: Sequence[Scenario], now: datetime, zone: Zone = None) -> Made:
    """Make one. Raises UsageError where there is nothing to export yet, StoreError."""
    if kind == "markdown":
        from tutor.outward.notes import notes

        data, count = notes(store, scenarios, now, zone)
        made = Made(data, count, "scenario")
    else:
        made = _of_cards(kind, store, scenarios, now, zone)
    if not made.count:
        raise UsageError(
            f"There is no {made.noun} to export yet"
            if kind != "markdown"
            else "There is no answer to take notes of yet",
            "Cards are made of what your answers lack. Nothing was written.",
            "Answer a scenario first: kafka-tutor next",
        )
    return made


def _of_cards(kind: Format, store: Store, scenarios: Sequence[Scenario], now: datetime, zone: Zone) -> Made:
    from tutor.outward.cards import card_rows

    rows = card_rows(store, scenarios, now, zone)
    if kind == "anki":
        from tutor.outward.anki import package

        return Made(package(rows, now), len(rows), "card")
    if kind == "csv":
        from tutor.outward.table import table

        return Made(table(rows), len(rows), "card")
    return Made(_agenda(rows, store, now, zone), len(rows), "card")


def _agenda(rows: Sequence[CardRow], store: Store, now: datetime, zone: Zone) -> bytes:
    from tutor.outward.agenda import agenda, agenda_days, emptied
    from tutor.sessions.review import read_plan

    today, interview = days.day_of(now, zone), read_plan(store, now, zone).interview
    gone = emptied(_exported(store), listed := agenda_days(rows, today, interview), today)
    with suppress(StoreError):  # of a database that cannot be written there is still a calendar
        store.set_setting(CALENDAR, msgspec.json.encode({**listed, **gone}).decode())
    return agenda(rows, today, interview, now, gone)


def _exported(store: Store) -> dict[str, date]:
    """Days that earlier calendars may hold; none where the note of them is damaged."""
    try:
        return msgspec.json.decode(store.setting(CALENDAR) or "{}", type=dict[str, date])
    except msgspec.MsgspecError:
        return {}
