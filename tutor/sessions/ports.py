"""What the sessions need of the world: the store and the labs, as Protocols and values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from labs.contract import Check, Comparison, Event, LabInfo, Observation, Value
from labs.evidence import Evidence
from labs.solution import Pair
from tutor.grading.types import Grade
from tutor.mocks.values import Answer, Assessment, Mark, Mock, MockDraft
from tutor.review.cards import Card, CardDraft, DayCount, NewCard, Review, Schedule

LabOutcome = Literal["verified", "gave_up", "stopped"]


class Attempt(msgspec.Struct, frozen=True):
    """One graded answer. `id` is 0 until it is stored."""

    id: int
    scenario: int
    answer: str
    grade: Grade
    at: datetime
    """UTC."""
    seconds: float
    """Time spent on the question."""
    follow_up_to: int | None = None
    """Id of the attempt whose follow-up question this answers."""
    question: str = ""
    """The follow-up question that was put; empty for the scenario's own."""
    target: str = ""
    """Point or misconception that the follow-up question aims at; empty for the scenario's own."""
    hints: int = 0
    """Hints opened while answering."""


class Draft(msgspec.Struct, frozen=True):
    """An unfinished answer."""

    scenario: int
    text: str
    seconds: float
    """Time spent so far; it goes on from here when the learner comes back."""
    at: datetime
    """UTC."""
    follow_up_to: int | None = None
    """Id of the attempt whose follow-up question this answers; None for the scenario's own question."""


class GradedAnswer(msgspec.Struct, frozen=True):
    """An attempt with what is to be repeated because of it."""

    attempt: Attempt
    cards: tuple[NewCard, ...] = ()


class Overrule(msgspec.Struct, frozen=True):
    """The learner's own verdict on a point or misconception of an attempt."""

    attempt: int
    target: str
    """Point or misconception id."""
    held: bool
    """True: the learner says it is in the answer."""
    at: datetime


class PredictionRecord(msgspec.Struct, frozen=True):
    """One prediction of a lab run, beside what was measured."""

    question: str
    """Id of the lab's Question."""
    predicted: Value
    observed: Value
    right: bool


class LabRecord(msgspec.Struct, frozen=True):
    """How a run of a lab ended."""

    lab: int
    outcome: LabOutcome
    at: datetime
    seconds: float
    hints: int
    """Hint tiers opened."""
    predictions_right: int
    predictions_made: int
    evidence: str
    """JSON: comparisons, checks and debrief rows, for export."""
    predictions: tuple[PredictionRecord, ...] = ()
    """Only the questions that the learner predicted."""


class ReviewStore(Protocol):
    """Cards and reviews. What `Store` says of threads, waiting and faults holds here too."""

    def card(self, card: int) -> Card | None:
        """One card by its id."""

    def cards(self, scenario: int | None = None) -> Sequence[Card]:
        """All of them, or those of one scenario, oldest first."""

    def due_cards(self, before: datetime, limit: int, *, fresh: bool) -> Sequence[Card]:
        """Cards due before a moment, the longest due first. `fresh`: those never answered, else the others."""

    def count_due(self, before: datetime, *, fresh: bool) -> int:
        """How many `due_cards` there are."""

    def dues(self, start: datetime, end: datetime) -> Sequence[datetime]:
        """When the answered cards are due, between two moments: for the load of each day."""

    def count_suspended(self) -> int:
        """How many cards are out of the queue."""

    def suspend(self, card: int, *, suspended: bool) -> None:
        """Take a card out of the queue, or put it back."""

    def add_review(self, review: Review, after: Schedule) -> Review:
        """Store a review, the card's new schedule, and drop its draft, in one transaction; returns it with its id.

        Raises StoreError where the card was answered elsewhere in the meantime: then nothing is stored.
        """

    def reviews(self, card: int | None = None) -> Sequence[Review]:
        """Oldest first, those undone left out."""

    def last_review(self) -> Review | None:
        """The latest one that is not undone."""

    def undo_review(self, review: Review, at: datetime) -> None:
        """Take the last review back: the card is as before, and its answer is a draft again. In one transaction.

        Raises StoreError where it is not the last one any more.
        """

    def reviewed_on(self, day: date) -> frozenset[int]:
        """The cards answered on one of the learner's days."""

    def review_days(self) -> Sequence[DayCount]:
        """What was done on each of the learner's days, oldest first; days without reviews are left out."""

    def save_card_draft(self, draft: CardDraft) -> None:
        """Replace the draft of its card."""

    def card_draft(self, card: int) -> CardDraft | None:
        """The unfinished answer to a card, if any."""

    def drop_card_draft(self, card: int) -> None:
        """Forget it."""


class MockStore(Protocol):
    """Mock interviews. What `Store` says of threads, waiting and faults holds here too."""

    def add_mock(self, mock: Mock) -> Mock:
        """Store a new interview with its questions; returns it with its id. Raises StoreError where another is open."""

    def mock(self, mock: int) -> Mock | None:
        """One interview with everything that has happened in it. Raises StoreError where it is damaged."""

    def mock_ids(self) -> Sequence[int]:
        """Every interview, oldest first, damaged ones too."""

    def open_mocks(self) -> Sequence[int]:
        """Those that can be gone on with, the latest first."""

    def add_mock_answer(self, mock: int, answer: Answer, also: GradedAnswer | None = None) -> None:
        """Store an answer and drop its draft, in one transaction. `also`: the same as an attempt (a second try).

        Raises StoreError where it was answered elsewhere in the meantime: then nothing is stored.
        """

    def assess(self, mock: int, mark: Assessment) -> None:
        """Store the learner's own mark. Raises StoreError where there is one already."""

    def mark_mock(self, mock: int, mark: Mark, at: datetime, attempts: Sequence[GradedAnswer] = ()) -> None:
        """Store how it went on. `debriefed` brings the answers as attempts with their cards, in the same transaction.

        Nothing happens where the mark is there already.
        """

    def save_mock_draft(self, draft: MockDraft) -> None:
        """Replace the draft of its question. Raises StoreError where that was answered elsewhere, or reset."""

    def mock_drafts(self, mock: int) -> Sequence[MockDraft]:
        """The answers being written, the latest first; what was not handed in before the end stays here."""


