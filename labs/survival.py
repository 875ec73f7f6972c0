"""Whether a program survives: killed at every one of its crash points, as a table and as checks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from labs.contract import LabContext, Output
from labs.crashes import Point, Source
from labs.notebook import measured, plot, step
from labs.payments import Tally
from labs.trials import Bench, Outcome, QuietRun, Trial, crash, quiet_run, recover

MOST_POINTS = 30
"""More places than this are thinned out evenly."""
MOST_AGAIN = 4
"""Places at which it is killed a second time, in the run that follows."""
MOST_STUCK = 3
"""After so many programs that never get on, the others are spared."""


IDLE_PLACE = "while it waits for the next payment"


@dataclass(frozen=True, slots=True)
class Row:
    """One crash point, and what came of it."""

    place: str
    """Completes "killed …"."""
    outcome: Outcome
    calls: tuple[str, ...] = ()
    """The calls on both sides."""


@dataclass(frozen=True, slots=True)
class Survey:
    """All that was found out about a program."""

    fault: str
    """Why it could not be crashed at all; empty where it was."""
    rows: tuple[Row, ...] = ()
    calm: Mapping[str, Tally] = field(default_factory=dict)
    """What it did to each part of the world before anything was killed."""
    untried: int = 0

    @property
    def seen(self) -> bool:
        """Whether the places around the database and around the offsets are among them."""
        calls = {name for row in self.rows for name in row.calls}
        return any(call.startswith(("Connection.", "Cursor.")) for call in calls) and any(
            call.startswith("KafkaConsumer.") for call in calls
        )

    def hit(self, effect: str, word: str) -> list[Row]:
        """The rows in which an effect came out as `lost` or `twice`, or not at all."""
        return [row for row in self.rows if word in row.outcome.word(effect)]

    @property
    def stuck(self) -> list[Row]:
        """The rows in which the program never got on."""
        return [row for row in self.rows if row.outcome.stuck]


def survey(ctx: LabContext, bench: Bench, script: Path) -> Survey:
    """Run the program once in peace, then kill it at each of its crash points, and let it go on each time."""
    if fault := unreadable(script):
        return Survey(fault)
    step(ctx, "verify", f"{script.name} handles three payments, and nothing goes wrong")
    (calm,) = bench.trials(["calm"])
    quiet = quiet_run(calm, script, _shown(ctx))
    if quiet.fault or not quiet.points:
        return Survey(quiet.fault or "It made no call into Kafka or the database that could be seen.")
    return _crash_all(ctx, bench, script, calm, quiet)


def _crash_all(ctx: LabContext, bench: Bench, script: Path, calm: Trial, quiet: QuietRun) -> Survey:
    points = thinned(quiet.points)
    source = Source(script)
    again = set(thinned([point for point in points if point.met > 1], MOST_AGAIN))
    text = f"It is killed with SIGKILL at each of its {len(points)} crash points and started again; at {len(again)} of them twice"
    step(ctx, "verify", text, "kill -9 PID")
    counted = _Counter(ctx)

    def one(job: tuple[Trial, Point | None]) -> Outcome | None:
        trial, point = job
        if counted.hopeless:
            return None
        crashed = crash(trial, script, point.moment) if point else True
        twice = point.again if point is not None and point in again else None
        return counted.add(recover(trial, script, twice, int(crashed)))

    trials = bench.trials([f"crash-{number + 1}" for number in range(len(points))])
    idle, *outcomes = bench.side_by_side(one, [(calm, None), *zip(trials, points, strict=True)])
    rows = [
        Row(source.place(point), outcome, (point.after.call, point.at.call))
        for point, outcome in zip(points, outcomes, strict=True)
        if outcome is not None
    ]
    untried = len(quiet.points) - len(rows)
    rows += [Row(IDLE_PLACE, idle)] if idle is not None else []
    return Survey("", tuple(rows), quiet.tallies, untried)


class _Counter:
    """Counts outcomes as they come in, and plots them."""

    def __init__(self, ctx: LabContext) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._counts = {"survived": 0, "lost": 0, "twice": 0}
        self._stuck = 0

    @property
    def hopeless(self) -> bool:
        """Whether enough programs have never got on."""
        return self._stuck >= MOST_STUCK

    def add(self, outcome: Outcome) -> Outcome:
        """Take one."""
        words = " ".join(tally.word for tally in outcome.tallies.values())
        with self._lock:
            self._stuck += bool(outcome.stuck)
            self._counts["survived"] += outcome.once
            for word in ("lost", "twice"):
                self._counts[word] += word in words
            plot(self._ctx, self._counts, "crash points")
        return outcome


def unreadable(script: Path) -> str:
    """Why a program's file cannot be run; empty where it can."""
    if not script.is_file():
        return f"There is no {script.name} in the workspace."
    if not os.access(script, os.R_OK):
        return f"{script.name} cannot be read: its permissions forbid it."
    try:
        text = script.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"{script.name} cannot be read: {error}."
    return "" if text.strip() else f"{script.name} is empty."


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """All points, or as many as there is time for, evenly spread."""
    if len(points) <= most:
        return list(points)
    return [points[number * len(points) // most] for number in range(most)]


def table(found: Survey, effects: Sequence[str]) -> list[str]:
    """The crash points with what came of each, as lines."""
    if not found.rows:
        return []
    titles = [*effects, "killed"]
    lines = [_line(titles, "crash point")]
    lines += [_line([*map(row.outcome.word, effects), f"{row.outcome.crashes}×"], _told(row)) for row in found.rows]
    if found.untried:
        lines.append(f"{found.untried} more crash points were not tried.")
    return lines


def show(ctx: LabContext, found: Survey, effects: Sequence[str]) -> None:
    """Print the table, and keep what it comes to."""
    for line in table(found, effects):
        ctx.emit(Output(line))
    if found.rows:
        measured(ctx, "crash points survived", 100 * sum(row.outcome.once for row in found.rows) / len(found.rows), "%")
        for effect in effects:
            for word in ("lost", "twice"):
                measured(ctx, f"crash points with a payment {word} ({effect})", len(found.hit(effect, word)))


def _told(row: Row) -> str:
    return f"{row.place} (never got on: {row.outcome.stuck})" if row.outcome.stuck else row.place


def _line(cells: Iterable[str], rest: str) -> str:
    return "".join(f"{cell:<10}" for cell in cells) + rest


def _shown(ctx: LabContext) -> Callable[[str, Literal["out", "err"]], None]:
    return lambda line, stream: ctx.emit(Output(line, stream))
