"""Workers that share jobs, one of which takes long: who waits for whom?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from labs.contract import StopToken

QUIET = 1.0
"""Seconds without any job done after which the long one ends: it has been waited for long enough to see who waits."""
LONG = "long"
URGENT = "urgent"
TICK = 0.01

T = TypeVar("T")
R = TypeVar("R")


class Shift:
    """What a pool of workers has done, in that order; each worker is a thread.

    The long job lasts until all others are done, or wait for it.
    """

    def __init__(self, total: int, stop: StopToken, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._stop = stop
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._done: list[tuple[str, int]] = []
        self._moved = monotonic()

    @property
    def done(self) -> tuple[str, ...]:
        """The jobs that are done, the first one first."""
        with self._guard:
            return tuple(job for job, _ in self._done)

    @property
    def over(self) -> bool:
        """Whether all are done."""
        return len(self.done) >= self._total

    @property
    def waited(self) -> int:
        """How many jobs were done only after the long one."""
        done = self.done
        return len(done) - 1 - done.index(LONG) if LONG in done else 0

    @property
    def urgent_rank(self) -> int:
        """As which of its worker's jobs the urgent one was done; 0 where it was not.

        Of its own worker's: how fast the others are meanwhile is the machine's business.
        """
        with self._guard:
            by = next((worker for job, worker in self._done if job == URGENT), None)
            own = [job for job, worker in self._done if worker == by and job != LONG]
        return own.index(URGENT) + 1 if URGENT in own else 0

    def work(self, job: str) -> None:
        """Do a job. Raises what `stop.check` raises."""
        if job == LONG:
            while len(self.done) < self._total - 1 and not self._stalled():
                self._stop.wait(TICK)
        with self._guard:
            self._done.append((job, threading.get_ident()))
            self._moved = self._monotonic()

    def _stalled(self) -> bool:
        with self._guard:
            return self._monotonic() - self._moved > QUIET


def in_parallel(job: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Do a job for each item, all at the same time; results in the order of the items."""
    with ThreadPoolExecutor(len(items), thread_name_prefix="worker") as pool:
        return list(pool.map(job, items))
