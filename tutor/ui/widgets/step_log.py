"""What a run tells while it goes on: steps with their equivalent command, output of tools; bounded."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.widgets import RichLog

from labs.contract import Checked, Event, Observed, Output, Step
from tutor.text import one_line, shown
from tutor.ui.tables import fitted, is_header, is_row

MAX_LINES = 2_000


class StepLog(RichLog):
    """Lines that scroll; PgUp and PgDn go through them."""

    HELP = "What has happened, with the command that would do the same outside. Arrow keys and PgUp scroll."

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, max_lines=MAX_LINES, wrap=True, markup=False, auto_scroll=True, min_width=20)

        self._table: list[str] = []
        """Lines of a table that is still coming."""

    def tell(self, events: Iterable[Event]) -> None:
        """Write events; a table is held back until it has ended (`flush`)."""
        for event in events:
            if isinstance(event, Output) and event.stream == "out" and self._is_table(event.text):
                self._table.append(shown(event.text))
                continue
            self.flush()
            for line in _lines(event):
                self.write(line)

    def _is_table(self, line: str) -> bool:
        return is_row(line, self._table[0]) if self._table else is_header(line)

    def flush(self) -> None:
        """Write the table that is held back."""
        table, self._table = self._table, []
        for line in fitted(table, self.scrollable_content_region.width - 2):
            self.write(Text(f"  {line}"))

    def say(self, text: str, style: str = "") -> None:
        """Write a line of the app's own."""
        self.flush()
        self.write(Text(shown(text), style=style))


def _lines(event: Event) -> list[Text]:
    if isinstance(event, Step):
        lines = [Text(f"→ {one_line(event.text)}", style="bold")] if event.text.strip() else []
        return lines + ([Text(f"  $ {one_line(event.command)}")] if event.command else [])
    if isinstance(event, Observed):
        return [Text(f"= {one_line(event.observation.text)} ({one_line(event.observation.display)})")]
    if isinstance(event, Output):
        return [Text(f"{'! ' if event.stream == 'err' and event.text.strip() else '  '}{shown(event.text)}")]
    if isinstance(event, Checked):
        return [Text(f"{'✓ ok     ' if event.check.ok else '· not yet'} {one_line(event.check.title)}")]
    return []
