"""How values are written on the screen: symbols that mean something without colour, bars, times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Home needs this module before the first paint
    from tutor.grading.types import PointStatus

STATUS: dict[PointStatus, tuple[str, str]] = {
    "covered": ("✓", "covered"),
    "partial": ("~", "partly"),
    "contradicted": ("✗", "opposite"),
    "missed": ("·", "missed"),
    "unsure": ("?", "unsure"),
}
"""Symbol and word of each status."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FULL, _EMPTY = "█", "░"
_STEPS = "▁▂▃▄▅▆▇█"


def clock(seconds: float) -> str:
    """A running time: `3:05`, `1:02:09`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def bar(score: float, width: int, top: float = 10.0) -> str:
    """A bar that is read by its length: `██████░░░░`."""
    full = round(width * min(max(score / top, 0.0), 1.0))
    return _FULL * full + _EMPTY * (width - full)


def spark(scores: Iterable[float], top: float = 10.0) -> str:
    """A line of small bars, read by their height: `▂▄▆█`."""
    steps = len(_STEPS) - 1
    return "".join(_STEPS[round(steps * min(max(score / top, 0.0), 1.0))] for score in scores)


def words(count: int) -> str:
    """`1 word`, `120 words`."""
    return f"{count:,} {'word' if count == 1 else 'words'}"


def spinner(elapsed: float) -> str:
    """One frame; ten a second."""
    return SPINNER[int(elapsed * 10) % len(SPINNER)]


def broker(state: str, own: str, *, whole: bool = False) -> str:
    """What the labs run on. `state`: as the labs tell it, said as a whole or in a word; `own`: the learner's own cluster's address."""
    word = state if whole else state.partition(":")[0]
    if not own:
        return f"broker {word}"
    first, _, others = own.partition(",")
    return f"your cluster {first}{' …' if others else ''} {word}"
