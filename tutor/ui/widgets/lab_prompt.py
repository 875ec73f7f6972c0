"""The lab's own prompt: real Kafka tools, with a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

MAX_HISTORY = 200


class PromptInput(Input):
    """One line; up and down go through what was typed before."""

    HELP = (
        "Type a Kafka tool with its arguments, as in a shell: kafka-consumer-groups --describe …. "
        "Up brings back earlier lines, at first the commands to look around with. help lists the words of the prompt."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "history(-1)", "Earlier", id="prompt-earlier", show=False, tooltip="The line before."),
        Binding("down", "history(1)", "Later", id="prompt-later", show=False, tooltip="The line after."),
        Binding(
            "ctrl+c", "interrupt", "Interrupt", id="prompt-interrupt", show=False, tooltip="End the running command."
        ),
    ]

    @dataclass
    class Interrupted(Message):
        """Ctrl+C."""

    def __init__(self) -> None:
        super().__init__(
            id="prompt-input", compact=True, placeholder="kafka-… (Up: commands to look around with, help)"
        )
        self._history: list[str] = []
        self._at = 0

    def begin(self, starters: Sequence[str]) -> None:
        """Start the history with commands to look around with, the first one nearest."""
        self._history = list(reversed(starters))
        self._at = len(self._history)

    def remember(self, line: str) -> None:
        """Add a line; the same one directly again only once."""
        if not self._history or self._history[-1] != line:
            self._history = [*self._history, line][-MAX_HISTORY:]
        self._at = len(self._history)

    def action_history(self, by: int) -> None:
        """Go through the lines."""
        self._at = min(max(self._at + by, 0), len(self._history))
        self.value = self._history[self._at] if self._at < len(self._history) else ""
        self.cursor_position = len(self.value)

    def action_interrupt(self) -> None:
        """End the running command, not the lab."""
        self.post_message(self.Interrupted())


class LabPrompt(Horizontal):
    """`$` and the line."""

    @dataclass
    class Typed(Message):
        """A line was entered."""

        line: str

    def __init__(self) -> None:
        super().__init__(id="lab-prompt")

    def compose(self) -> ComposeResult:
        """Sign and input."""
        yield Label("$ ", id="prompt-sign")
        yield PromptInput()

    @property
    def input(self) -> PromptInput:
        """The line."""
        return self.query_one(PromptInput)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        line = event.value.strip()
        if line:
            self.post_message(self.Typed(line))

    def accept(self, line: str) -> None:
        """The line is being run: keep it in the history and empty the prompt."""
        self.input.remember(line)
        self.input.value = ""
