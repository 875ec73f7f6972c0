"""One line (or a few) that tells how things stand: a hint, a fault that needs no window, work in progress."""

from __future__ import annotations

from typing import Literal

from textual.widgets import Static

from labs.errors import LearnerError

Mood = Literal["plain", "busy", "good", "bad"]
_SYMBOLS: dict[Mood, str] = {"plain": "", "busy": "", "good": "✓ ", "bad": "! "}


class Notice(Static):
    """A message with a mood; the mood is a symbol first and a colour second."""

    DEFAULT_CSS = """
    Notice {
        height: auto;
        max-height: 4;
        padding: 0 1;
        color: $text-muted;
        &.-good { color: $text-success; }
        &.-bad { color: $text-error; text-style: bold; }
        &.-busy { color: $text-accent; }
    }
    """

    def __init__(self, text: str = "", *, id: str = "notice") -> None:
        super().__init__(text, id=id, markup=False)

    def say(self, text: str, mood: Mood = "plain") -> None:
        """Replace what is said."""
        for name in _SYMBOLS:
            self.set_class(name == mood, f"-{name}")
        self.update(f"{_SYMBOLS[mood]}{text}")

    def explain(self, error: LearnerError) -> None:
        """Say a fault in full."""
        self.say(" ".join(part if part.endswith((".", "?")) else f"{part}." for part in _parts(error)), "bad")


def _parts(error: LearnerError) -> list[str]:
    return [part.rstrip() for part in (error.title, error.cause, error.next_step) if part]
