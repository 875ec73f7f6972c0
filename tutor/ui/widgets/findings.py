"""Everything the grader found, one line each: what is wrong first, then what is missing, then what is there."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tutor.grading.types import PointStatus
from tutor.sessions.result import MisconceptionRow, PointRow, ResultView
from tutor.text import clipped
from tutor.ui import wording
from tutor.ui.widgets.cursor_list import CursorList

OVERALL = "overall"
Finding = PointRow | MisconceptionRow
_STYLES: dict[PointStatus, str] = {
    "covered": "$text-success",
    "partial": "$text-warning",
    "contradicted": "$text-error",
    "missed": "$text-muted",
    "unsure": "$text-warning",
}


def label(row: Finding) -> tuple[str, str, str]:
    """Symbol, word and style of a finding; the learner's own verdict comes before the grader's."""
    if row.overruled is not None:
        yours = "yours: yes" if row.overruled else "yours: no"
        return ("✓" if row.overruled is isinstance(row, PointRow) else "·"), yours, "$text-accent"
    if isinstance(row, MisconceptionRow):
        return ("!", "wrong", "$text-error") if row.certain else ("?", "wrong?", "$text-warning")
    symbol, word = wording.STATUS[row.status]
    return symbol, word, _STYLES[row.status]


class Findings(CursorList):
    """Posts `Selected` when the highlight moves."""

    HELP = (
        "What the grader found. Move with j and k: the right side shows your own words and what was missing. "
        "o says that the grader is wrong about a line; y and n answer where it asks. Your verdict is kept."
    )

    @dataclass
    class Selected(Message):
        """The highlight is on a finding, or on the overall line (None)."""

        target: str | None

    def __init__(self) -> None:
        super().__init__(id="findings")
        self._view: ResultView | None = None

    def show(self, view: ResultView) -> None:
        """New values; the highlight stays on its line."""
        self._view = view
        self._fill()

    def on_resize(self, _: events.Resize) -> None:
        """Lines use the width there is."""
        if self._view is not None:
            self._fill()

    def _fill(self) -> None:
        view = self._view
        if view is None:
            return
        kept = self.highlighted_option.id if self.highlighted_option else None
        held = [row for row in view.misconceptions if row.overruled is not False]
        wrong = [row for row in held if row.certain or row.overruled]
        doubtful = [row for row in held if row not in wrong]
        taken_back = [row for row in view.misconceptions if row.overruled is False]
        covered = [row for row in view.points if row.counted]
        options: list[Option] = [Option(Content.styled("Overall and what to do next", "bold"), id=OVERALL)]
        unclear = [row for row in view.points if row.asked]
        options += self._section("Wrong belief", wrong) + self._section("Do you mean that?", doubtful)
        options += self._section("Did you mean that?", unclear)
        options += self._section("Not in your answer", [row for row in view.missed if not row.asked])
        options += self._section("In your answer", covered) + self._section("You say you do not mean it", taken_back)
        with self.prevent(OptionList.OptionHighlighted):
            self.clear_options()
            self.add_options(options)
        ids = [option.id for option in self.options]
        self.highlighted = ids.index(kept) if kept and kept in ids else 0

    def _section(
        self, title: str, rows: list[MisconceptionRow] | list[PointRow] | tuple[PointRow, ...]
    ) -> list[Option]:
        if not rows:
            return []
        head = Option(Content.styled(f"{title} ({len(rows)})", "bold underline"), disabled=True)
        return [head, *(Option(self._line(row), id=row.id) for row in rows)]

    def _line(self, row: Finding) -> Content:
        symbol, word, style = label(row)
        must = "must " if isinstance(row, PointRow) and row.must else ""
        text = row.text.removeprefix("This sounds like: ")
        room = max((self.scrollable_content_region.width or 36) - 15, 10)
        return Content.assemble((f"{symbol} {word:<10} ", style), (must, "bold"), clipped(text, room - len(must)))

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Selected(None if event.option_id in (None, OVERALL) else event.option_id))
