"""Tables that wrap: predicted | observed | why, and claim | rubric point | measured fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from labs import figures, predictions
from labs.contract import Comparison, Figure
from tutor.sessions.ports import DebriefRow

_MARKS = {True: "✓ ", False: "✗ ", None: "· "}


def comparison_table(rows: Sequence[Comparison]) -> Group:
    """What was predicted, what was measured, and why it is so; each below its question, which needs the whole width."""
    parts: list[RenderableType] = [_three(header=True)]
    for number, row in enumerate(rows, 1):
        shown = predictions.show(row.question, row.predicted.value) if row.predicted else "nothing"
        predicted = Text(_MARKS[row.right] + shown, style="bold" if row.right is False else "")
        parts += [
            Text(f"\n{number}. {row.question.text}", style="bold"),
            _three(predicted, row.observed.display, row.observed.why),
        ]
    return Group(*parts)


def _three(*cells: RenderableType, header: bool = False) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False, show_header=header, pad_edge=False
    )
    for title, ratio in zip(("predicted", "observed", "why"), (3, 3, 5), strict=True):
        table.add_column(title, ratio=ratio, overflow="fold")
    if not header:
        table.add_row(*cells)
    return table


def figure_table(found: Sequence[Figure]) -> Table:
    """What the fix has changed: before it, with the learner's, with the reference's."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("measured", ratio=2, overflow="fold")
    for title in ("before", "yours", "reference"):
        table.add_column(title, ratio=1, justify="right", overflow="fold")
    for figure in found:
        label, before, yours, reference = figures.cells(asdict(figure))
        table.add_row(label, before, Text(yours, style="bold"), reference)
    return table


def debrief_view(rows: Sequence[DebriefRow], found: Sequence[Figure]) -> Group:
    """Before and after where the lab measures that, then claim | rubric point | fact."""
    parts: list[RenderableType] = [figure_table(found), ""] if found else []
    return Group(*parts, debrief_table(rows))


def debrief_table(rows: Sequence[DebriefRow]) -> Table:
    """What the learner said, the point, and the fact, side by side."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False, leading=1)
    for title in ("you said", "rubric point", "measured"):
        table.add_column(title, ratio=1, overflow="fold")
    for row in rows:
        claim = f"“{row.claim}”" if row.claim else "nothing about it"
        style = "bold" if row.agrees is False else ("" if row.claim else "dim")
        table.add_row(Text(_MARKS[row.agrees] + claim, style=style), row.point_text, row.fact)
    return table


class FactTable(VerticalScroll):
    """A heading and a table, scrolled by keys."""

    HELP = "✓ agrees with what was measured, ✗ does not, · nothing was said. Arrow keys and PgDn scroll."

    def compose(self) -> ComposeResult:
        """Two texts."""
        yield Static("", classes="fact-head", markup=False)
        yield Static("", classes="fact-table")

    def show(self, head: str, table: RenderableType) -> None:
        """Replace both."""
        self.query_one(".fact-head", Static).update(head)
        self.query_one(".fact-table", Static).update(table)
        self.scroll_home(animate=False)
