"""Progress as values: reviews and recall, what is to come, scores by dimension, labs, predictions, the streak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec

from tutor.mocks.comparing import calibration_text, difference
from tutor.mocks.comparing import marks as pairs
from tutor.mocks.words import signed
from tutor.review import days
from tutor.review.cards import Card, DayCount
from tutor.review.days import Zone
from tutor.review.schedule import recalls
from tutor.scenarios.model import DIMENSIONS, Dimension
from tutor.sessions.mock import readable
from tutor.sessions.ports import Attempt, LabRecord, Store
from tutor.sessions.review import Plan, read_plan

FORECAST = 14
"""Days ahead."""
SHOWN_MOCKS = 6
"""So many mock interviews are told in a line."""
RECENT = 30
"""Days back, for recall."""
POINTS = 10
"""Days back with an answer, for scores."""


class DayScore(msgspec.Struct, frozen=True):
    """A score as it stood on one of the learner's days."""

    day: date
    score: float
    """0 to 10."""


class LabProgress(msgspec.Struct, frozen=True):
    """A lab that was run."""

    lab: int
    runs: int
    verified: bool
    predictions_right: int
    """Over all runs."""
    predictions_made: int


class DimensionTrend(msgspec.Struct, frozen=True):
    """One dimension over time."""

    dimension: Dimension
    first: float
    """Mean over the first answer to each scenario, 0 to 10."""
    last: float
    """Mean over the last answer to each scenario."""
    history: tuple[DayScore, ...] = ()
    """The same mean as it stood at the end of each day with an answer, the last ones (POINTS)."""


class Forecast(msgspec.Struct, frozen=True):
    """One of the days to come."""

    day: date
    due: int
    recall: float | None
    """How likely a card is remembered then if nothing is repeated until; None where none was answered."""


class MockMark(msgspec.Struct, frozen=True):
    """A finished mock interview: the grade beside the learner's own marks."""

    mock: int
    day: date
    level: str
    score: float
    """0 to 10."""
    self_score: float | None
    """Mean of the learner's own marks."""
    difference: float | None
    """Grade minus own mark: below 0 the learner thinks too well of the answers."""


class ProgressView(msgspec.Struct, frozen=True):
    """Where the learner stands."""

    today: date
    reviews: int
    """In all."""
    today_reviews: int
    streak: int
    """Days in a row with an answer or a review, up to today, or to yesterday while today has none."""
    history: tuple[DayCount, ...]
    """The last days (RECENT), days without reviews left out."""
    recall: float | None
    """Share of cards remembered when they came back, over the last days; None where none came back."""
    expected: float | None
    """How likely a card is remembered now, over all that were answered; None where none were."""
    cards: int
    new: int
    """Never answered."""
    leeches: int
    due: tuple[Forecast, ...]
    """From today on; what is overdue counts for today. New cards are left out. The first one's recall is that of now."""
    answers: int
    """Graded answers to scenarios."""
    dimensions: tuple[DimensionTrend, ...]
    labs_verified: int
    labs_run: int
    predictions_right: int
    predictions_made: int
    plan: Plan
    mocks: tuple[MockMark, ...] = ()
    """Finished mock interviews, oldest first."""
    labs: tuple[LabProgress, ...] = ()
    """Those that were run, by number."""
    active: tuple[date, ...] = ()
    """Days with an answer or a review, the last ones (RECENT)."""


def progress(store: Store, now: datetime, zone: Zone = None) -> ProgressView:
    """Read everything and count it. Raises StoreError."""
    today, cards, history = days.day_of(now, zone), store.cards(), store.review_days()
    answers = [attempt for attempt in store.attempts() if attempt.follow_up_to is None]
    records = store.lab_records()
    recent = tuple(day for day in history if day.day > today - timedelta(days=RECENT))
    forecast = _forecast(cards, now, today, zone)
    active = {day.day for day in history} | {days.day_of(attempt.at, zone) for attempt in answers}
    return ProgressView(
        today=today,
        reviews=sum(day.reviews for day in history),
        today_reviews=sum(day.reviews for day in history if day.day == today),
        streak=streak(active, today),
        history=recent,
        recall=_share(sum(day.recalled for day in recent), sum(day.asked for day in recent)),
        expected=forecast[0].recall,
        cards=len(cards),
        new=sum(not card.schedule.answered for card in cards),
        leeches=sum(card.schedule.suspended for card in cards),
        due=forecast,
        answers=len(answers),
        dimensions=_dimensions(answers, zone),
        labs_verified=len({record.lab for record in records if record.outcome == "verified"}),
        labs_run=len({record.lab for record in records}),
        predictions_right=_sum(records, "predictions_right"),
        predictions_made=_sum(records, "predictions_made"),
        plan=read_plan(store, now, zone),
        mocks=_mocks(store, zone),
        labs=_labs(records),
        active=tuple(sorted(day for day in active if day > today - timedelta(days=RECENT))),
    )


