"""Crash points of a program: every place between two calls into the outside world, found in a trace of a quiet run.

A program changes the world only inside calls (a database commit, an offset commit, a request). So the places that differ
are those between one call and the next; "after this call" and "before the next one" are the same place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.launcher import Mark, Moment

WAITING = ("KafkaConsumer.poll", "KafkaConsumer.__next__")
"""Calls in which a consumer waits for records."""
MAX_WIDTH = 58


@dataclass(frozen=True, slots=True)
class Point:
    """A place where a program can die: between two boundaries that follow each other."""

    after: Mark
    at: Mark
    met: int
    """How often the quiet run passed it."""

    @property
    def moment(self) -> Moment:
        """When to strike: in the middle of the work where it is passed more than once."""
        return Moment(self.at, self.after, 2 if self.met > 1 else 1)

    @property
    def again(self) -> Moment:
        """When to strike in a run that goes on after a crash: at the first chance."""
        return Moment(self.at, self.after, 1)


def read_trace(path: Path) -> list[dict[str, Any]]:
    """The boundaries that a run has written down so far, the last line perhaps unfinished."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    rows = []
    for line in lines:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def mark(row: Mapping[str, Any]) -> Mark:
    """The boundary of a line of the trace."""
    return Mark(row["side"], row["call"], row["file"], row["line"])


def is_waiting(row: Mapping[str, Any]) -> bool:
    """Whether the boundary belongs to a call that waits for records."""
    return row["call"] in WAITING


def busy(rows: Sequence[Mapping[str, Any]]) -> tuple[int, bool]:
    """How much has been done (boundaries other than those of waiting), and whether a call is going on now."""
    work = [row for row in rows if not is_waiting(row)]
    last = rows[-1] if rows else None
    return len(work), last is not None and last["side"] == "before" and not is_waiting(last)


def waits(rows: Iterable[Mapping[str, Any]]) -> int:
    """How often the program has begun to wait for records."""
    return sum(row["side"] == "before" and is_waiting(row) for row in rows)


def points(rows: Iterable[Mapping[str, Any]]) -> list[Point]:
    """The places between two calls, in the order in which they are first passed."""
    met: dict[tuple[Mark, Mark], int] = {}
    last: dict[int, Mark] = {}
    for row in rows:
        now, before = mark(row), last.get(row["thread"])
        last[row["thread"]] = now
        if before is not None and now.side == "before" and not _polls_again(before, now):
            met[before, now] = met.get((before, now), 0) + 1
    return [Point(before, now, count) for (before, now), count in met.items()]


def _polls_again(before: Mark, now: Mark) -> bool:
    """How often a loop polls in vain differs from run to run, and changes nothing."""
    return now.call in WAITING and (before.call, before.line, before.file) == (now.call, now.line, now.file)


class Source:
    """The lines of a program and of the files beside it, to show a crash point by them."""

    def __init__(self, script: Path) -> None:
        self._script = script
        self._lines: dict[str, list[str]] = {}

    def line(self, where: Mark) -> str:
        """The text of a line, cut to a width that fits."""
        if where.file not in self._lines:
            try:
                text = (self._script.parent / where.file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                text = ""
            self._lines[where.file] = text.splitlines()
        lines = self._lines[where.file]
        text = lines[where.line - 1].strip() if 0 < where.line <= len(lines) else where.call
        return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 1]}…"

    def place(self, point: Point) -> str:
        """`after line 21 `db.commit()`, before line 28 `consumer.commit()``."""
        if (point.after.file, point.after.line) == (point.at.file, point.at.line):
            return f"within {self._named(point.at)}"
        side = "after" if point.after.side == "after" else "within"
        return f"{side} {self._named(point.after)}, before {self._named(point.at)}"

    def _named(self, where: Mark) -> str:
        file = "" if where.file == self._script.name else f"{where.file} "
        return f"{file}line {where.line} `{self.line(where)}`"
