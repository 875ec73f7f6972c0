"""Repeating: which cards are to be asked today, one of them being answered, and the last answer taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from tutor.clock import Clock
from tutor.errors import UsageError
from tutor.grading.types import Grade
from tutor.review import days, interview
from tutor.review.cards import Card, CardDraft, Rating, Review, Schedule, Verdict
from tutor.review.days import Zone
from tutor.review.interview import planned
from tutor.review.making import card_of
from tutor.review.question import Prompt, prompt_of
from tutor.review.schedule import LONGEST, options
from tutor.review.verdict import rating_of, restricted
from tutor.scenarios.model import Scenario
from tutor.sessions.ports import Overrule, ReviewStore, Store
from tutor.sessions.sitting import Sitting

DAILY = 20
"""Cards a day, where the learner has not said otherwise: about half an hour of typing."""
MOST = 500
"""Largest daily limit."""
LIMIT_KEY, INTERVIEW_KEY = "review.daily_limit", "review.interview"


class Plan(msgspec.Struct, frozen=True):
    """How the learner wants to repeat."""

    limit: int = DAILY
    """Cards a day, new ones and others; a card that is asked twice counts once."""
    interview: date | None = None
    """Day of the interview; None where there is none ahead."""


class DueCard(msgspec.Struct, frozen=True):
    """A card that can be asked."""

    card: Card
    scenario: Scenario
    prompt: Prompt


class Queue(msgspec.Struct, frozen=True):
    """What is to be repeated on one of the learner's days."""

    due: tuple[DueCard, ...]
    """In the order in which to ask."""
    waiting: int
    """Due too, but more than the daily limit."""
    done: int
    """Cards answered today."""
    plan: Plan
    leeches: int
    """Cards that failed again and again, and are not asked until their scenario is answered again or they are resumed."""

    @property
    def ready(self) -> int:
        """How many cards can be asked now."""
        return len(self.due)


def read_plan(store: Store, now: datetime, zone: Zone = None) -> Plan:
    """The learner's settings; a date that is past is none, a value that cannot be read is the default."""
    limit, day = store.setting(LIMIT_KEY) or "", _date(store.setting(INTERVIEW_KEY) or "")
    ahead = day if day is not None and day >= days.day_of(now, zone) else None
    return Plan(min(int(limit), MOST) if limit.isdecimal() and int(limit) else DAILY, ahead)


def write_plan(store: Store, plan: Plan) -> None:
    """Keep the learner's settings. Raises StoreError."""
    store.set_setting(LIMIT_KEY, str(plan.limit))
    store.set_setting(INTERVIEW_KEY, plan.interview.isoformat() if plan.interview else "")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def queue(store: Store, scenarios: Iterable[Scenario], now: datetime, zone: Zone = None) -> Queue:
    """What is to be repeated today. Raises StoreError.

    Cards that were answered before come first, the longest due at the head, then new ones; what was answered today and
    is due once more (it was wrong) comes last, or first where its time has come.
    """
    plan, today = read_plan(store, now, zone), days.day_of(now, zone)
    done = store.reviewed_on(today)
    found = _found(store, plan, now, days.end_of(today, zone), zone)
    known = {scenario.id: scenario for scenario in scenarios}
    askable = [due for card in found if (due := _due_card(card, known))]
    again = [due for due in askable if due.card.id in done]
    first = [due for due in askable if due.card.id not in done]
    room = max(plan.limit - len(done), 0)
    ripe = [due for due in again if due.card.schedule.due <= now]
    later = [due for due in again if due.card.schedule.due > now]
    return Queue(
        due=(*ripe, *first[:room], *later),
        waiting=max(len(first) - room, 0),
        done=len(done),
        plan=plan,
        leeches=store.count_suspended(),
    )


def _found(store: Store, plan: Plan, now: datetime, end: datetime, zone: Zone) -> Sequence[Card]:
    fresh = store.due_cards(end, 2 * MOST, fresh=True)
    if plan.interview is None:
        return [*store.due_cards(end, 2 * MOST, fresh=False), *fresh]
    cards = [card for card in store.cards() if card.schedule.answered and not card.schedule.suspended]
    times = due_times(cards, plan, now, zone)
    due = sorted((card for card in cards if times[card.id] < end), key=lambda card: (times[card.id], card.id))
    return [*due, *fresh]


def due_times(cards: Sequence[Card], plan: Plan, now: datetime, zone: Zone = None) -> dict[int, datetime]:
    """When each card comes back, by its id: brought forward where an interview is ahead."""
    slots = interview.plan(cards, plan.interview, now, plan.limit, zone) if plan.interview else {}
    return {card.id: planned(card.schedule.due, slots.get(card.id), zone) for card in cards}


def _due_card(card: Card, scenarios: Mapping[int, Scenario]) -> DueCard | None:
    scenario = scenarios.get(card.scenario)
    prompt = prompt_of(scenario, card) if scenario else None
    return DueCard(card, scenario, prompt) if scenario and prompt else None


