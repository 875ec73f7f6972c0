"""A lab in a plain terminal: its events as lines, live figures as one line that is painted over."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from labs import figures, predictions
from labs.contract import Check, Checked, Comparison, Event, Figure, LabInfo, Observed, Output, Question, Sample, Step
from tutor.sessions.ports import DebriefRow
from tutor.text import clipped, one_line, shown

WIDTH = 96
SPARK = 16
"""Characters of a sparkline."""
_BLOCKS = "▁▂▃▄▅▆▇█"
_CLEAR = "\r\x1b[2K"
_MARKS = {True: "right", False: "wrong", None: "no prediction"}


class LabView:
    """The sink of a run. Events may come from any thread."""

    def __init__(self, out: TextIO, *, live: bool, width: int = 80) -> None:
        """`live`: whether lines may be painted over (a terminal)."""
        self._out = out
        self._live = live
        self._width = max(min(width, WIDTH), 40)
        self._guard = threading.Lock()
        self._series: dict[str, list[float]] = {}
        self._units: dict[str, str] = {}
        self._painted = False
        self.plotting = True
        """Whether samples are shown: not while the learner types."""

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Sample():
                self._sample(event)
            case Step(text=text, command=command):
                self.lines([f"- {one_line(text)}"] if text else [], [f"    $ {one_line(command)}"] if command else [])
            case Observed(observation):
                self.lines(wrapped(observation.text, "  = "))
            case Checked(check):
                self.lines(check_lines(check))
            case Output(text=text):
                self.lines([shown(text)])

    def lines(self, *groups: Iterable[str]) -> None:
        """Write whole lines, below what is painted."""
        with self._guard:
            self._unpaint()
            for group in groups:
                for line in group:
                    self._out.write(f"{line}\n")
            self._out.flush()

    def quiet(self) -> None:
        """No more live figures until `plotting` is set again."""
        with self._guard:
            self.plotting = False
            self._unpaint()
            self._series.clear()
            self._out.flush()

    def _unpaint(self) -> None:
        if self._painted:
            self._out.write(_CLEAR)
            self._painted = False

    def _sample(self, sample: Sample) -> None:
        if not (self._live and self.plotting):
            return
        with self._guard:
            values = self._series.pop(sample.series, [])  # the latest series last
            self._series[sample.series] = [*values[-SPARK + 1 :], sample.value]
            self._units[sample.series] = sample.unit
            parts = [self._plot(name) for name in list(self._series)[-3:]]
            self._out.write(_CLEAR + clipped("  " + "   ".join(parts), self._width - 1))
            self._painted = True
            self._out.flush()

    def _plot(self, name: str) -> str:
        values = self._series[name]
        return f"{name} {sparkline(values)} {values[-1]:,.4g} {self._units[name]}".rstrip()


def sparkline(values: Sequence[float]) -> str:
    """Values as block characters, from the lowest to the highest of them."""
    low, high = min(values), max(values)
    span = high - low or 1.0
    return "".join(_BLOCKS[int((value - low) / span * (len(_BLOCKS) - 1))] for value in values)


def wrapped(text: str, first: str, rest: str | None = None) -> list[str]:
    """A paragraph of at most WIDTH - 16 columns with its own beginning."""
    return textwrap.wrap(
        one_line(text), WIDTH - 16, initial_indent=first, subsequent_indent=" " * len(first) if rest is None else rest
    )


def question_lines(question: Question, number: int, of: int) -> list[str]:
    """A question and what may be typed."""
    return ["", *wrapped(question.text, f"{number}/{of}  "), *wrapped(predictions.accepted(question), "     ")]


def comparison_lines(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Predicted | observed | why, question by question."""
    made = [row for row in comparisons if row.right is not None]
    yield ""
    yield f"Predicted | observed | why      {sum(bool(row.right) for row in made)} of {len(made)} right"
    for row in comparisons:
        yield ""
        yield from wrapped(row.question.text, "? ")
        said = "–" if row.predicted is None else predictions.show(row.question, row.predicted.value)
        yield from wrapped(f"{said} | {row.observed.display} | {_MARKS[row.right]}", "  ")
        yield from wrapped(row.observed.why, "  why: ")


def task_lines(info: LabInfo, variables: Iterable[str]) -> Iterator[str]:
    """What is to be brought about, with what, and how the lab is scaled."""
    yield ""
    yield from wrapped(info.task.goal, "Now you: ")
    yield from variables
    if info.scaling:
        yield from ("Scaled, not faked:", *(f"  {row.production} -> here {row.lab}" for row in info.scaling))
    yield "To look around:"
    yield from (f"  {line}" for line in info.task.starters)
    yield "Type `verify` to have it checked, `hint`, `help`, `quit`. Ctrl+C ends the lab and removes all of it."


def file_lines(info: LabInfo, workspace: Path) -> Iterator[str]:
    """Where the lab's files are, and what can be done with them."""
    for name in info.task.files:
        yield f"Your file: {workspace / name}"
    if info.task.files:
        yield "Type `edit` to open it here, or use any editor; `watch` verifies after each save."


def check_lines(check: Check) -> Iterator[str]:
    """One check; where it fails, what was expected, what was found, and where to look."""
    yield f"  {'ok     ' if check.ok else 'not yet'}  {one_line(check.title)}"
    if not check.ok:
        yield from wrapped(check.expected, "           expected: ")
        yield from wrapped(check.found, "           found:    ")


def figure_lines(found: Sequence[Figure]) -> Iterator[str]:
    """Before and after, beside the reference's."""
    if not found:
        return
    yield ""
    rows = [("measured", "before", "yours", "reference"), *(figures.cells(asdict(figure)) for figure in found)]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    for row in rows:
        yield f"  {row[0]:<{widths[0]}}" + "".join(f"  {row[at]:>{widths[at]}}" for at in (1, 2, 3))


def debrief_lines(rows: Sequence[DebriefRow]) -> Iterator[str]:
    """Claim | rubric point | measured fact."""
    if rows:
        yield ""
        yield "What you said | what the rubric asks | what was measured"
    for row in rows:
        mark = {True: "+", False: "x", None: " "}[row.agrees]
        yield ""
        yield from wrapped(f"“{row.claim}”" if row.claim else "(you did not say)", f"{mark} ")
        yield from wrapped(row.point_text, "  point: ")
        yield from wrapped(row.fact, "  fact:  ")
