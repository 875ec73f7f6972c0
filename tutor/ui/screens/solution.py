"""The learner's fix beside the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from labs import solution
from labs.solution import Pair
from tutor.text import shown
from tutor.ui.screens.base import TutorScreen

_STYLES = {"+": "$text-success", "-": "$text-error", "@": "$text-muted"}


class SolutionScreen(TutorScreen):
    """Side by side where there is room, else as a unified diff; scrolled by keys."""

    CSS_PATH = "reading.tcss"
    HELP = "Your fix and the reference's. In a narrow window: - is a line of yours, + one of the reference's."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll('down')", "Down", id="solution-down", tooltip="Scroll down."),
        Binding("k,up", "scroll('up')", "Up", id="solution-up", tooltip="Scroll up."),
        Binding("space,pagedown", "scroll('page_down')", "Page", id="solution-page-down", tooltip="A page on."),
        Binding("pageup", "scroll('page_up')", "Page up", id="solution-page-up", show=False, tooltip="A page back."),
    ]

    def __init__(self, place: str, pairs: Sequence[Pair]) -> None:
        super().__init__()
        self.place = f"{place} · solution"
        self._pairs = pairs

    def body(self) -> ComposeResult:
        """One text a file."""
        with VerticalScroll(id="reading"):
            yield Static("", id="solution-text")

    def on_resize(self, event: events.Resize) -> None:
        """Side by side or not, by the room there is."""
        width = event.size.width - 6
        wide = width >= solution.TWO_COLUMNS
        lines = [
            line for pair in self._pairs for line in (*([pair.name] if wide else []), *solution.lines(pair, width), "")
        ]
        self.query_one("#solution-text", Static).update(Content("\n").join([_styled(line, wide) for line in lines]))

    def action_scroll(self, where: str) -> None:
        """Scroll the text."""
        getattr(self.query_one("#reading"), f"scroll_{where}")(animate=False)


def _styled(line: str, wide: bool) -> Content:
    style = ("bold" if " ≠ " in line else "") if wide else _STYLES.get(line[:1], "")
    return Content.styled(shown(line), style)
