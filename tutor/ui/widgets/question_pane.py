"""The situation and the question, in Markdown, scrolled by keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown, Static

from tutor.text import shortened, shown

SAID = 6_000
"""Characters of the learner's own words that are shown again."""


class QuestionPane(VerticalScroll):
    """What is asked. Ctrl+Up and Ctrl+Down scroll it while you type."""

    HELP = "The situation and the question. Arrow keys, PgUp and PgDn scroll it."

    def __init__(self) -> None:
        super().__init__(id="question-pane")

    def compose(self) -> ComposeResult:
        """Why it is asked (follow-ups), the question, the situation."""
        yield Static("", id="question-why", markup=False)
        yield Static("", id="question-text", markup=False)
        yield Static("", id="question-said", markup=False)
        yield Markdown("", id="situation", open_links=False)

    async def show(self, question: str, situation: str, why: str = "", said: str = "") -> None:
        """Show what is asked. `why`: of a follow-up. `said`: the learner's own words so far."""
        for name, content in (("why", why), ("said", f"You said:\n{shown(shortened(said, SAID))}\n" if said else "")):
            widget = self.query_one(f"#question-{name}", Static)
            widget.display = bool(content)
            widget.update(content)
        self.query_one("#question-text", Static).update(question)
        await self.query_one("#situation", Markdown).update(situation)
        self.scroll_home(animate=False)
