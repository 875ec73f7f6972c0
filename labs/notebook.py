"""What labs share: noting observations as they come, plotting, and showing commands as they would be typed."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from labs.contract import LabContext, Measured, Observation, Observed, Output, Phase, Sample, Step, Value, Whose
from labs.errors import ToolFailed


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of an observation before it is measured."""

    why: str
    """The mechanism behind it."""
    points: tuple[str, ...] = ()
    """Rubric points it proves."""
    refutes: tuple[str, ...] = ()
    """Misconceptions it refutes."""
    question: str = ""
    """The question it answers."""
    holds: Callable[[Value], bool] = lambda _: True
    """Whether a measured value is what a healthy run shows."""


def equal(wanted: Value) -> Callable[[Value], bool]:
    """Exactly this value."""
    return lambda value: value == wanted


def between(low: float, high: float) -> Callable[[Value], bool]:
    """A number from low to high, both included."""
    return lambda value: isinstance(value, (int, float)) and low <= value <= high


class Notebook:
    """Collects observations and tells each at once. `facts`: what is known of each, by its id."""

    def __init__(self, ctx: LabContext, facts: Mapping[str, Fact]) -> None:
        self._ctx = ctx
        self._facts = facts
        self._seen: list[Observation] = []

    def note(self, observation_id: str, text: str, value: Value, display: str, command: str = "") -> None:
        """Add what was measured."""
        fact = self._facts[observation_id]
        seen = Observation(
            observation_id, text, value, display, fact.why, fact.points, fact.refutes, fact.question, command
        )
        self._seen.append(seen)
        self._ctx.emit(Observed(seen))

    @property
    def observations(self) -> tuple[Observation, ...]:
        """All so far, in order."""
        return tuple(self._seen)


def plot(ctx: LabContext, values: Mapping[str, float], unit: str = "") -> None:
    """One point for each series, all at this moment."""
    at = ctx.elapsed()
    for series, value in values.items():
        ctx.emit(Sample(series, at, float(value), unit))


def measured(ctx: LabContext, label: str, value: float, unit: str = "", whose: Whose = "yours") -> None:
    """A figure of the fix, for the table of before and after. In `verify` it is the learner's: leave `whose` out."""
    ctx.emit(Measured(label, float(value), unit, whose))


def step(ctx: LabContext, phase: Phase, text: str, command: str = "") -> None:
    """Tell that a step begins, with its equivalent command."""
    ctx.emit(Step(phase, text, command))


def shell(tool: str, *args: str) -> str:
    """A Kafka tool as it would be typed: `kafka-topics.sh --bootstrap-server $BOOTSTRAP …`."""
    return " ".join([f"{tool}.sh", "--bootstrap-server $BOOTSTRAP", *map(shlex.quote, args)])


def run_shown(ctx: LabContext, phase: Phase, text: str, args: Sequence[str], stdin: bytes | None = None) -> list[str]:
    """Run a real Kafka tool with its command shown; returns its standard output. Raises LabError where it fails."""
    step(ctx, phase, text, shell(*args))
    out: list[str] = []
    errors: list[str] = []

    def take(line: str, stream: str) -> None:
        (out if stream == "out" else errors).append(line)
        ctx.emit(Output(line, "out" if stream == "out" else "err"))

    status = ctx.tools.run(args, take, ctx.stop, 60.0, stdin)
    if status != 0:
        raise ToolFailed(f"{args[0]} ended with status {status}", (errors or out or [""])[-1], "Type `reset`.")
    return out


def now_ms() -> int:
    """The time as Kafka stamps records, in milliseconds."""
    return time.time_ns() // 1_000_000
