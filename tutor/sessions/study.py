"""One question being answered: the draft, the time spent, and the graded attempt at its end."""

from __future__ import annotations

from tutor.clock import Clock
from tutor.grading.types import Grade
from tutor.scenarios.model import Scenario
from tutor.sessions.follow_up import FollowUp
from tutor.sessions.placement import new_cards
from tutor.sessions.ports import Attempt, Draft, Store
from tutor.sessions.sitting import Sitting


class StudySession(Sitting):
    """A learner at a question: `type` as they write, `save` from a worker, `accept`, then `submit`."""

    def __init__(
        self,
        scenario: Scenario,
        store: Store,
        clock: Clock,
        *,
        draft: Draft | None = None,
        follow_up: FollowUp | None = None,
        parent: Attempt | None = None,
    ) -> None:
        super().__init__(clock, draft.text if draft else None, draft.seconds if draft else 0.0)
        self.scenario = scenario
        self.follow_up = follow_up
        self.parent = parent
        self._store = store

    @classmethod
    def start(cls, scenario: Scenario, store: Store, clock: Clock) -> StudySession:
        """Begin the scenario's own question, or go on where the draft stopped. Raises StoreError."""
        return cls(scenario, store, clock, draft=store.draft(scenario.id))

    @classmethod
    def start_follow_up(
        cls, scenario: Scenario, parent: Attempt, follow_up: FollowUp, store: Store, clock: Clock
    ) -> StudySession:
        """Begin the follow-up question of an attempt, or go on with its draft. Raises StoreError."""
        draft = store.draft(scenario.id, parent.id)
        return cls(scenario, store, clock, draft=draft, follow_up=follow_up, parent=parent)

    @property
    def question(self) -> str:
        """The question that is being answered."""
        return self.follow_up.question if self.follow_up else self.scenario.question

    @property
    def limit(self) -> float:
        """Seconds that an interview gives; the timer informs and stops nothing."""
        return self.scenario.minutes * 60.0

    def submit(self, grade: Grade) -> Attempt:
        """Store the graded answer and drop its draft. Raises StoreError; then it can be called again.

        Raises RuntimeError where `accept` was not called before: a fault of the caller.
        """
        with self._disk:
            with self._lock:
                if self._accepted is None or self._phase != "submitted":
                    raise RuntimeError("submit() before accept()")
                attempt = self._attempt(self._accepted.kept, grade)
            cards = new_cards(self._store, self.scenario, grade, attempt.at, target=attempt.target)
            stored = self._store.add_attempt(attempt, cards)
            self._phase = "done"
            return stored

    @property
    def _parent_id(self) -> int | None:
        return self.parent.id if self.parent else None

    def _keep(self, text: str) -> None:
        self._store.save_draft(Draft(self.scenario.id, text, self.elapsed(), self._clock.now(), self._parent_id))

    def _drop(self) -> None:
        self._store.drop_draft(self.scenario.id, self._parent_id)

    def _attempt(self, text: str, grade: Grade) -> Attempt:
        return Attempt(
            id=0,
            scenario=self.scenario.id,
            answer=text,
            grade=grade,
            at=self._clock.now(),
            seconds=self.elapsed(),
            follow_up_to=self._parent_id,
            question=self.follow_up.question if self.follow_up else "",
            target=self.follow_up.target if self.follow_up else "",
        )
