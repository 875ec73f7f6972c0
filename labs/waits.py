"""Waiting that can be interrupted: a stop, or a broker that died, ends every wait within a tenth of a second."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from labs.contract import StopToken
from labs.errors import BrokerDied, LabError, LabStopped

T = TypeVar("T")
SLICE = 0.05
"""Seconds between two looks at the stop token."""


class StopFlag:
    """A StopToken: a flag that any thread may set, and the health of the cluster."""

    def __init__(self, failure: Callable[[], str | None] = lambda: None, parent: StopToken | None = None) -> None:
        """`parent`: whatever ends it ends this one too, but not the other way round."""
        self._asked = threading.Event()
        self._failure = failure
        self._parent = parent

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

    def stop(self) -> None:
        """Ask for an end. Safe from any thread and to call twice."""
        self._asked.set()

    def check(self) -> None:
        """Raise LabStopped when a stop was asked for, BrokerDied when the cluster failed."""
        if self._parent is not None:
            self._parent.check()
        if self._asked.is_set():
            raise LabStopped("The lab was stopped", "Everything it made is being removed.")
        if reason := self._failure():
            raise BrokerDied("Kafka stopped in the middle of the lab", reason, "Type `reset` to start it afresh.")

    def wait(self, seconds: float) -> None:
        """Wait, returning early with the exceptions of `check`."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            self._asked.wait(min(SLICE, left))


class Deadline:
    """A StopToken for cleaning up: it ignores the learner, and gives up after a time or with the cluster."""

    def __init__(self, seconds: float, failure: Callable[[], str | None] = lambda: None) -> None:
        self._end = time.monotonic() + seconds
        self._failure = failure

    def check(self) -> None:
        """Raise BrokerDied when the cluster failed, LabError when the time is over."""
        if reason := self._failure():
            raise BrokerDied("Kafka is gone", reason)
        if time.monotonic() > self._end:
            raise LabError("Cleaning up took too long", "Kafka did not answer in time.", "Run: kafka-tutor lab clean")

    def wait(self, seconds: float) -> None:
        """Wait, returning early with the exceptions of `check`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(SLICE, left))
        self.check()


def wait_until(predicate: Callable[[], bool], stop: StopToken, seconds: float, what: str, every: float = SLICE) -> None:
    """Wait until the predicate holds. `what` completes "Waited … s for". Raises LabError when it never does."""
    end = time.monotonic() + seconds
    while not predicate():
        stop.check()
        if time.monotonic() > end:
            raise LabError(
                f"Waited {seconds:.0f} s for {what}",
                "That takes a few seconds at most on a machine that is not at its limits.",
                "Type `reset` to begin again.",
            )
        stop.wait(every)


@contextlib.contextmanager
def held(path: Path, stop: StopToken, on_busy: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a lock between processes. `on_busy` is called once where somebody else has it. Raises what `stop` raises, OSError."""
    lock, told = FileLock(path, thread_local=False), False
    while True:
        stop.check()
        try:
            lock.acquire(timeout=SLICE)
            break
        except Timeout:
            if not told:
                on_busy()
            told = True
    try:
        yield
    finally:
        lock.release()


class Worker:
    """A thread of its own for calls that block inside a library: the caller can leave at any moment.

    Calls run one after the other, always on the same thread. A call that the caller left goes on to its end there, unless it
    has not begun: then it never does.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, job: Callable[[], T], stop: StopToken) -> T:
        """The job's result, or its exception. Raises early with the exceptions of `stop.check`."""
        stop.check()
        future: Future[T] = Future()
        self._jobs.put((future, job))
        while True:
            try:
                return future.result(timeout=SLICE)
            except FutureTimeout:
                if future.done():  # it ended just now, or the TimeoutError is its own
                    return future.result()
                self._check(stop, future)

    @staticmethod
    def _check(stop: StopToken, future: Future[Any]) -> None:
        try:
            stop.check()
        except BaseException:
            future.cancel()
            raise

    def finish(self, last: Callable[[], None], seconds: float = 2.0) -> bool:
        """Run a last job and end the thread. False when it did not end in time (it is a daemon: it holds nothing up)."""
        self._jobs.put((Future(), last))
        self._jobs.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            future, job = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job())
            except BaseException as error:
                future.set_exception(error)
