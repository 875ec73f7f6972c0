"""The placement round: how far it is, the question, and at its end what it found."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tutor.sessions.placement import RULES, Asked, Round, State
from tutor.text import clipped, counted, one_line

MARKS: dict[State, str] = {"open": "·", "known": "✓", "not known": "✗", "skipped": "–"}
TITLE_WIDTH = 48


def marks(found: Round, now: int | None) -> str:
    """`1✓ 2✗ [3] 4· …`: a mark each, the present one in brackets."""
    parts = (
        f"[{one.scenario.id}]" if one.scenario.id == now else f"{one.scenario.id}{MARKS[one.state]}"
        for one in found.asked
    )
    return " ".join(parts)


def ending(found: Round) -> str:
    """What was found, and what comes of it."""
    rows = (
        f"{MARKS[one.state]} {one.scenario.id:>2} {clipped(one.scenario.title, TITLE_WIDTH)}" for one in found.asked
    )
    known = counted(found.count("known"), "scenario")
    return "\n".join([f"You know the key point of {known}. Home proposes the others first.", "", *rows])


class PlacementPane(VerticalScroll):
    """What is asked."""

    HELP = RULES

    def __init__(self) -> None:
        super().__init__(id="placement-pane")

    def compose(self) -> ComposeResult:
        """Marks, scenario, question."""
        yield Static("", id="placement-marks", markup=False)
        yield Static(RULES, id="placement-rules", markup=False)
        yield Static("", id="placement-title", markup=False)
        yield Static("", id="placement-question", markup=False)

    def show(self, found: Round, one: Asked | None) -> None:
        """Show a question; None: the end."""
        self.query_one("#placement-marks", Static).update(marks(found, one.scenario.id if one else None))
        self.query_one("#placement-rules", Static).display = len(found.left) == len(found.asked)
        title = f"{one.scenario.id} {one_line(one.scenario.title)}. {one_line(one.scenario.summary)}" if one else ""
        self.query_one("#placement-title", Static).update(title)
        self.query_one("#placement-question", Static).update(one_line(one.point.follow_up) if one else ending(found))
