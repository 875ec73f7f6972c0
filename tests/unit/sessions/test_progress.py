"""Progress: counted from real rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.unit.sessions.make import START, FakeClock, attempt
from tests.unit.store.make import add_cards, after, review
from tutor.review.cards import NewCard
from tutor.sessions.ports import LabRecord, Store
from tutor.sessions.progress import FORECAST, LabProgress, progress, streak
from tutor.sessions.review import Plan

TODAY = date(2026, 11, 23)


def test_nothing_yet(store: Store) -> None:
    found = progress(store, START, UTC)
    assert (found.reviews, found.streak, found.recall, found.expected, found.cards) == (0, 0, None, None, 0)
    assert len(found.due) == FORECAST and not any(day.due for day in found.due) and found.plan == Plan()


def test_everything_is_counted(store: Store, clock: FakeClock) -> None:
    for score, dimensions in ((3.0, {"cause": 2.0}), (8.0, {"cause": 9.0, "fixes": 5.0})):
        store.add_attempt(attempt(1, score=score, dimensions=dimensions))
    new = [NewCard(1, name, "point") for name in ("resume", "policy", "describe", "replay")]
    store.add_attempt(attempt(1, follow_up_to=1), new)
    for rating, day in ((3, 21), (1, 22), (3, 23)):
        card = store.cards()[0]
        store.add_review(review(card, rating=rating, day=date(2026, 11, day)), after(card, 2))
    overdue, leech = store.cards()[1:3]
    store.add_review(review(overdue, day=date(2026, 9, 1)), after(overdue, -3))
    store.add_review(review(leech), after(leech, suspended=True))
    store.add_lab_record(LabRecord(1, "verified", START, 1.0, 0, 2, 3, "{}"))
    store.add_lab_record(LabRecord(1, "stopped", START, 1.0, 0, 1, 3, "{}"))
    found = progress(store, clock.now(), UTC)
    assert (found.today, found.reviews, found.today_reviews, found.streak) == (TODAY, 5, 2, 3)
    assert [(day.day.day, day.reviews) for day in found.history] == [(21, 1), (22, 1), (23, 2)]
    assert found.recall == 0.5 and found.expected == pytest.approx(1.0)
    recalls = [day.recall or 0 for day in found.due]
    assert recalls == sorted(recalls, reverse=True) and recalls[0] == found.expected and recalls[-1] < 0.9
    assert (found.cards, found.new, found.leeches, found.answers) == (4, 1, 1, 2)
    assert [(day.day, day.due) for day in found.due[:3]] == [
        (TODAY, 1),
        (TODAY + timedelta(days=1), 0),
        (TODAY + timedelta(days=2), 1),
    ]
    assert [(d.dimension, d.first, d.last) for d in found.dimensions if d.dimension == "cause"] == [("cause", 2.0, 9.0)]
    assert (found.labs_verified, found.labs_run, found.predictions_right, found.predictions_made) == (1, 1, 3, 6)


def test_scores_over_time_labs_and_active_days(store: Store, clock: FakeClock) -> None:
    for number, day, cause in ((1, 1, 2.0), (2, 1, 4.0), (1, 2, 9.0), (3, 11, 5.0), (1, 3, 5.0)):
        clock.time = datetime(2026, 11, day, 12, tzinfo=UTC)
        made = attempt(number, dimensions={"cause": cause})
        store.add_attempt(msgspec.structs.replace(made, at=clock.time))
    for lab, outcome, right in ((7, "stopped", 1), (2, "gave_up", 0), (7, "verified", 2)):
        store.add_lab_record(LabRecord(lab, outcome, START, 1.0, 0, right, 3, "{}"))  # type: ignore[arg-type]
    found = progress(store, START, UTC)
    (cause,) = found.dimensions
    # Stored on the 3rd after the 11th: the clock was set back; each day stands by what was stored up to then.
    assert [(point.day.day, point.score) for point in cause.history] == [(1, 3.0), (2, 6.5), (3, 4.7), (11, 6.0)]
    assert found.labs == (LabProgress(2, 1, False, 0, 3), LabProgress(7, 2, True, 3, 6))
    assert [day.day for day in found.active] == [1, 2, 3, 11]


@pytest.mark.parametrize(
    ("ago", "count"),
    [((), 0), ((0,), 1), ((1,), 1), ((2,), 0), ((0, 1, 2, 4), 3), ((1, 2), 2), ((-1, -2), 0), ((-1, 0), 1)],
)
def test_a_streak(ago: tuple[int, ...], count: int) -> None:
    assert streak([TODAY - timedelta(days=days) for days in ago], TODAY) == count


def test_a_streak_goes_through_a_change_of_the_clocks(store: Store) -> None:
    zone = ZoneInfo("Europe/Berlin")
    for number, day in enumerate((27, 28, 29, 30), 1):
        at = datetime(2026, 3, day, 23, 30, tzinfo=zone).astimezone(UTC)
        made = attempt(number)
        store.add_attempt(type(made)(0, number, "x", made.grade, at, 1.0))
    assert progress(store, datetime(2026, 3, 31, 1, 30, tzinfo=UTC), zone).streak == 4  # 03:30: still the 30th


def test_a_clock_set_back_and_another_zone_lose_no_day(store: Store, clock: FakeClock) -> None:
    for day in (22, 23, 30):  # the last one was stored while the clock was a week ahead
        card = store.cards()[0] if store.cards() else add_cards(store, attempt(1), "resume")[0]
        store.add_review(review(card, day=date(2026, 11, day)), after(card, 2))
    for zone in (UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")):
        found = progress(store, START, zone)
        assert [(day.day.day, day.reviews) for day in found.history] == [(22, 1), (23, 1), (30, 1)]
        assert (found.reviews, found.streak, found.today) == (3, 2, TODAY)
