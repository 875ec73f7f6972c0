"""The grade of one card: what was found, in which of the learner's words, and what is so."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tutor.grading.types import PointStatus
from tutor.sessions.review import CardSession, Judged
from tutor.sessions.review_text import said
from tutor.text import one_line
from tutor.ui import wording

_STYLES: dict[PointStatus, str] = {
    "covered": "$text-success",
    "partial": "$text-warning",
    "contradicted": "$text-error",
    "missed": "$text-error",
    "unsure": "$text-warning",
}
_QUOTED = 3
"""So many passages are quoted."""


def verdict_text(session: CardSession, judged: Judged) -> Content:
    """Symbol and sentence, evidence, correction, notes, grader."""
    verdict = judged.verdict
    symbol, _ = wording.STATUS[verdict.status]
    parts: list[Content | str | tuple[str, str]] = [
        (f"{symbol} {said(session.due.card, verdict)}", f"bold {_STYLES[verdict.status]}")
    ]
    parts += [f"\n  “{one_line(session.text[s.start : s.end])}”" for s in verdict.evidence[:_QUOTED]]
    parts += [("\nWhat is so: ", "bold"), one_line(session.due.prompt.right)]
    parts += [f"\nNote: {one_line(note)}" for note in verdict.notes]
    parts.append((f"\nGraded by {verdict.grader.name} {verdict.grader.version}", "$text-muted"))
    return Content.assemble(*parts)


class VerdictPane(VerticalScroll):
    """Shown once the answer is graded."""

    HELP = "What the grader found for this one point, with your own words. Arrow keys scroll it."

    def __init__(self) -> None:
        super().__init__(id="verdict-pane")

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="verdict-text")

    def show(self, session: CardSession, judged: Judged) -> None:
        """Show a grade."""
        self.query_one("#verdict-text", Static).update(verdict_text(session, judged))
        self.scroll_home(animate=False)
