"""What a learner does, in a terminal or in a browser."""

from __future__ import annotations

from typing import Protocol


class Screen(Protocol):
    """Where the app is seen and typed into."""

    def wait_for(self, what: object, seconds: float = 30) -> str:
        """Wait until the screen shows the text or satisfies the predicate."""

    def press(self, *keys: str) -> None:
        """Press keys."""

    def paste(self, text: str) -> None:
        """Paste a text."""

    def settle(self) -> None:
        """Wait until the app has taken in the last key."""


ANSWER = (
    "The group already has committed offsets at the log end, so after a restart it resumes there and waits. "
    "auto.offset.reset only applies if there is no valid committed offset. I would describe the group with "
    "kafka-consumer-groups, look at lag and members, and reset the offsets while the group is stopped."
)
FIX = "kafka-consumer-groups --group $GROUP --topic $TOPIC --reset-offsets --to-earliest --execute"
LONG = 120.0


def answer_the_question(terminal: Screen) -> None:
    terminal.wait_for("Answer scenario 1", LONG)
    terminal.press("enter")
    terminal.wait_for("Hand in", LONG)
    terminal.paste(ANSWER)
    terminal.wait_for("is stopped.", LONG)
    terminal.press("ctrl+s")
    terminal.wait_for("of 10", LONG)


def predict(terminal: Screen) -> None:
    terminal.press("l")
    terminal.wait_for("[ predict ]", LONG)
    terminal.wait_for("1. The group", LONG)
    for typed in ("0", "300", "0", "30"):
        terminal.press(*typed)
        terminal.wait_for(lambda screen, typed=typed: f" {typed}\n" in screen or f" {typed} " in screen, LONG)
        terminal.press("enter")
        terminal.settle()
    terminal.press("down", "enter")  # at the oldest record left
    terminal.settle()
    terminal.press("tab")
    terminal.settle()
    terminal.press("down", "down", "enter")  # the broker refuses
    terminal.settle()
    terminal.press("f5")
