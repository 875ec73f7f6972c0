"""The first-run tour: a few small pages over Home; any of them can be the last."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from tutor.sessions.tour import PAGES


class TourScreen(ModalScreen[bool]):
    """Dismissed with True where the learner wants the placement round next."""

    CSS_PATH = "tour.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space,right,l,n", "turn(1)", "Next", id="tour-next", tooltip="The next page; after the last, Home."
        ),
        Binding("left,backspace,h,p", "turn(-1)", "Back", id="tour-back", tooltip="The page before."),
        Binding("a", "placement", "Placement", id="tour-placement", tooltip="Go to the placement round."),
        Binding(
            "escape,q", "close", "Skip", id="tour-skip", tooltip="Close the tour; kafka-tutor tour shows it again."
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    def compose(self) -> ComposeResult:
        """Title, text, keys, how to go on."""
        with Vertical(id="tour-box"):
            yield Label("", id="tour-title", markup=False)
            with VerticalScroll(id="tour-scroll", can_focus=False):
                yield Static("", id="tour-text", markup=False)
                yield Static("", id="tour-keys")
            yield Label("", id="tour-foot", markup=False)

    def on_mount(self) -> None:
        """The first page."""
        self._show()

    def _show(self) -> None:
        page, last = PAGES[self._number], self._number == len(PAGES) - 1
        self.query_one("#tour-title", Label).update(page.title)
        self.query_one("#tour-text", Static).update(page.text)
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="bold", min_width=6)
        table.add_column(ratio=1)
        for key, what in page.keys:
            table.add_row(key, what)
        self.query_one("#tour-keys", Static).update(table)
        dots = " ".join("●" if number == self._number else "○" for number in range(len(PAGES)))
        ahead = "Enter begins" if last else "Enter goes on"
        self.query_one("#tour-foot", Label).update(f"{dots}   {ahead} · ← goes back · Esc skips the tour")

    def action_turn(self, step: int) -> None:
        """On, or back; past the last page the tour is over."""
        if self._number + step >= len(PAGES):
            self.action_close()
        else:
            self._number = max(self._number + step, 0)
            self._show()

    def action_placement(self) -> None:
        """Mark what is known."""
        self.dismiss(True)

    def action_close(self) -> None:
        """To Home."""
        self.dismiss(False)
