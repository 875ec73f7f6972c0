"""The keys that work at this moment, and what the focused part is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Label, Static


class KeyRow(NamedTuple):
    """One line of the help."""

    keys: str
    text: str
    ours: bool


def rows_of(screen: Screen[None]) -> list[KeyRow]:
    """Every key that works on this screen now: the app's own first, then those of the focused widget for editing."""
    found: dict[str, tuple[list[str], str, bool]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        text = binding.tooltip or binding.description
        if binding.system or not text or not active.enabled:
            continue
        keys, _, _ = found.setdefault(f"{id(active.node)}{binding.action}", ([], text, bool(binding.id)))
        shown = screen.app.get_key_display(binding)
        if shown not in keys:
            keys.append(shown)
    rows = [KeyRow(" ".join(keys), text, ours) for keys, text, ours in found.values()]
    return sorted(rows, key=lambda row: not row.ours)


class HelpScreen(ModalScreen[None]):
    """Help for the focused part, and the keys."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "Close", id="help-close", tooltip="Close the help."),
        Binding("j,down", "scroll('down')", "Down", id="help-down", show=False, tooltip="Scroll down."),
        Binding("k,up", "scroll('up')", "Up", id="help-up", show=False, tooltip="Scroll up."),
        Binding(
            "pagedown,space", "scroll('page_down')", "Page down", id="help-page-down", show=False, tooltip="A page on."
        ),
        Binding("pageup", "scroll('page_up')", "Page up", id="help-page-up", show=False, tooltip="A page back."),
    ]

    def __init__(self, place: str, text: str, rows: Sequence[KeyRow]) -> None:
        super().__init__()
        self._place, self._text, self._rows = place, text, rows

    def compose(self) -> ComposeResult:
        """Title, help text, table of keys."""
        with Vertical(id="help-box"):
            yield Label(f"Help · {self._place}" if self._place else "Help", id="help-title", markup=False)
            with VerticalScroll(id="help-scroll"):
                if self._text:
                    yield Static(" ".join(self._text.split()), id="help-text", markup=False)
                yield Static(self._table())
            yield Label("Esc closes · j and k scroll", id="help-foot")

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=False, max_width=18)
        table.add_column(ratio=1)
        for row in self._rows:
            table.add_row(row.keys, row.text)
        return table

    def action_scroll(self, where: str) -> None:
        """Scroll the keys."""
        getattr(self.query_one("#help-scroll"), f"scroll_{where}")(animate=False)
