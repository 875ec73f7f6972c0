"""An answer being written, whatever it answers: the text, the time spent, its draft, and its handing in."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Literal

from tutor.clock import Clock
from tutor.sessions import answers

Phase = Literal["writing", "submitted", "done"]


class Sitting(ABC):
    """`type` as the learner writes, `save` from a worker, `accept`, then what the subclass does with the grade.

    `type`, `accept`, `elapsed` and the properties do no I/O, so the interface may call them on its own thread. `save` and
    `discard` touch the store: call them in a worker. All may be called from any thread.
    """

    def __init__(self, clock: Clock, text: str | None, seconds: float) -> None:
        """`text`: of the draft; None where there is none."""
        self._clock = clock
        self._lock = threading.RLock()  # guards the fields below; never held during I/O
        self._disk = threading.Lock()  # one write of this sitting at a time
        self._text = self._saved = text or ""
        self._seconds = seconds
        self._since: float | None = clock.monotonic()
        self._accepted: answers.Accepted | None = None
        self._phase: Phase = "writing"
        self.resumed = text is not None

    @abstractmethod
    def _keep(self, text: str) -> None:
        """Write the draft. Raises StoreError."""

    @abstractmethod
    def _drop(self) -> None:
        """Forget the draft. Raises StoreError."""

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
                text = self._text
            (self._keep(text) if text else self._drop())
            self._saved = text

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

    def discard(self) -> None:
        """Throw the answer away, its draft too. Raises StoreError."""
        with self._disk:
            self._drop()
            with self._lock:
                self._text = self._saved = ""
                self._phase = "done"
