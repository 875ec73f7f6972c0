"""One of several outcomes, picked by a key; the pick is a mark, not a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from labs.contract import Choice
from tutor.ui.widgets.cursor_list import CursorList


class OutcomeList(CursorList):
    """Enter or space picks the highlighted line."""

    HELP = "Pick one outcome: arrows or j and k move, Enter or space picks, Tab goes to the next question."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Pick", id="outcome-pick", tooltip="Pick this outcome."),
    ]

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._choices = {choice.id: choice.text for choice in choices}
        self.typed = ""
        """Id of the outcome picked; empty before."""
        super().__init__(*(Option(self._line(id_), id=id_) for id_ in self._choices), compact=True)

    def _line(self, id_: str) -> Content:
        return Content(f"({'●' if id_ == self.typed else ' '}) {self._choices[id_]}")

    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionSelected) -> None:
        self.typed = str(event.option_id)
        for id_ in self._choices:
            self.replace_option_prompt(id_, self._line(id_))
