"""Waiting for another instance without falling silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

EVERY = 0.3
"""Seconds between two words to the learner."""


@contextmanager
def waiting_lock(path: Path, tell: Callable[[], None]) -> Iterator[None]:
    """Hold a lock that all instances share; `tell` is called now and then while another one has it."""
    lock = FileLock(path)
    while True:
        try:
            lock.acquire(timeout=EVERY)
            break
        except Timeout:
            tell()
    try:
        yield
    finally:
        lock.release()