class Store(ReviewStore, MockStore, Protocol):
    """The learner's data. Every write is on disk when the call returns, wholly or not at all.

    Every method may be called from any thread and may wait for the disk: never call one on the interface's thread.
    Raises StoreError, or EnvironmentFault where the disk is full.
    """

    def save_draft(self, draft: Draft) -> None:
        """Replace the draft of its question (scenario, or follow-up of one attempt)."""

    def draft(self, scenario: int, follow_up_to: int | None = None) -> Draft | None:
        """The unfinished answer, if any."""

    def drafts(self) -> Sequence[Draft]:
        """Every unfinished answer, the latest first."""

    def drop_draft(self, scenario: int, follow_up_to: int | None = None) -> None:
        """Forget it."""

    def add_attempt(self, attempt: Attempt, cards: Sequence[NewCard] = (), *, keep_draft: bool = False) -> Attempt:
        """Store an attempt with its cards and drop the draft of its question in one transaction; returns it with its id.

        `cards`: what is to be repeated because of it; a card that is there already comes back as early.
        `keep_draft`: the answer did not grow out of the draft (it came from a file), so the draft stays.
        """

    def attempt(self, attempt: int) -> Attempt | None:
        """One attempt by its id."""

    def attempts(self, scenario: int | None = None) -> Sequence[Attempt]:
        """Oldest first."""

    def overrule(self, overrule: Overrule, cards: Sequence[NewCard] = ()) -> None:
        """Replace the learner's verdict on one target of one attempt.

        The card that the attempt made for it goes, unless it was answered already; `cards`: the one that comes.
        """

    def overrules(self, attempt: int) -> Sequence[Overrule]:
        """The learner's verdicts on an attempt."""

    def skip_lab_lock(self, lab: int, at: datetime) -> None:
        """The learner opened a lab without an attempt: recorded, not progress."""

    def lab_lock_skipped(self, lab: int) -> bool:
        """Whether the lock of this lab was skipped."""

    def add_lab_record(self, record: LabRecord) -> None:
        """Store how a lab run ended."""

    def lab_records(self, lab: int | None = None) -> Sequence[LabRecord]:
        """Oldest first."""

    def reset(self, scenario: int | None = None, lab: int | None = None) -> None:
        """Forget what was learnt of one scenario and its lab, or of all, in one transaction. Settings stay."""

    def setting(self, key: str) -> str | None:
        """A setting of the app (theme, last place …)."""

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""


class DebriefRow(msgspec.Struct, frozen=True):
    """claim | rubric point | measured fact."""

    claim: str
    """The learner's own words; empty where they said nothing about it."""
    point: str
    """Id of the rubric point."""
    point_text: str
    fact: str
    """The observation's text and value."""
    agrees: bool | None
    """None where the learner made no claim, or it is not certain that they did."""


class LabRun(Protocol):
    """One learner's run through one lab. Call from one worker thread; `stop` and `interrupt` from any."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""

    @property
    def workspace(self) -> Path:
        """Where the learner's files are, while the lab runs."""

    def predict(self, answers: dict[str, str]) -> None:
        """Commit to predictions, as typed. Raises BadPrediction for the first that is none."""

    def observe(self) -> Sequence[Comparison]:
        """Get a cluster, arrange, and produce the symptom; events go to the sink meanwhile."""

    def observations(self) -> Sequence[Observation]:
        """All facts measured so far."""

    def evidence(self) -> Evidence:
        """All that the run has shown so far, with its outcome as it stands, for the record and for export."""

    def command(self, line: str) -> int:
        """Run one line of the lab's prompt (a Kafka tool); output goes to the sink; returns its exit status."""

    def verify(self) -> Sequence[Check]:
        """Check the state of the world. Raises Interrupted after `interrupt`."""

    def hint(self) -> str:
        """The next hint of the first failing check, from the observed state; the last one again when there is no more."""

    def give_up(self) -> None:
        """Apply the reference fix and show how; recorded as given up."""

    def solution(self) -> Sequence[Pair]:
        """The learner's fix beside the reference's. Raises SolutionLocked before a pass and before giving up."""

    def reset(self) -> None:
        """Back to the broken situation, fresh names."""

    def stop(self) -> None:
        """Ask for an end; the call in progress raises LabStopped."""

    def interrupt(self) -> bool:
        """End the command or verification in progress, not the lab, from any thread; False where none is."""

    def close(self) -> None:
        """Remove everything this run made. Safe to call twice."""


class Labs(Protocol):
    """The labs, for the sessions."""

    def infos(self) -> Sequence[LabInfo]:
        """Every lab there is, by number."""

    def warm_up(self) -> None:
        """Begin to start a broker in the background; returns at once."""

    def warm_state(self) -> str:
        """`cold`, `starting: …`, `ready` or `failed: …`, for the status line."""

    def where(self) -> str:
        """The address of the learner's own cluster, where the labs run on one; else empty."""

    def open(self, lab: int, sink: Callable[[Event], None]) -> LabRun:
        """A new run. Raises UnknownLab, LabBusy."""

    def close(self) -> None:
        """Stop every broker this app started."""
