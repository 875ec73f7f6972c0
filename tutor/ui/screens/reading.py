"""A text of the pack to read: the model answer or the debrief."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from tutor.ui.screens.base import TutorScreen


class ReadingScreen(TutorScreen):
    """Markdown, scrolled by keys."""

    CSS_PATH = "reading.tcss"
    HELP = "A text to read. Scroll with j and k, space for a page, g and G for its ends."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll('down')", "Down", id="reading-down", tooltip="Scroll down."),
        Binding("k,up", "scroll('up')", "Up", id="reading-up", tooltip="Scroll up."),
        Binding("space,pagedown", "scroll('page_down')", "Page", id="reading-page-down", tooltip="A page on."),
        Binding("pageup", "scroll('page_up')", "Page up", id="reading-page-up", show=False, tooltip="A page back."),
        Binding("g,home", "scroll('home')", "Top", id="reading-top", show=False, tooltip="To the top."),
        Binding("G,end", "scroll('end')", "End", id="reading-end", show=False, tooltip="To the end."),
    ]

    def __init__(self, title: str, markdown: str) -> None:
        super().__init__()
        self.place = title
        self._markdown = markdown

    def body(self) -> ComposeResult:
        """The text."""
        with VerticalScroll(id="reading"):
            yield Markdown(self._markdown, open_links=False)

    def action_scroll(self, where: str) -> None:
        """Scroll the text."""
        getattr(self.query_one("#reading"), f"scroll_{where}")(animate=False)
