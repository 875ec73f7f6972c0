"""The learner's days. Everything is kept in UTC; a day is what the learner lives through: from 4 in the morning to 4.

Who studies past midnight still studies today. At 4 no zone changes to or from daylight saving time, so every day begins
exactly once; the day of a change has 23 or 25 hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

STARTS_AT = time(4)
"""Local time at which a day begins."""
Zone = tzinfo | None
"""None: the machine's own zone, with its rules for daylight saving time."""


def start_of(day: date, zone: Zone = None) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, STARTS_AT, zone).astimezone(UTC)


def end_of(day: date, zone: Zone = None) -> datetime:
    """When a day ends: as the next one begins."""
    return start_of(day + timedelta(days=1), zone)


def next_day(at: datetime, zone: Zone = None) -> datetime:
    """When the day after this moment's begins: a new card is first asked then, not while the result is still on show."""
    return end_of(day_of(at, zone), zone)


def day_of(at: datetime, zone: Zone = None) -> date:
    """The day that a moment belongs to."""
    day = at.astimezone(zone).date()
    return day if at >= start_of(day, zone) else day - timedelta(days=1)
