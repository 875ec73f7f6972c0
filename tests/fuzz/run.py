"""Feeding a target until the time is over, and counting what is left behind."""

from __future__ import annotations

import gc
import itertools
import signal
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from tests.fuzz.targets import TARGETS, Target

HANG = 20.0
"""Seconds after which an input counts as one that hangs."""
ROUND = 250
"""Inputs of one round; each round has a seed of its own."""
THOROUGH = 30.0
"""Seconds from which answers are graded by the model, too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target."""

    name: str
    inputs: int
    seconds: float
    findings: tuple[str, ...]
    left: str = ""
    """What it left behind; empty where nothing."""


class Hung(Exception):
    """An input that takes too long."""


class _Over(KeyboardInterrupt):
    """The time is over; hypothesis lets it through as it does Ctrl+C."""


def fuzz(name: str, seconds: float, first_seed: int, most: int = 5) -> Outcome:
    """Feed one target; ends after `most` findings. Call from the main thread: the alarm needs it."""
    with _own_scratch() as place:
        outcome, before = _fuzz(name, seconds, first_seed, most, place)
        gc.collect()
        return replace(outcome, left=_more(before, _held(place)))


@contextmanager
def _own_scratch() -> Iterator[Path]:
    """Every temporary file of this process goes to a directory of its own, so that what is left can be counted."""
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-fuzz-") as place:
        before, tempfile.tempdir = tempfile.tempdir, place
        try:
            yield Path(place)
        finally:
            tempfile.tempdir = before


def _fuzz(name: str, seconds: float, first_seed: int, most: int, place: Path) -> tuple[Outcome, dict[str, int]]:
    findings: list[str] = []
    inputs = 0
    with (
        tempfile.TemporaryDirectory(dir=place) as scratch,
        TARGETS[name](Path(scratch), seconds >= THOROUGH) as target,
    ):
        before = _held(place)  # with what the target itself needs: a loaded model has files open
        began = time.monotonic()
        for number in itertools.count(first_seed):
            if time.monotonic() - began >= seconds or len(findings) >= most:
                break
            done, found = _round(target, number, began + seconds)
            inputs += done
            findings += found
    return Outcome(name, inputs, time.monotonic() - began, tuple(findings)), before


def _round(target: Target, number: int, end: float) -> tuple[int, list[str]]:
    count = 0
    failures: list[str] = []

    @seed(number)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(st.data())
    def feed(data: st.DataObject) -> None:
        nonlocal count
        if count and time.monotonic() >= end:  # one at least, however slow the machine is
            raise _Over
        count += 1
        try:
            with _alarm(HANG):
                target(data)
        except Exception:
            failures.append(traceback.format_exc())
            raise

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HypothesisWarning)  # that an input is long is no news
            feed()
    except _Over:  # perhaps while a failing input was being made smaller
        return count, [f"seed {number}\n{failure}" for failure in failures[-1:]]
    except Exception:
        return count, [f"seed {number}\n{traceback.format_exc()}"]
    return count, []


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def rung(_: int, frame: FrameType | None) -> None:
        raise Hung(f"no end after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, rung)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _held(place: Path) -> dict[str, int]:
    """What this process holds."""
    process = psutil.Process()
    return {
        "open files": process.num_fds(),
        "threads": threading.active_count(),
        "child processes": len(process.children(recursive=True)),
        "temporary files": len(list(place.iterdir())),
    }


def _more(before: dict[str, int], after: dict[str, int]) -> str:
    more = {name: after[name] - before[name] for name in before if after[name] > before[name]}
    return ", ".join(f"{count} {name}" for name, count in more.items())