def streak(active: Iterable[date], today: date) -> int:
    """Days in a row. Today does not break it before it is over; days that lie ahead (a clock set back) do not count."""
    known = set(active)
    day = today if today in known else today - timedelta(days=1)
    count = 0
    while day in known:
        count, day = count + 1, day - timedelta(days=1)
    return count


def _mocks(store: Store, zone: Zone) -> tuple[MockMark, ...]:
    """Scores and own marks need no pack: a mean over the grades as they were given."""
    marks = []
    for mock in readable(store):
        grades = [grade.score for one in mock.answered if (grade := mock.grade(one.position)) is not None]
        if mock.is_finished and grades:
            own = [mark.score for mark in mock.assessments]
            marks.append(
                MockMark(
                    mock.id,
                    days.day_of(mock.started, zone),
                    mock.level,
                    round(sum(grades) / len(grades), 1),
                    round(sum(own) / len(own), 1) if own else None,
                    difference(pairs(mock)),
                )
            )
    return tuple(marks)


def calibration(marks: Sequence[MockMark]) -> str:
    """How well the learner judges the own answers, in a sentence or two; empty without a mock interview."""
    known = [(mark.mock, mark.difference) for mark in marks if mark.difference is not None]
    if not known:
        return ""
    series = ", ".join(signed(value) for _, value in known[-SHOWN_MOCKS:])
    return f"Grade minus your own mark, mock by mock: {series}. {calibration_text(known[-1][1])}"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _forecast(cards: Sequence[Card], now: datetime, today: date, zone: Zone) -> tuple[Forecast, ...]:
    wanted = [card.schedule.due for card in cards if card.schedule.answered and not card.schedule.suspended]
    end = days.end_of(today + timedelta(days=FORECAST - 1), zone)
    counts = Counter(max(days.day_of(due, zone), today) for due in wanted if due < end)
    moments = [now + timedelta(days=count) for count in range(FORECAST)]
    known = [recalls(card.schedule, moments) for card in cards if card.schedule.answered]
    means = [sum(column) / len(known) for column in zip(*known, strict=True)] or [None] * FORECAST
    ahead = (today + timedelta(days=count) for count in range(FORECAST))
    return tuple(Forecast(day, counts.get(day, 0), mean) for day, mean in zip(ahead, means, strict=True))


def _dimensions(answers: Sequence[Attempt], zone: Zone) -> tuple[DimensionTrend, ...]:
    last = {attempt.scenario: attempt for attempt in answers}
    first = {attempt.scenario: attempt for attempt in reversed(answers)}
    standing = list(_standing(answers, zone))
    trends = []
    for dimension in DIMENSIONS:
        before, now = _mean(first.values(), dimension), _mean(last.values(), dimension)
        if before is not None and now is not None:
            scores = ((day, _mean(known, dimension)) for day, known in standing)
            history = tuple(DayScore(day, score) for day, score in scores if score is not None)
            trends.append(DimensionTrend(dimension, before, now, history))
    return tuple(trends)


def _standing(answers: Sequence[Attempt], zone: Zone) -> Iterator[tuple[date, list[Attempt]]]:
    """The last answer to each scenario, as of the end of each of the last days with an answer."""
    latest: dict[int, Attempt] = {}
    by_day: dict[date, list[Attempt]] = {}
    for attempt in answers:
        latest[attempt.scenario] = attempt
        by_day[days.day_of(attempt.at, zone)] = list(latest.values())
    yield from sorted(by_day.items(), key=lambda pair: pair[0])[-POINTS:]


def _labs(records: Sequence[LabRecord]) -> tuple[LabProgress, ...]:
    by_lab: dict[int, list[LabRecord]] = {}
    for record in records:
        by_lab.setdefault(record.lab, []).append(record)
    return tuple(
        LabProgress(
            lab,
            len(own),
            any(record.outcome == "verified" for record in own),
            _sum(own, "predictions_right"),
            _sum(own, "predictions_made"),
        )
        for lab, own in sorted(by_lab.items())
    )


def _mean(answers: Iterable[Attempt], dimension: Dimension) -> float | None:
    scores = [attempt.grade.dimensions[dimension] for attempt in answers if dimension in attempt.grade.dimensions]
    return round(sum(scores) / len(scores), 1) if scores else None


def _sum(records: Sequence[LabRecord], field: str) -> int:
    return sum(getattr(record, field) for record in records)
