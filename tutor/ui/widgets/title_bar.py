"""The first line: the app, where the learner is, and facts that change."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label


class TitleBar(Horizontal):
    """`kafka-tutor · place` on the left, facts (time, words) on the right."""

    DEFAULT_CSS = """
    TitleBar {
        height: 1;
        background: $panel;
        color: $foreground;
        padding: 0 1;
        & > #title-app { width: auto; text-style: bold; color: $text-accent; }
        & > #title-place { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #title-facts { width: auto; padding-left: 2; }
    }
    """

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self._facts = ""

    def compose(self) -> ComposeResult:
        """Three labels."""
        yield Label("kafka-tutor", id="title-app", markup=False)
        yield Label(self._line(self._place), id="title-place", markup=False)
        yield Label("", id="title-facts", markup=False)

    @staticmethod
    def _line(place: str) -> str:
        return f" · {place}" if place else ""

    def show_place(self, place: str) -> None:
        """Change where the learner is."""
        self._place = place
        self.query_one("#title-place", Label).update(self._line(place))

    def show_facts(self, facts: str) -> None:
        """Change the facts; drawing only what is new keeps a quiet screen quiet."""
        if facts != self._facts:
            self._facts = facts
            self.query_one("#title-facts", Label).update(facts)
