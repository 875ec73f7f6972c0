"""One lab run driven from the interface: every call on the run's own thread, every answer a message with its run's number."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from labs.contract import Check, Comparison, Event, Output
from labs.evidence import Evidence
from labs.solution import Pair
from tutor.sessions.ports import LabRun, Labs
from tutor.ui.jobs import Jobs

T = TypeVar("T")
MAX_PENDING_OUTPUT = 2_000
"""Lines of output that wait to be drawn; what comes faster is left out, and said so."""
PREDICT, OBSERVE, COMMAND, VERIFY, HINT, GIVE_UP, RESET, SOLUTION = (
    "take the predictions",
    "run the lab",
    "run the command",
    "verify",
    "find a hint",
    "apply the reference fix",
    "reset the lab",
    "open the solution",
)


@dataclass
class LabMessage(Message):
    """Something about a run."""

    run: int
    """Number of the run in this screen; older ones are stale."""


@dataclass
class Committed(LabMessage):
    """The predictions are taken; nothing has run before."""


@dataclass
class Seen(LabMessage):
    """The symptom was produced and measured."""

    comparisons: Sequence[Comparison]
    evidence: Evidence


@dataclass
class Ran(LabMessage):
    """A command of the prompt has ended."""

    status: int


@dataclass
class Verified(LabMessage):
    """The checks were evaluated."""

    checks: Sequence[Check]
    evidence: Evidence


@dataclass
class Hinted(LabMessage):
    """The next hint."""

    text: str


@dataclass
class Solved(LabMessage):
    """The learner's fix beside the reference's."""

    pairs: Sequence[Pair]


@dataclass
class GaveUp(LabMessage):
    """The reference fix was applied."""

    evidence: Evidence


@dataclass
class WasReset(LabMessage):
    """The broken situation is back."""


@dataclass
class EventsArrived(LabMessage):
    """Events wait in the buffer; one message stands for a whole burst."""

    def can_replace(self, message: Message) -> bool:
        """A later one makes an earlier one needless."""
        return isinstance(message, EventsArrived)


class EventBuffer:
    """The sink of a run: takes events on any thread and wakes the interface once a burst."""

    def __init__(self, target: MessagePump, run: int) -> None:
        self._target, self._run = target, run
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._outputs = self._left_out = 0

    def __call__(self, event: Event) -> None:
        """Take an event."""
        with self._lock:
            if isinstance(event, Output):
                if self._outputs >= MAX_PENDING_OUTPUT:
                    self._left_out += 1
                    return
                self._outputs += 1
            first = not self._events
            self._events.append(event)
        if first:
            self._target.post_message(EventsArrived(self._run))

    def drain(self) -> list[Event]:
        """All events since the last call, in order."""
        with self._lock:
            events, self._events = self._events, []
            if self._left_out:
                events.append(Output(f"… {self._left_out:,} more lines came too fast and are left out", "err"))
            self._outputs = self._left_out = 0
        return events


class LabDriver:
    """Opens runs of one lab and calls them. Use from the interface's thread only."""

    def __init__(self, target: MessagePump, labs: Labs, lab: int) -> None:
        self._target, self._labs, self._lab = target, labs, lab
        self._jobs = Jobs(f"lab-{lab}")
        self._run: LabRun | None = None
        """Set on the run's thread, when it is open."""
        self.number = 1
        """Of the current run, or of the next one where none is open."""
        self.busy = ""
        """What is being done now; empty where nothing is."""
        self.buffer = EventBuffer(target, self.number)

    def commit(self, answers: dict[str, str]) -> None:
        """Open a run where none is open and hand in the predictions. Committed, or JobFailed with BadPrediction."""
        number, buffer = self.number, self.buffer

        def call() -> None:
            if self._run is None:
                self._run = self._labs.open(self._lab, buffer)
            self._run.predict(answers)

        self._do(PREDICT, call, lambda _: Committed(number))

    def observe(self) -> None:
        """Produce the symptom: Seen."""
        number = self.number

        def call() -> Seen:
            run = self._open_run()
            return Seen(number, run.observe(), run.evidence())

        self._do(OBSERVE, call, lambda seen: seen)

    def command(self, line: str) -> None:
        """A line of the prompt: Ran."""
        number = self.number
        self._do(COMMAND, lambda: self._open_run().command(line), lambda status: Ran(number, status))

    def verify(self) -> None:
        """Evaluate the checks: Verified."""
        number = self.number

        def call() -> Verified:
            run = self._open_run()
            return Verified(number, run.verify(), run.evidence())

        self._do(VERIFY, call, lambda verified: verified)

    def hint(self) -> None:
        """The next hint: Hinted."""
        number = self.number
        self._do(HINT, lambda: self._open_run().hint(), lambda text: Hinted(number, text))

    def solution(self) -> None:
        """The learner's fix beside the reference's: Solved."""
        number = self.number
        self._do(SOLUTION, lambda: self._open_run().solution(), lambda pairs: Solved(number, pairs))

    def give_up(self) -> None:
        """Apply the reference fix: GaveUp."""
        number = self.number

        def call() -> GaveUp:
            run = self._open_run()
            run.give_up()
            return GaveUp(number, run.evidence())

        self._do(GIVE_UP, call, lambda gave_up: gave_up)

    def reset(self) -> None:
        """The broken situation again: WasReset."""
        number = self.number
        self._do(RESET, lambda: self._open_run().reset(), lambda _: WasReset(number))

    def done(self, run: int, what: str = "") -> bool:
        """A reply has come; whether it belongs to the current run, and to what is being done (`what`, where given)."""
        current = run == self.number and what in ("", self.busy)
        if current:
            self.busy = ""
        return current

    @property
    def workspace(self) -> Path:
        """Where the learner's files are; only while a run is open."""
        return self._open_run().workspace

    def interrupt(self) -> bool:
        """End the command or verification in progress, not the lab."""
        return self._run is not None and self._run.interrupt()

    def drop(self) -> None:
        """Stop the current run and remove what it made, in the background; `commit` opens the next one."""
        run = self._run
        if run is not None:
            run.stop()

        def close() -> None:
            left, self._run = self._run, None
            if left is not None:
                left.close()

        self._jobs.run(self._target, close, name="clean up")
        self.number += 1
        self.buffer = EventBuffer(self._target, self.number)
        self.busy = ""

    def end(self) -> None:
        """As `drop`, and nothing after it."""
        self.drop()
        self._jobs.close()

    def _open_run(self) -> LabRun:
        if self._run is None:
            raise RuntimeError("no lab is open")
        return self._run

    def _do(self, what: str, call: Callable[[], T], reply: Callable[[T], Message]) -> None:
        self.busy = what
        self._jobs.run(self._target, call, reply, name=what, ticket=self.number)
