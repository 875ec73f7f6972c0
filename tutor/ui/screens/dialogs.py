"""Small windows over a screen: a fault, a question with two answers."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from labs.errors import LearnerError


class FaultScreen(ModalScreen[None]):
    """A fault: what happened, why, and the one next step."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss", "Close", id="fault-close", tooltip="Close this message."),
    ]

    def __init__(self, fault: LearnerError) -> None:
        super().__init__()
        self.fault = fault
        """What is explained."""

    def compose(self) -> ComposeResult:
        """Title, cause, next step, one button."""
        with Vertical(classes="dialog -fault"):
            yield Label(f"✗ {self.fault.title}", classes="dialog-title", markup=False)
            with VerticalScroll(classes="dialog-text", can_focus=False):
                if self.fault.cause:
                    yield Static(self.fault.cause, markup=False)
                if self.fault.next_step:
                    yield Static(f"Next: {self.fault.next_step}", classes="dialog-next", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Close (Enter)", id="close", variant="primary")

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss()


class ConfirmScreen(ModalScreen[bool]):
    """A question that is asked only where something would be lost. Esc and `n` mean no."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm-yes", tooltip="Do it."),
        Binding("n,escape", "answer(False)", "No", id="confirm-no", tooltip="Leave everything as it is."),
        Binding("left,right,up,down", "app.focus_next", "Other button", id="confirm-move", show=False, tooltip="Move."),
    ]

    def __init__(self, title: str, text: str, yes: str, no: str = "Go on as it is") -> None:
        super().__init__()
        self._texts = (title, text, yes, no)

    def compose(self) -> ComposeResult:
        """Title, what would be lost, two buttons; the harmless one has the focus."""
        title, text, yes, no = self._texts
        with Vertical(classes="dialog"):
            yield Label(title, classes="dialog-title", markup=False)
            yield Static(text, classes="dialog-text", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button(f"{no} (n)", id="no", variant="primary")
                yield Button(f"{yes} (y)", id="yes")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """One key is enough."""
        self.dismiss(answer)
