"""Where the learner's files are, and whether saving them verifies."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from tutor.ui import wording


class FilesLine(Static):
    """The paths, always in sight, and the state of the watch."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        super().__init__("", id="fix-files")
        self._paths = paths
        self._shown: Content | None = None

    def show(self, *, watching: bool, ago: float | None, came_to: str) -> None:
        """Say how things stand. `ago`: seconds since the last verification; None: there was none."""
        state = (
            ("◉ Watching: ", "bold $text-success", "each save is verified")
            if watching
            else ("○ Not watching: ", "bold", "F3 watches, F5 verifies")
        )
        checked = "" if ago is None else f" · last checked {since(ago)}: {came_to}"
        lines = [Content.assemble(("File: ", "bold $text-accent"), short(path)) for path in self._paths]
        # The state comes first: a long path may be cut off at the end of the box.
        text = Content("\n").join([Content.assemble(state[:2], f"{state[2]}{checked}"), *lines])
        if text != self._shown:  # this comes ten times a second
            self._shown = text
            self.update(text)


def since(seconds: float) -> str:
    """`just now`, `12 s ago`, `1:02 min ago`."""
    if seconds < 1:
        return "just now"
    return f"{int(seconds)} s ago" if seconds < 60 else f"{wording.clock(seconds)} min ago"


def short(path: Path) -> str:
    """A path as a shell has it, with `~` for the home directory."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
