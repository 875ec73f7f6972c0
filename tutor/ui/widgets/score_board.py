"""The score in all and by dimension: bars that are read by their length."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.widgets import Static

from tutor.sessions.result import DimensionRow, ResultView
from tutor.ui import wording
from tutor.ui.widgets.findings import label

BAR_WIDTH = 10


def dimension_line(row: DimensionRow) -> Content:
    """`debugging   █████░░░░░  5.0  1 of 2`."""
    if row.score is None:
        return Content.assemble((f"{row.dimension:<10} ", ""), ("not asked for here", "$text-muted"))
    points = f"{row.covered} of {row.points}"
    return Content.assemble(
        f"{row.dimension:<10} ",
        (wording.bar(row.score, BAR_WIDTH), "$primary"),
        (f" {row.score:>4.1f}", "bold"),
        f"  {points}",
    )


class ScoreBoard(Vertical):
    """Score, verdict, six bars."""

    def __init__(self) -> None:
        super().__init__(id="score-board")

    def compose(self) -> ComposeResult:
        """A line and a grid."""
        yield Static("", id="score-line")
        with Grid(id="score-bars"):
            for _ in range(6):
                yield Static("", classes="score-bar")

    def show_follow_up(self, view: ResultView, target: str) -> None:
        """Show the answer to a follow-up: it is about one point, so there is no score in all."""
        self.query_one("#score-bars").display = False
        if view.target is not None:
            symbol, word, style = label(view.target)
            head = (f"{symbol} The point asked about: {word}.", f"bold {style}")
        elif any(row.id == target and row.overruled is not False for row in view.misconceptions):
            head = ("! You still say it.", "bold $text-error")
        else:
            head = ("✓ You do not say it any more.", "bold $text-success")
        self.query_one("#score-line", Static).update(
            Content.assemble(head, "  The score stays that of your first answer.")
        )

    def show(self, view: ResultView) -> None:
        """Show a graded answer."""
        mark = "✓" if view.passed else "✗"
        style = "$text-success" if view.passed else "$text-warning"
        line = Content.assemble((f"{mark} {view.score:.1f} of 10", f"bold {style}"), f"  {view.verdict}")
        self.query_one("#score-line", Static).update(line)
        for widget, row in zip(self.query(".score-bar").results(Static), view.dimensions, strict=True):
            widget.update(dimension_line(row))
