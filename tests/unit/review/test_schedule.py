"""FSRS as py-fsrs has it, through the database and back; spreading, leeches."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import fsrs

from tests.unit.sessions.make import START, FakeClock, attempt
from tests.unit.store.make import add_cards, review
from tutor.review.cards import RATINGS, REVIEW, Card, Rating, Schedule
from tutor.review.days import day_of
from tutor.review.schedule import LEECH, LEECH_AGAIN, LONGEST, STEPS, answered, is_leech, options, recall
from tutor.review.spread import balanced, window
from tutor.store.sqlite import SqliteStore

HISTORIES = 60
TOLERANCE = 1e-9


def pure(retention: float = 0.9) -> fsrs.Scheduler:
    """py-fsrs itself, set up here and not by the code under test."""
    return fsrs.Scheduler(
        desired_retention=retention,
        learning_steps=STEPS,
        relearning_steps=STEPS,
        maximum_interval=LONGEST,
        enable_fuzzing=False,
    )


def pause(dice: random.Random) -> timedelta:
    """Minutes, hours, days, months; now and then a clock set back."""
    return timedelta(seconds=dice.choice((600, 5_000, 86_400 * 3.3, 86_400 * 40, 86_400 * 200, -3_600)) * dice.random())


def differences(store: SqliteStore, seed: int) -> list[float]:
    """Replay a random history through the database (read, answer, write, every time) and through pure py-fsrs."""
    dice = random.Random(seed)
    (card,) = add_cards(store, attempt(seed), "resume")
    twin, scheduler = fsrs.Card(card_id=seed, due=START), pure()
    at, found = START, []
    for _ in range(dice.randint(1, 30)):
        at += pause(dice)
        rating: Rating = dice.choice(RATINGS)
        kept = store.card(card.id)
        assert kept is not None
        store.add_review(review(kept, at=at, rating=rating), answered(kept.schedule, rating, at))
        twin, _ = scheduler.review_card(twin, fsrs.Rating(rating), at)
        now = store.card(card.id)
        assert now is not None
        mine = now.schedule
        assert (mine.state, mine.step, mine.last_review) == (twin.state, twin.step, twin.last_review)
        assert mine.stability is not None and mine.difficulty is not None
        found.append(abs(mine.stability - (twin.stability or 0)))
        found.append(abs(mine.difficulty - (twin.difficulty or 0)))
        found.append(abs((mine.due - twin.due).total_seconds()))
        later = at + timedelta(days=dice.random() * 90)
        found.append(abs(recall(mine, later) - scheduler.get_card_retrievability(twin, later)))
    return found


def test_random_histories_through_the_database_equal_py_fsrs(tmp_path: Path, clock: FakeClock) -> None:
    with SqliteStore.open(tmp_path / "tutor.db", clock) as store:
        store.database.rows("PRAGMA synchronous = OFF")
        worst = [max(differences(store, seed)) for seed in range(1, HISTORIES + 1)]
    assert max(worst) <= TOLERANCE


def test_fuzz_off_gives_what_py_fsrs_gives() -> None:
    card = Card(7, 1, "resume", "point", START, 1, Schedule(START))
    for rating in RATINGS:
        after, _ = pure(0.85).review_card(fsrs.Card(card_id=1, due=START), fsrs.Rating(rating), START)
        given = options(card, START, {}, UTC, retention=0.85, fuzz=False)[rating]
        assert (given.due, given.stability) == (after.due, after.stability)


def old_card(number: int = 7, stability: float = 60.0) -> Card:
    schedule = Schedule(START, REVIEW, None, stability, 5.0, START - timedelta(days=stability), 9)
    return Card(number, 1, "resume", "point", START, 1, schedule)


def test_a_card_has_its_own_dice_and_they_fall_the_same_way_again() -> None:
    random.seed(1)
    before = random.getstate()
    due = [options(old_card(number), START, {}, UTC)[3].due for number in range(200)]
    assert due == [options(old_card(number), START, {}, UTC)[3].due for number in range(200)]
    assert random.getstate() == before  # nobody else's numbers are drawn
    exact = options(old_card(), START, {}, UTC, fuzz=False)[3].due
    days = {(when - exact).days for when in due}
    assert len(days) > 5 and all((when - START).days in window((exact - START).days, LONGEST) for when in due)


def test_the_window_is_around_the_interval_and_within_limits() -> None:
    for days in range(1, 400):
        found = window(days, LONGEST)
        if days < 2.5:
            assert list(found) == [days]
        else:
            assert found[0] >= 2 and found[-1] <= LONGEST and min(days, LONGEST) in found


def test_days_are_filled_evenly() -> None:
    """Forty cards with one and the same interval: no day of the window has more than one card above another."""
    loads: Counter[date] = Counter()
    candidates = window(30, LONGEST)
    for number in range(40):
        days = balanced(30, START, str(number), loads, UTC, LONGEST)
        loads[day_of(START + timedelta(days=days), UTC)] += 1
    of_window = [loads[day_of(START + timedelta(days=days), UTC)] for days in candidates]
    assert sum(of_window) == 40 and max(of_window) - min(of_window) <= 1


def test_loads_are_those_of_the_learners_days() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    at = datetime(2026, 3, 24, 15, 30, tzinfo=UTC)  # 04:30 there on the 25th; 12 days later the clock is an hour back
    full = {day_of(at + timedelta(days=days), zone): 5 for days in window(12, LONGEST)}
    assert len(full) == len(window(12, LONGEST)) - 1  # two of the times fall on the same day there
    free = sorted(full)[3]
    found = balanced(12, at, "7", full | {free: 0}, zone, LONGEST)
    assert day_of(at + timedelta(days=found), zone) == free


def test_short_steps_are_not_spread() -> None:
    card = Card(7, 1, "resume", "point", START, 1, Schedule(START))
    given = options(card, START, {day_of(START, UTC): 99}, UTC)
    assert given[1].due == START + STEPS[0] and not given[1].failed


def test_a_leech_is_taken_out_and_comes_back_as_one_only_after_more_failures() -> None:
    schedule, at, out = Schedule(START), START, []
    for _ in range(LEECH + 2 * LEECH_AGAIN + 1):
        at += timedelta(days=1)
        schedule = answered(schedule, 1, at)
        if schedule.suspended:
            out.append(schedule.failed)
            schedule = Schedule(**{f: getattr(schedule, f) for f in schedule.__struct_fields__} | {"suspended": False})
    assert out == [LEECH, LEECH + LEECH_AGAIN, LEECH + 2 * LEECH_AGAIN]
    assert schedule.failed == LEECH + 2 * LEECH_AGAIN  # the first answer to a card is no failure
    assert not is_leech(LEECH - 1) and not answered(schedule, 3, at).suspended
