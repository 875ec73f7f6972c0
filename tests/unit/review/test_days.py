"""The learner's days: cut at 4 in the morning, through changes of the clock, in any zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tutor.review.days import day_of, end_of, start_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "UTC",
)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""When Berlin changes its clocks, at 1:00 UTC."""


@pytest.mark.parametrize("zone", ZONES)
def test_every_moment_of_two_years_has_exactly_one_day(zone: str) -> None:
    own = ZoneInfo(zone)
    at, end = datetime(2025, 12, 30, tzinfo=UTC), datetime(2028, 1, 3, tzinfo=UTC)
    days = []
    while at < end:
        day = day_of(at, own)
        assert start_of(day, own) <= at < end_of(day, own)
        days.append(day)
        at += timedelta(minutes=45)
    assert days == sorted(days) and len(set(days)) == (days[-1] - days[0]).days + 1


def test_a_day_of_a_change_has_23_or_25_hours() -> None:
    hours = {day: end_of(day, BERLIN) - start_of(day, BERLIN) for day in (SPRING, AUTUMN)}
    assert end_of(SPRING - timedelta(1), BERLIN) == start_of(SPRING, BERLIN)
    assert hours[SPRING] == hours[AUTUMN] == timedelta(hours=24)  # the change lies before 4: in the day that ends then
    before = {
        day: end_of(day - timedelta(1), BERLIN) - start_of(day - timedelta(1), BERLIN) for day in (SPRING, AUTUMN)
    }
    assert before == {SPRING: timedelta(hours=23), AUTUMN: timedelta(hours=25)}


def test_past_midnight_is_still_today() -> None:
    assert day_of(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), BERLIN) == date(2026, 11, 23)  # 00:30 in Berlin
    assert day_of(datetime(2026, 11, 24, 2, 59, tzinfo=UTC), BERLIN) == date(2026, 11, 23)
    assert day_of(datetime(2026, 11, 24, 3, 0, tzinfo=UTC), BERLIN) == date(2026, 11, 24)


def test_the_hour_that_comes_twice_is_one_day() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.astimezone(BERLIN).strftime("%H:%M") == second.astimezone(BERLIN).strftime("%H:%M") == "02:30"
    assert day_of(first, BERLIN) == day_of(second, BERLIN) == date(2026, 10, 24)


@pytest.fixture
def machine_in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_without_a_zone_the_rules_of_the_machine_hold(machine_in_berlin: None) -> None:
    at = datetime(2026, 3, 27, tzinfo=UTC)
    while at < datetime(2026, 11, 1, tzinfo=UTC):
        day = day_of(at)
        assert (day, start_of(day), end_of(day)) == (day_of(at, BERLIN), start_of(day, BERLIN), end_of(day, BERLIN))
        at += timedelta(hours=7, minutes=20)
