"""Things put in an order by keys: pick them one after another, or move one up and down."""

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


class OrderList(CursorList):
    """Enter gives the next place to a line, or takes it back; J and K move a placed line."""

    HELP = "Put the lines in order: Enter (or space) gives a line the next place, again takes it back. K and J move it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space", "select", "Place", id="order-place", tooltip="Give this line the next place, or take it back."
        ),
        Binding("K,shift+up", "shift(-1)", "Move up", id="order-up", tooltip="One place earlier."),
        Binding("J,shift+down", "shift(1)", "Move down", id="order-down", tooltip="One place later."),
    ]

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._choices = {choice.id: choice.text for choice in choices}
        self._placed: list[str] = []
        super().__init__(*(Option(self._line(id_), id=id_) for id_ in self._choices), compact=True)

    @property
    def typed(self) -> str:
        """Ids in the order given; empty before all have a place."""
        return ",".join(self._placed) if len(self._placed) == len(self._choices) else ""

    def _line(self, id_: str) -> Content:
        place = f"{self._placed.index(id_) + 1}" if id_ in self._placed else " "
        return Content(f"[{place}] {self._choices[id_]}")

    def _draw(self) -> None:
        for id_ in self._choices:
            self.replace_option_prompt(id_, self._line(id_))

    @on(OptionList.OptionSelected)
    def _place(self, event: OptionList.OptionSelected) -> None:
        id_ = str(event.option_id)
        if id_ in self._placed:
            self._placed.remove(id_)
        else:
            self._placed.append(id_)
        left = [other for other in self._choices if other not in self._placed]
        if len(left) == 1:
            self._placed += left
        self._draw()

    def action_shift(self, by: int) -> None:
        """Move a placed line among the places."""
        option = self.highlighted_option
        if option is None or option.id not in self._placed:
            return
        at = self._placed.index(option.id)
        to = min(max(at + by, 0), len(self._placed) - 1)
        self._placed.insert(to, self._placed.pop(at))
        self._draw()