def due_card(store: ReviewStore, card: int, scenarios: Iterable[Scenario]) -> DueCard:
    """One card by its id, due or not. Raises UsageError where it cannot be asked, StoreError."""
    found = store.card(card)
    if found is None:
        raise UsageError(f"There is no card {card}", "It may have been reset.", "kafka-tutor review due")
    due = _due_card(found, {scenario.id: scenario for scenario in scenarios})
    if due is None:
        raise UsageError(
            f"Card {card} cannot be asked",
            f"The pack of scenario {found.scenario} is missing, or has no {found.target} any more.",
            "kafka-tutor check",
        )
    return due


def loads(store: ReviewStore, now: datetime, zone: Zone = None) -> Mapping[date, int]:
    """How many answered cards are due on each of the learner's days to come."""
    return Counter(days.day_of(due, zone) for due in store.dues(now, now + timedelta(days=LONGEST + 1)))


class Judged(msgspec.Struct, frozen=True):
    """A graded answer to a card, not yet recorded."""

    verdict: Verdict
    derived: Rating
    """What grade, hints and time give."""
    options: dict[Rating, Schedule]
    """What each rating would do."""
    at: datetime
    """When it was answered; the schedules start here."""
    seconds: float | None

    def away(self, rating: Rating, interview: date | None = None, zone: Zone = None) -> timedelta:
        """How far away the card is with this rating; never further than the day before the interview."""
        eve = interview - timedelta(days=1) if interview and interview > days.day_of(self.at, zone) else None
        return max(planned(self.options[rating].due, eve, zone) - self.at, timedelta(0))


class CardSession(Sitting):
    """A learner at a card: `type`, `save`, `hint`, `accept`, then `judge` and `record`."""

    def __init__(self, due: DueCard, store: Store, clock: Clock, draft: CardDraft | None = None) -> None:
        super().__init__(clock, draft.text if draft else None, draft.seconds if draft else 0.0)
        self.due = due
        self.hints = draft.hints if draft else 0
        """Hints opened."""
        self.judged: Judged | None = None
        """Once graded."""
        self._store = store

    @classmethod
    def start(cls, due: DueCard, store: Store, clock: Clock) -> CardSession:
        """Begin, or go on with the draft. Raises StoreError."""
        return cls(due, store, clock, store.card_draft(due.card.id))

    @property
    def shown_hints(self) -> tuple[str, ...]:
        """The hints opened so far."""
        return self.due.prompt.hints[: self.hints]

    def hint(self) -> str:
        """Open the next hint; the last one again when there is no more. The next `save` keeps the count."""
        with self._lock:
            if self._phase == "writing":
                self.hints = min(self.hints + 1, len(self.due.prompt.hints))
            return self.due.prompt.hints[max(self.hints - 1, 0)]

    def judge(self, grade: Grade, zone: Zone = None, *, timed: bool = True) -> Judged:
        """What the grade says, and what each rating would do; reads the store. Raises StoreError, RuntimeError."""
        if self._accepted is None:
            raise RuntimeError("judge() before accept()")
        card, now = self.due.card, self._clock.now()
        seconds = self.elapsed() if timed else None
        verdict = restricted(grade, card.target, card.kind)
        derived = rating_of(verdict, self.hints, seconds, len(self._accepted.kept.split()))
        found = options(card, now, loads(self._store, now, zone), zone)
        self.judged = Judged(verdict, derived, found, now, seconds)
        return self.judged

    def record(self, rating: Rating, zone: Zone = None) -> Review:
        """Store the answer with this rating, the learner's or the derived one. Raises StoreError, RuntimeError."""
        with self._disk:
            if self.judged is None or self._accepted is None or self._phase != "submitted":
                raise RuntimeError("record() before judge()")
            stored = self._store.add_review(self._review(rating, self.judged, zone), self.judged.options[rating])
            self._phase = "done"
            return stored

    def _review(self, rating: Rating, judged: Judged, zone: Zone) -> Review:
        return Review(
            id=0,
            card=self.due.card.id,
            at=judged.at,
            day=days.day_of(judged.at, zone),
            rating=rating,
            derived=judged.derived,
            seconds=judged.seconds,
            hints=self.hints,
            answer=self._accepted.kept if self._accepted else "",
            verdict=judged.verdict,
            before=self.due.card.schedule,
        )

    def _keep(self, text: str) -> None:
        draft = CardDraft(self.due.card.id, text, self.elapsed(), self.hints, self._clock.now())
        self._store.save_card_draft(draft)

    def _drop(self) -> None:
        if self.hints:  # what was seen is not unseen
            self._keep("")
        else:
            self._store.drop_card_draft(self.due.card.id)


def undo(store: ReviewStore, now: datetime) -> Review:
    """Take the last answer back: the card is as before, its answer a draft again. Raises UsageError, StoreError."""
    last = store.last_review()
    if last is None:
        raise UsageError("There is no review to undo", "Nothing has been reviewed yet.", "kafka-tutor review")
    store.undo_review(last, now)
    return last


def overrule(store: Store, scenario: Scenario, verdict: Overrule) -> None:
    """Keep the learner's verdict, and make or take away the card that rests on it. Raises StoreError."""
    card = card_of(scenario, verdict.target)
    lacking = card is not None and verdict.held == (card.kind == "misconception")
    due = days.next_day(verdict.at)
    cards = (msgspec.structs.replace(card, due=due),) if card is not None and lacking else ()
    store.overrule(verdict, cards)
