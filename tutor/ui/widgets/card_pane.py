"""A card: where it comes from, the question, and the hints opened so far."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tutor.sessions.review import CardSession
from tutor.text import one_line


class CardPane(VerticalScroll):
    """What is asked."""

    HELP = "A point that you missed, or a belief that you held. F3 gives a hint; with one the answer counts as hard."

    def __init__(self) -> None:
        super().__init__(id="card-pane")

    def compose(self) -> ComposeResult:
        """Title, question, hints."""
        yield Static("", id="card-title", markup=False)
        yield Static("", id="card-question", markup=False)
        yield Static("", id="card-hints", markup=False)

    def show(self, session: CardSession) -> None:
        """Show this card."""
        card, prompt = session.due.card, session.due.prompt
        seen = card.schedule.answered
        times = "new" if not seen else f"asked {seen} {'time' if seen == 1 else 'times'} before"
        self.query_one("#card-title", Static).update(f"{card.scenario} {one_line(prompt.title)} · {times}")
        self.query_one("#card-question", Static).update(one_line(prompt.question))
        self.show_hints(session)

    def show_hints(self, session: CardSession) -> None:
        """Show what has been opened."""
        hints = "\n".join(f"Hint {number}: {one_line(hint)}" for number, hint in enumerate(session.shown_hints, 1))
        widget = self.query_one("#card-hints", Static)
        widget.update(hints)
        widget.display = bool(hints)
