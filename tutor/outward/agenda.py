"""Due days as an iCalendar file: one all-day event for each of the learner's days, and the day of the interview.

A day has the same UID in every export, so a calendar that imports it again updates the event. A day to come that was in
an earlier export and has nothing any more is in the file as cancelled: a calendar takes it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from tutor import __version__
from tutor.outward.cards import CardRow, by_day
from tutor.text import clipped, counted

LISTED = 12
"""So many questions are named in an event."""
LENGTH = 90
INTERVIEW = "interview"


Days = Mapping[str, date]
"""The name of an event → its day."""


def agenda_days(rows: Sequence[CardRow], today: date, interview: date | None) -> Days:
    """What is in the calendar."""
    named = {f"due-{day:%Y%m%d}": day for day in by_day(rows, today)}
    return named | ({INTERVIEW: interview} if interview is not None else {})


def emptied(before: Days, days: Days, today: date) -> Days:
    """What was in the calendar before, is still to come and is not in it any more."""
    return {name: day for name, day in before.items() if name not in days and day >= today}


def agenda(rows: Sequence[CardRow], today: date, interview: date | None, now: datetime, gone: Days) -> bytes:
    """The `.ics` file. `gone`: events of earlier exports that are none any more."""
    calendar = Calendar()
    calendar.add("prodid", f"-//kafka-tutor//kafka-tutor {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "kafka-tutor")
    for day, due in by_day(rows, today).items():
        calendar.add_component(_event(f"due-{day:%Y%m%d}", day, f"Kafka: review {counted(len(due), 'card')}", now, due))
    if interview is not None:
        calendar.add_component(_event(INTERVIEW, interview, "Kafka interview", now))
    for name, day in gone.items():
        event = _event(name, day, "Kafka: nothing on this day any more", now)
        event.add("status", "CANCELLED")
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _event(name: str, day: date, summary: str, now: datetime, due: Sequence[CardRow] = ()) -> Event:
    event = Event()
    event.add("uid", f"{name}@kafka-tutor")
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", int(now.timestamp()) // 60)  # grows, so that a later export wins
    event.add("dtstart", day)  # a date without a zone: the learner's day, wherever the calendar is
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", summary)
    if due:
        event.add("description", _description(due))
    return event


def _description(due: Sequence[CardRow]) -> str:
    lines = [f"{row.scenario}: {clipped(row.question, LENGTH)}" for row in due[:LISTED]]
    more = [f"and {len(due) - LISTED} more"] if len(due) > LISTED else []
    return "\n".join([*lines, *more, "", "kafka-tutor review"])
