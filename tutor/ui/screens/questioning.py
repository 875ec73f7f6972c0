"""A question above (or beside) the answer to it: what Study and the mock interview share."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from tutor.ui.screens.answering import READY, AnswerScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.notice import Notice
from tutor.ui.widgets.question_pane import QuestionPane


class QuestionScreen(AnswerScreen):
    """Question, answer, notice; the room between them can be moved."""

    CSS_PATH = "study.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "fold", "Question", id="fold", key_display="F2", tooltip="Give the question more room, or less."),
        Binding(
            "ctrl+down",
            "question('down')",
            "Scroll",
            id="question-down",
            show=False,
            tooltip="Scroll the question down.",
        ),
        Binding("ctrl+up", "question('up')", "Scroll", id="question-up", show=False, tooltip="Scroll the question up."),
    ]

    def body(self) -> ComposeResult:
        """Question, answer, notice."""
        with Container(id="study-columns"):
            yield QuestionPane()
            with Vertical(id="answer-column"):
                yield AnswerArea()
                yield Notice(READY)

    def action_fold(self) -> None:
        """More room for the question, or for the answer again."""
        self.toggle_class("-question-large")

    def action_question(self, where: str) -> None:
        """Scroll the question while the answer keeps the focus."""
        pane = self.query_one(QuestionPane)
        (pane.scroll_down if where == "down" else pane.scroll_up)(animate=False)
