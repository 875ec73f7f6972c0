"""What the learner commits to before anything runs: a field for each question, its fault beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Label, OptionList, Static

from labs import predictions
from labs.contract import Question
from labs.errors import BadPrediction
from tutor.ui.widgets.order_list import OrderList
from tutor.ui.widgets.outcome_list import OutcomeList

EMPTY = {
    "number": "Type a number.",
    "choice": "Pick one outcome: Enter or space on a line.",
    "order": "Give every line its place: Enter or space on one after the other.",
}
"""What to do with a field that was left alone."""


class NumberInput(Input):
    """A number, as people write it."""

    HELP = "A number; Enter goes to the next question."
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority: what is typed fast after Enter belongs to the next field already.
        Binding(
            "enter",
            "app.focus_next",
            "Next question",
            id="number-next",
            show=False,
            priority=True,
            tooltip="To the next question.",
        ),
    ]


class PredictionField(Vertical):
    """One question and where it is answered."""

    def __init__(self, number: int, question: Question) -> None:
        super().__init__(classes="prediction-field", id=f"prediction-{question.id}")
        self.question = question
        self._number = number

    def compose(self) -> ComposeResult:
        """Text, input, room for a fault."""
        yield Label(f"{self._number}. {self.question.text}", classes="prediction-text", markup=False)
        if self.question.kind == "number":
            yield NumberInput(placeholder=predictions.accepted(self.question), compact=True)
        elif self.question.kind == "choice":
            yield OutcomeList(self.question.choices)
        else:
            yield OrderList(self.question.choices)
        yield Static("", classes="prediction-fault", markup=False)

    @property
    def typed(self) -> str:
        """The answer as `labs.predictions` reads it; empty where nothing was given."""
        if self.question.kind == "number":
            return self.query_one(Input).value.strip()
        if self.question.kind == "order":
            return self.query_one(OrderList).typed
        return self.query_one(OutcomeList).typed

    def complain(self, text: str) -> None:
        """Show or clear the fault."""
        self.query_one(".prediction-fault", Static).update(f"! {text}" if text else "")
        self.set_class(bool(text), "-wrong")

    def take_focus(self) -> None:
        """Focus what is typed into."""
        self.query("Input, OutcomeList, OrderList").first().focus()


class PredictionForm(VerticalScroll, can_focus=False):
    """All questions of a lab."""

    HELP = "Commit to what you expect before anything runs. Tab goes to the next question; F5 or Ctrl+S commits."

    @dataclass
    class Touched(Message):
        """The learner has begun to predict."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__(id="prediction-form")
        self._questions = tuple(questions)

    def compose(self) -> ComposeResult:
        """A field each."""
        for number, question in enumerate(self._questions, 1):
            yield PredictionField(number, question)

    @property
    def fields(self) -> Iterator[PredictionField]:
        """In their order."""
        yield from self.query(PredictionField)

    def answers(self) -> dict[str, str]:
        """As typed, by question."""
        return {field.question.id: field.typed for field in self.fields}

    def check(self) -> bool:
        """Explain what is wrong at each field, focus the first of them; True where all can be committed."""
        wrong: list[PredictionField] = []
        for field in self.fields:
            try:
                predictions.parse(field.question, field.typed)
                field.complain("")
            except BadPrediction as bad:
                field.complain(f"{bad.cause} {bad.next_step}" if field.typed else EMPTY[field.question.kind])
                wrong.append(field)
        if wrong:
            wrong[0].take_focus()
            wrong[0].scroll_visible(animate=False)
        return not wrong

    def complain(self, bad: BadPrediction) -> None:
        """A fault that the lab found."""
        for field in self.fields:
            if field.question.id == bad.question_id:
                field.complain(" ".join(part for part in (bad.title, bad.cause, bad.next_step) if part))
                field.take_focus()

    def take_focus(self) -> None:
        """Focus the first field."""
        for field in self.fields:
            field.take_focus()
            return

    @on(Input.Changed)
    @on(OptionList.OptionSelected)
    def _touched(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Touched())
