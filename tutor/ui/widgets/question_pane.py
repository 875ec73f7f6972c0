"""The situation and the question, in Markdown, scrolled by keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown, Static

from tutor.sessions.study import StudySession


class QuestionPane(VerticalScroll):
    """What is asked. Ctrl+Up and Ctrl+Down scroll it while you type."""

    HELP = "The situation and the question. Arrow keys, PgUp and PgDn scroll it."

    def __init__(self) -> None:
        super().__init__(id="question-pane")

    def compose(self) -> ComposeResult:
        """Why it is asked (follow-ups), the question, the situation."""
        yield Static("", id="question-why", markup=False)
        yield Static("", id="question-text", markup=False)
        yield Markdown("", id="situation", open_links=False)

    async def show(self, session: StudySession) -> None:
        """Show what this session asks."""
        why = self.query_one("#question-why", Static)
        why.display = session.follow_up is not None
        if session.follow_up is not None:
            why.update(f"Follow-up. {session.follow_up.why}")
        self.query_one("#question-text", Static).update(session.question)
        await self.query_one("#situation", Markdown).update(session.scenario.situation)
