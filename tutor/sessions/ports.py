"""What the sessions need of the world: the store and the labs, as Protocols and values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from labs.contract import Check, Comparison, Event, LabInfo, Observation, Value
from labs.evidence import Evidence
from labs.solution import Pair
from tutor.grading.types import Grade

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


class Store(Protocol):
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

    def add_attempt(self, attempt: Attempt, *, keep_draft: bool = False) -> Attempt:
        """Store an attempt and drop the draft of its question in one transaction; returns it with its id.

        `keep_draft`: the answer did not grow out of the draft (it came from a file), so the draft stays.
        """

    def attempt(self, attempt: int) -> Attempt | None:
        """One attempt by its id."""

    def attempts(self, scenario: int | None = None) -> Sequence[Attempt]:
        """Oldest first."""

    def overrule(self, overrule: Overrule) -> None:
        """Replace the learner's verdict on one target of one attempt."""

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

    def open(self, lab: int, sink: Callable[[Event], None]) -> LabRun:
        """A new run. Raises UnknownLab, LabBusy."""

    def close(self) -> None:
        """Stop every broker this app started."""
