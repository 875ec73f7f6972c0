"""Lab 8: programs under a memory limit, watched while they run."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labs.catalog.text08 import SECONDS
from labs.contract import LabContext, Output
from labs.errors import KafkaRefused
from labs.notebook import plot
from labs.nursery import Nursery
from labs.program import MIB, Limits, Program, ProgramResult

INDEX = "index.txt"
COMMIT_SECONDS = 3.0
"""For the commit of what has been handled."""
DYING_SECONDS = 1.0
"""From a MemoryError to the end of the process."""
STILL_SECONDS = 2.0
NEAR = 0.75
"""A program that fails so near to its limit failed because of it, whatever its last words."""


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a program."""

    result: ProgramResult | None
    """None where it was still at work, with everything done."""
    limit: int
    """MB; 0: none."""
    peak: float
    """MB."""
    held: int
    """The last `held N` that it printed."""
    curve: Sequence[tuple[int, float]]
    """(held, MB)."""
    said: Mapping[str, str]
    """The last line that began with each word."""
    index: str
    """What it wrote to its index."""
    gave_up: bool
    """Whether one of its threads spoke of a MemoryError."""
    lifeless: bool
    """Whether it stood still, at its limit, and was ended."""

    @property
    def out_of_memory(self) -> bool:
        """Whether the limit ended it."""
        if self.result is None or self.result.status == 0:
            return self.gave_up or self.lifeless
        return self.gave_up or self.result.ending == "memory limit" or self.peak >= NEAR * self.limit > 0


@dataclass(slots=True)
class _Watch:
    """Takes what a program prints and how much memory it has."""

    ctx: LabContext
    label: str
    shown: bool
    """Whether its output is shown to the learner."""
    on_word: Mapping[str, Callable[[str], None]] = field(default_factory=dict)
    peak: float = 0.0
    held: int = 0
    curve: list[tuple[int, float]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    gave_up: float = 0.0
    """When it first spoke of a MemoryError; 0: never."""

    moved: float = field(default_factory=time.monotonic)
    """When it last got further."""
    size: int = -1
    """Of its index."""

    still: bool = False
    """Whether it was found to stand still."""

    def lifeless(self, index: Path, limit: int) -> bool:
        """Whether memory has run out, and it stands still.

        Where the MemoryError hits a thread of the client instead of the program's own, nobody hears of it, and the program
        waits for ever.
        """
        now = time.monotonic()
        size = index.stat().st_size if index.exists() else 0
        if size != self.size:
            self.size, self.moved = size, now
        spoke = self.gave_up > 0 and now - self.gave_up > DYING_SECONDS
        self.still = spoke or (self.peak >= NEAR * limit > 0 and now - self.moved > STILL_SECONDS)
        return self.still

    def line(self, text: str, stream: str) -> None:
        if stream == "err" and "MemoryError" in text and not self.gave_up:
            self.gave_up = time.monotonic()
        word, _, rest = text.partition(" ")
        self.said[word] = rest
        if word in self.on_word:
            self.on_word[word](rest)
        if word == "held" and rest.isdigit():
            self.moved = time.monotonic() if int(rest) != self.held else self.moved
            self.held = int(rest)
        elif self.shown:
            self.ctx.emit(Output(text, "err" if stream == "err" else "out"))

    def rss(self, megabytes: float) -> None:
        if megabytes > self.peak:
            self.peak, self.moved = megabytes, time.monotonic()
        self.curve.append((self.held, megabytes))
        plot(self.ctx, {f"RSS, {self.label}": megabytes}, "MB")
        if self.held:
            plot(self.ctx, {f"held, {self.label}": self.held}, "documents")


def run(
    ctx: LabContext,
    script: Path,
    label: str,
    limit: int,
    env: Mapping[str, str],
    until: Callable[[Path], bool] = lambda _: False,
    *,
    shown: bool = False,
    nursery: Nursery | None = None,
    on_word: Mapping[str, Callable[[str], None]] | None = None,
) -> Run:
    """Run a program in a directory of its own, until it ends or `until` (given its index file) holds.

    `nursery`: what forks it, where there is one; `on_word`: what to do with the rest of each line that begins with that word.
    """
    watch = _Watch(ctx, label, shown, on_word or {})
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-") as folder:
        index = Path(folder) / INDEX
        program = Program(
            script,
            env={"BOOTSTRAP": ctx.cluster.bootstrap_servers, **env},
            limits=Limits(SECONDS, limit, 500),
            on_line=watch.line,
            on_rss=watch.rss,
            cwd=Path(folder),
            nursery=nursery,
            access=ctx.cluster.access,
        )
        with program:
            result = program.wait(ctx.stop, lambda: until(index) or watch.lifeless(index, limit))
        written = read_index(index)
    peak = max(watch.peak, result.peak_rss_mb if result else 0.0)
    return Run(result, limit, peak, watch.held, tuple(watch.curve), watch.said, written, watch.gave_up > 0, watch.still)


def read_index(path: Path) -> str:
    """What is in an index file; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class Done:
    """Holds when an index has so many lines and the group has committed the end, or does not within some seconds."""

    def __init__(self, ctx: LabContext, group: str, topic: str, lines: int, label: str) -> None:
        self._ctx = ctx
        self._group = group
        self._topic = topic
        self._lines = lines
        self._label = label
        self._since: float | None = None

    def __call__(self, index: Path) -> bool:
        """Look once."""
        handled = read_index(index).count("\n")
        if handled:
            plot(self._ctx, {f"handled, {self._label}": handled}, "documents")
        if handled < self._lines:
            return False
        if self._since is None:
            self._since = time.monotonic()
        late = time.monotonic() - self._since > COMMIT_SECONDS
        return late or behind(self._ctx, self._group, self._topic) == 0


def behind(ctx: LabContext, group: str, topic: str) -> int:
    """Records that a group has not committed as read."""
    committed, end = ctx.kafka.committed(group, topic), ctx.kafka.log_end(topic)
    return sum(end[p] - (committed[p] or 0) for p in end)


@contextlib.contextmanager
def own_group(ctx: LabContext) -> Iterator[str]:
    """A group for one run; its member does not say goodbye when it dies, so the next run needs another."""
    group = ctx.name(f"try-{secrets.token_hex(3)}")
    try:
        yield group
    finally:
        with contextlib.suppress(KafkaRefused):
            ctx.kafka.evict(group)
            ctx.kafka.delete_groups([group])


def growth(curve: Sequence[tuple[int, float]]) -> float:
    """Bytes by which memory grows with each document held: the slope of the line that fits best."""
    top = max(range(len(curve)), key=lambda at: curve[at][1], default=0)
    points = [(held, megabytes) for held, megabytes in curve[: top + 1] if held]
    if len({held for held, _ in points}) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return slope * MIB
