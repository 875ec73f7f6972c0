"""Where the learner writes: free text, any length, saved a moment after every change."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from tutor.text import shown

SETTLE_SECONDS = 0.4
"""From the first unsaved key to `Settled`: with the write itself a draft is on disk within a second."""


class AnswerArea(TextArea):
    """A text area that is quiet while keys come fast, and never lets control characters reach the terminal."""

    HELP = "Your answer, as you would say it to the interviewer. Enter makes a new line; Tab leaves the text."

    @dataclass
    class Settled(Message):
        """The text as it stands, at most 0.4 s after it changed."""

        text: str

    def __init__(self) -> None:
        super().__init__(
            id="answer",
            disabled=True,  # until the draft is read
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            placeholder="Write what you would say in the interview: cause, how you find it, the fix, its price.",
        )
        self._settle_timer: Timer | None = None

    def get_line(self, line_index: int) -> Text:
        """The line as a terminal may print it: same length, so the cursor stays right."""
        return Text(shown(self.document.get_line(line_index)), end="", no_wrap=True)

    def fill(self, text: str) -> None:
        """Put the draft in, cursor at its end, nothing to undo."""
        with self.prevent(TextArea.Changed):
            self.load_text(text)
        self.move_cursor(self.document.end)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._settle_timer is None:
            self._settle_timer = self.set_timer(SETTLE_SECONDS, self.settle)

    def settle(self) -> None:
        """Say now what the text is."""
        if self._settle_timer is not None:
            self._settle_timer.stop()
            self._settle_timer = None
        self.post_message(self.Settled(self.text))
