"""The learner's fix beside the reference's."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from labs import solution
from labs.solution import Pair
from tutor.text import shown
from tutor.ui.screens.reading import ReadingScreen

_STYLES = {"+": "$text-success", "-": "$text-error", "@": "$text-muted"}


class SolutionScreen(ReadingScreen):
    """Side by side where there is room, else as a unified diff; scrolled by keys."""

    HELP = "Your fix and the reference's. In a narrow window: - is a line of yours, + one of the reference's."

    def __init__(self, place: str, pairs: Sequence[Pair]) -> None:
        super().__init__(f"{place} · solution", "")
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


def _styled(line: str, wide: bool) -> Content:
    style = ("bold" if " ≠ " in line else "") if wide else _STYLES.get(line[:1], "")
    return Content.styled(shown(line), style)
