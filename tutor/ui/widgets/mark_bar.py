"""The learner's own mark, 0 to 10; nothing is marked before they choose, so that nothing is suggested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.mocks.values import BEST_SELF


class MarkBar(Static, can_focus=True):
    """Posts `Chosen` on Enter once a mark is set."""

    HELP = "How good was your answer, 0 to 10? Type the number or move with the arrow keys, then Enter."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Keep it", id="mark-keep", tooltip="Keep this mark; on to the next question."),
        *(
            Binding(
                str(digit), f"digit({digit})", str(digit), id=f"mark-{digit}", show=False, tooltip=f"Mark it {digit}."
            )
            for digit in range(10)
        ),
        Binding("left,h", "move(-1)", "Lower", id="mark-left", show=False, tooltip="A lower mark."),
        Binding(
            "right,l", "move(1)", "Higher", id="mark-right", show=False, tooltip="A higher mark (10: type 1 and 0)."
        ),
    ]

    @dataclass
    class Chosen(Message):
        """The learner's mark."""

        score: int

    def __init__(self) -> None:
        super().__init__("", id="mark-bar")
        self.marked: int | None = None
        """What Enter would keep."""

    def clear_mark(self) -> None:
        """For the next question."""
        self.marked = None
        self._draw()

    def _draw(self) -> None:
        parts: list[str | tuple[str, str]] = []
        for score in range(BEST_SELF + 1):
            parts += [(f"[{score}]", "bold reverse") if score == self.marked else f" {score} ", " "]
        self.update(Content.assemble(*parts))

    def action_digit(self, digit: int) -> None:
        """A digit; 0 after 1 makes 10."""
        self.marked = BEST_SELF if (self.marked, digit) == (1, 0) else digit
        self._draw()

    def action_move(self, step: int) -> None:
        """One up or down; from nothing to the middle."""
        self.marked = BEST_SELF // 2 if self.marked is None else min(max(self.marked + step, 0), BEST_SELF)
        self._draw()

    def action_choose(self) -> None:
        """The marked one."""
        if self.marked is not None:
            self.post_message(self.Chosen(self.marked))
