"""A cover for windows in which nothing can be read. What lies under it keeps its state and its focus."""

from __future__ import annotations

from textual import events
from textual.widgets import Static

MIN_WIDTH = 64
MIN_HEIGHT = 21
"""Below this the lab screen cuts off what must be read."""


class TooSmall(Static):
    """Shown by the screen's breakpoint classes; says how large the window must be."""

    DEFAULT_CSS = """
    TooSmall {
        display: none;
        layer: cover;
        dock: top;
        width: 100%;
        height: 100%;
        background: $background;
        color: $foreground;
        content-align: center middle;
        text-align: center;
    }
    """

    def on_mount(self) -> None:
        """Say the size."""
        self._tell()

    def on_resize(self, _: events.Resize) -> None:
        """Say the new size."""
        self._tell()

    def _tell(self) -> None:
        width, height = self.app.size
        self.update(
            f"This window has {width} columns and {height} lines.\n"
            f"kafka-tutor needs {MIN_WIDTH} and {MIN_HEIGHT}.\n\n"
            "Enlarge it or choose a smaller font; nothing is lost. Ctrl+Q quits."
        )
