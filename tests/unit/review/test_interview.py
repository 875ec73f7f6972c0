"""Interview-date mode: the plan against every other plan there is, its limits, and that it changes nothing."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.sessions.make import START
from tutor.review import interview
from tutor.review.cards import REVIEW, Card, Schedule
from tutor.review.days import day_of, start_of

TODAY = day_of(START, UTC)


def card(number: int, stability: float, ago: float = 1.0, **changes: object) -> Card:
    last = START - timedelta(days=ago)
    schedule = Schedule(last + timedelta(days=stability), REVIEW, None, stability, 5.0, last, 3)
    values = {name: getattr(schedule, name) for name in schedule.__struct_fields__} | changes
    return Card(number, 1, f"p{number}", "point", START, 1, Schedule(**values))


def in_days(count: int) -> date:
    return TODAY + timedelta(days=count)


def test_all_on_the_last_day_where_there_is_room() -> None:
    cards = [card(number, stability) for number, stability in enumerate((1.0, 9.0, 200.0))]
    assert interview.plan(cards, in_days(12), START, 20, UTC) == dict.fromkeys(range(3), in_days(11))


def test_the_weakest_memories_come_last() -> None:
    stabilities = [40.0, 2.0, 300.0, 1.0, 90.0, 5.0]
    found = interview.plan([card(n, s) for n, s in enumerate(stabilities)], in_days(30), START, 2, UTC)
    by_day = sorted(found, key=lambda number: (found[number], -stabilities[number]))
    assert by_day == [2, 4, 0, 5, 1, 3] and Counter(found.values()) == dict.fromkeys(map(in_days, (27, 28, 29)), 2)


def total(cards: list[Card], slots: dict[int, date], day: date) -> float:
    """Expected recall on the interview day, over all cards."""
    end = start_of(day, UTC) + timedelta(hours=8)
    at = {number: start_of(slot, UTC) + timedelta(hours=6) for number, slot in slots.items()}
    return sum(
        interview.recall_after(c.schedule, max(at[c.id], START), end)
        if c.id in at
        else interview.recall(c.schedule, end)
        for c in cards
    )


@pytest.mark.parametrize("seed", range(12))
def test_no_other_plan_is_better_by_more_than_a_hair(seed: int) -> None:
    """Every way to place six cards on three days, two a day at most (and none, where there are seven)."""
    dice = random.Random(seed)
    count, days, limit = dice.choice((5, 6, 7)), [in_days(n) for n in (1, 2, 3)], 2
    cards = [card(n, dice.uniform(0.5, 60) ** dice.choice((1, 1.3)), dice.uniform(0.5, 20)) for n in range(count)]
    day = in_days(4)
    best = max(
        total(cards, {n: slot for n, slot in enumerate(choice) if slot}, day)
        for choice in itertools.product((None, *days), repeat=count)
        if all(choice.count(slot) <= limit for slot in days)
    )
    found = interview.plan(cards, day, START, limit, UTC)
    assert set(found.values()) <= {in_days(n) for n in range(4)}
    assert total(cards, found, day) >= best - 0.003 * count


def test_the_limit_holds_and_those_left_out_are_those_that_need_it_least() -> None:
    cards = [card(n, 1.5**n) for n in range(20)]
    found = interview.plan(cards, in_days(3), START, 3, UTC)
    assert max(Counter(found.values()).values()) == 3 and len(found) == 9
    assert set(found) == set(range(9))


def test_cards_without_a_memory_and_leeches_have_no_place() -> None:
    cards = [card(1, 5.0, answered=0, last_review=None), card(2, 5.0, suspended=True)]
    assert interview.plan(cards, in_days(5), START, 9, UTC) == {}


@pytest.mark.parametrize("days", [0, -1, -400])
def test_on_the_day_itself_and_afterwards_there_is_no_plan(days: int) -> None:
    assert interview.plan([card(1, 5.0)], in_days(days), START, 9, UTC) == {}


def test_a_plan_only_brings_forward() -> None:
    soon, late = START + timedelta(days=1), START + timedelta(days=90)
    assert interview.planned(soon, in_days(9), UTC) == soon
    assert interview.planned(late, in_days(9), UTC) == start_of(in_days(9), UTC)
    assert interview.planned(late, None, UTC) == late


def test_the_clocks_change_in_between() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = START.replace(month=3, day=25)
    cards = [Card(1, 1, "p", "point", now, 1, Schedule(now, REVIEW, None, 50.0, 5.0, now - timedelta(days=9), 3))]
    found = interview.plan(cards, date(2026, 3, 30), now, 1, zone)  # the night before the 29th has 23 hours
    assert found == {1: date(2026, 3, 29)}
