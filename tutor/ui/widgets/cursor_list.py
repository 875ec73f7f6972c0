"""An option list that j and k move too."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList


class CursorList(OptionList):
    """Move with j/k, arrows, g/G."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", id="list-down", show=False, tooltip="To the next line."),
        Binding("k", "cursor_up", "Up", id="list-up", show=False, tooltip="To the line before."),
        Binding("g", "first", "First", id="list-first", show=False, tooltip="To the first line."),
        Binding("G", "last", "Last", id="list-last", show=False, tooltip="To the last line."),
    ]
