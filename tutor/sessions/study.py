"""One question being answered: the draft, the time spent, and the graded attempt at its end."""

from __future__ import annotations

import threading
from typing import Literal

from tutor.clock import Clock
from tutor.grading.types import Grade
from tutor.scenarios.model import Scenario
from tutor.sessions import answers
from tutor.sessions.follow_up import FollowUp
from tutor.sessions.ports import Attempt, Draft, Store

Phase = Literal["writing", "submitted", "done"]


class StudySession:
    """A learner at a question: `type` as they write, `save` from a worker, `accept`, then `submit`.

    `type`, `accept`, `elapsed` and the properties do no I/O, so the interface may call them on its own thread. `start`,
    `save`, `submit` and `discard` touch the store: call them in a worker. All may be called from any thread.
    """

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
        self.scenario = scenario
        self.follow_up = follow_up
        self.parent = parent
        self._store = store
        self._clock = clock
        self._lock = threading.RLock()  # guards the fields below; never held during I/O
        self._disk = threading.Lock()  # one write of this session at a time
        self._text = self._saved = draft.text if draft else ""
        self._seconds = draft.seconds if draft else 0.0
        self._since: float | None = clock.monotonic()
        self._accepted: answers.Accepted | None = None
        self._phase: Phase = "writing"
        self.resumed = draft is not None

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
    def text(self) -> str:
        """The answer so far."""
        return self._text

    @property
    def phase(self) -> Phase:
        """`writing`, `submitted` while the grader works, `done` once the attempt is stored."""
        return self._phase

    @property
    def unsaved(self) -> bool:
        """Whether something was typed since the last `save`."""
        return self._phase != "done" and self._text != self._saved

    @property
    def limit(self) -> float:
        """Seconds that an interview gives; the timer informs and stops nothing."""
        return self.scenario.minutes * 60.0

    def elapsed(self) -> float:
        """Seconds spent on this question, earlier sittings included, pauses not."""
        with self._lock:
            running = 0.0 if self._since is None else max(self._clock.monotonic() - self._since, 0.0)
            return self._seconds + running

    def pause(self) -> None:
        """Stop the clock: the learner looks at something else."""
        with self._lock:
            self._seconds, self._since = self.elapsed(), None

    def resume(self) -> None:
        """Let the clock go on."""
        with self._lock:
            if self._since is None and self._phase == "writing":
                self._since = self._clock.monotonic()

    def type(self, text: str) -> None:
        """Take the answer as it now stands. Ignored while it is being graded and afterwards."""
        with self._lock:
            if self._phase == "writing":
                self._text = text

    def save(self) -> None:
        """Write the draft, or drop it where the answer is empty. Raises StoreError.

        The text is that of the moment of writing, and nothing is written once the attempt is stored: a late call from
        a slow worker can neither bring back an older text nor a finished draft.
        """
        with self._disk:
            with self._lock:
                if self._phase == "done":
                    return
                draft = self._draft(self._text)
            if draft.text:
                self._store.save_draft(draft)
            else:
                self._store.drop_draft(self.scenario.id, self._parent_id)
            self._saved = draft.text

    def accept(self) -> answers.Accepted:
        """Hand in the answer: it is frozen until `submit` or `reopen`. Raises AnswerRefused; then it stays open."""
        with self._lock:
            self._accepted = answers.accept(self._text)
            self._phase = "submitted"
            self.pause()
            return self._accepted

    def reopen(self) -> None:
        """Grading failed or was stopped: the learner may write on."""
        with self._lock:
            if self._phase == "submitted":
                self._phase = "writing"
                self._accepted = None
                self.resume()

    def submit(self, grade: Grade) -> Attempt:
        """Store the graded answer and drop its draft. Raises StoreError; then it can be called again.

        Raises RuntimeError where `accept` was not called before: a fault of the caller.
        """
        with self._disk:
            with self._lock:
                if self._accepted is None or self._phase != "submitted":
                    raise RuntimeError("submit() before accept()")
                attempt = self._attempt(self._accepted.kept, grade)
            stored = self._store.add_attempt(attempt)
            self._phase = "done"
            return stored

    def discard(self) -> None:
        """Throw the answer away, its draft too. Raises StoreError."""
        with self._disk:
            self._store.drop_draft(self.scenario.id, self._parent_id)
            with self._lock:
                self._text = self._saved = ""
                self._phase = "done"

    @property
    def _parent_id(self) -> int | None:
        return self.parent.id if self.parent else None

    def _draft(self, text: str) -> Draft:
        return Draft(self.scenario.id, text, self.elapsed(), self._clock.now(), self._parent_id)

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
