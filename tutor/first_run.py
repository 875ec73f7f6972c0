"""What the first start fetches, and a progress line for a plain terminal.

The app itself never waits: it opens at once, fetches in the background and shows `status` in its status line. This
module serves the commands that do wait (`doctor --fix`, a lab in the terminal).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from labs.broker.interface import Progress
from tutor.text import one_line, size

WIDTH = 24
"""Characters of the bar."""
REPAINT = 0.1
"""Seconds between two pictures of the same stage: a terminal over SSH keeps up."""


def status(progress: Progress) -> str:
    """One line for a status bar: what is being done, and how far it is."""
    message = one_line(progress.message)
    if progress.total <= 0:
        return message
    if progress.stage == "download":
        message = f"{message}: {size(progress.done)} of {size(progress.total)}"
    return f"{message} ({share(progress):.0%})"


def share(progress: Progress) -> float:
    """How much is done, 0 to 1."""
    return min(max(progress.done / progress.total, 0.0), 1.0) if progress.total > 0 else 0.0


def bar(progress: Progress, rate: float = 0.0) -> str:
    """A bar with sizes and speed: `[######------------------]  25 %  11.0 MB of 44.1 MB  5.2 MB/s`."""
    filled = round(share(progress) * WIDTH)
    line = f"[{'#' * filled}{'-' * (WIDTH - filled)}] {share(progress):>4.0%}"
    if progress.stage == "download":
        line += f"  {size(progress.done)} of {size(progress.total)}"
        line += f"  {size(rate)}/s" if rate > 0 else ""
    return line


class ProgressLine:
    """Shows Progress on a stream: one line that is painted over on a terminal, a few whole lines elsewhere.

    Call it as an `OnProgress`, from any one thread; `done` ends the line.
    """

    def __init__(self, stream: TextIO, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._live = stream.isatty()
        self._stage = ""
        self._painted = 0.0
        self._began = (0.0, 0)
        self._tenth = -1
        self._length = 0

    def __call__(self, progress: Progress) -> None:
        """Show it, unless the same stage was painted a moment ago."""
        now = self._monotonic()
        if progress.stage != self._stage:
            self.done()
            self._stage, self._began, self._tenth = progress.stage, (now, progress.done), -1
        elif now - self._painted < REPAINT and progress.done < progress.total:
            return
        self._painted = now
        self._paint(progress, now) if self._live else self._print(progress)

    def done(self) -> None:
        """End the line that is being painted."""
        if self._length:
            self._write("\n")
            self._length = 0

    def _paint(self, progress: Progress, now: float) -> None:
        began, before = self._began
        rate = (progress.done - before) / (now - began) if now > began else 0.0
        message = one_line(progress.message)
        line = f"{message}  {bar(progress, rate)}" if progress.total > 0 else message
        self._write(f"\r{line.ljust(self._length)}")
        self._length = len(line)

    def _print(self, progress: Progress) -> None:
        """A line when the stage begins and at each tenth."""
        tenth = int(share(progress) * 10)
        if tenth != self._tenth:
            self._tenth = tenth
            self._write(f"{status(progress)}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
