"""Interview-date mode: the days of the last repetitions, so that recall on the day of the interview is highest.

The rule. A card repeated on day t is remembered on the interview day D with the probability

    E(t) = R(t) · r(good, D - t) + (1 - R(t)) · r(again, D - t)

where R(t) is its recall on day t, and r the recall after D - t days with the stability that FSRS gives it after a right
or a wrong answer. Without a daily limit every card's best day is the one with the highest E. With one, each day takes
only so many cards, so the days before the interview are filled from the last one backwards: each takes the cards that
would lose most by being a day earlier, which are the weakest memories. Where there are more cards than places, those go
without a place for which it would change least.

A plan only ever brings a card forward: until its day comes it stays with its ordinary schedule, and nothing is written.
Without the date everything is as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from tutor.review.cards import Card, Schedule
from tutor.review.days import Zone, day_of, start_of
from tutor.review.schedule import answered, recall


def plan(cards: Iterable[Card], interview: date, now: datetime, limit: int, zone: Zone = None) -> dict[int, date]:
    """The day of the last repetition before the interview, by card.

    Cards that were never answered have none yet, and those answered today none today: once a day is enough.
    """
    days = days_before(interview, now, zone)
    wanted = [card for card in cards if _may_have_a_day(card.schedule, day_of(now, zone), zone)]
    if not days or not wanted:
        return {}
    used = days[-min(-(-len(wanted) // limit), len(days)) :]
    gains = {card.id: _values(card.schedule, used, interview, now, zone) for card in wanted}
    return _fill(_worth_it(wanted, gains, limit * len(used)), gains, used, limit)


def _may_have_a_day(schedule: Schedule, today: date, zone: Zone) -> bool:
    last = schedule.last_review
    return last is not None and not schedule.suspended and day_of(last, zone) != today


def days_before(interview: date, now: datetime, zone: Zone = None) -> Sequence[date]:
    """From today to the day before the interview."""
    today = day_of(now, zone)
    return [today + timedelta(days=count) for count in range((interview - today).days)]


def planned(due: datetime, slot: date | None, zone: Zone = None) -> datetime:
    """When a card is due with a plan: at its ordinary time, or on its day before the interview if that is earlier."""
    return due if slot is None else min(due, start_of(slot, zone))


def recall_after(schedule: Schedule, day: datetime, end: datetime) -> float:
    """E(t): how likely the card is remembered at `end` if it is repeated at `day`."""
    now = recall(schedule, day)
    right, wrong = answered(schedule, 3, day), answered(schedule, 1, day)
    return now * recall(right, end) + (1.0 - now) * recall(wrong, end)


def _values(schedule: Schedule, days: Sequence[date], interview: date, now: datetime, zone: Zone) -> dict[date, float]:
    """What a repetition on each day adds to the recall on the interview day."""
    end = start_of(interview, zone) + timedelta(
        hours=8
    )  # FSRS counts whole days: two hours over, whatever the clocks do
    without = recall(schedule, end)
    moments = {day: max(start_of(day, zone) + timedelta(hours=6), now) for day in days}
    return {day: recall_after(schedule, at, end) - without for day, at in moments.items()}


def _worth_it(cards: Sequence[Card], gains: Mapping[int, Mapping[date, float]], places: int) -> list[Card]:
    ranked = sorted(cards, key=lambda card: (-max(gains[card.id].values()), card.id))
    return ranked[:places]


def _fill(
    cards: list[Card], gains: Mapping[int, Mapping[date, float]], days: Sequence[date], limit: int
) -> dict[int, date]:
    """Backwards from the last day: to each the cards that would lose most by being earlier."""
    slots: dict[int, date] = {}
    left = list(cards)
    for index in range(len(days) - 1, -1, -1):
        day = days[index]
        earlier = days[:index]
        left.sort(key=lambda card: (_best(gains[card.id], earlier) - gains[card.id][day], card.id))
        slots |= {card.id: day for card in left[:limit]}
        left = left[limit:]
    return slots


def _best(gain: Mapping[date, float], days: Sequence[date]) -> float:
    return max((gain[day] for day in days), default=0.0)
