"""The line in which Home is searched."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.message import Message
from textual.widgets import Input


class SearchLine(Input):
    """Says what is wanted with every key; Enter goes on to the list."""

    HELP = "Type a number, words of a title, or a state: new, draft, weak, passed, strong, locked. Esc shows all again."

    @dataclass
    class Wanted(Message):
        """The text of the search."""

        text: str

    @dataclass
    class Found(Message):
        """Enter: the list has what was wanted."""

    def __init__(self) -> None:
        super().__init__(
            id="home-search", placeholder="Number, words of the title, new, weak, locked …   Esc shows all"
        )

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Wanted(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Found())
