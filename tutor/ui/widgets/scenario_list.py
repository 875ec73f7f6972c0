"""Home's list: what to do next on top, then every scenario with its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tutor.text import clipped
from tutor.ui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from tutor.sessions.home import HomeView, NextStep, ScenarioView
    from tutor.sessions.unlock import LabStateKind

NEXT = "next"
STATE_WIDTH = 18
LAB_WIDTH = 14
LAB_WORDS: dict[LabStateKind, str] = {
    "missing": "no lab yet",
    "locked": "lab locked",
    "unlocked": "lab open",
    "skipped": "lab skipped",
    "verified": "✓ lab verified",
    "gave_up": "lab seen",
}


def state_text(row: ScenarioView) -> str:
    """`new`, `passed 6.4 +draft` …: readable without colour."""
    if row.best is None:
        return f"draft {row.draft_words} w" if row.has_draft else "new, known" if row.known else "new"
    word = {"weak": "weak", "passed": "passed", "strong": "strong"}.get(row.state, row.state)
    return f"{word} {row.best:.1f}{' +draft' if row.has_draft else ''}"


def matches(row: ScenarioView, wanted: str) -> bool:
    """Whether every word of the filter is in the number, title, summary, slug or state."""
    text = (
        f"{row.scenario} {row.title} {row.summary} {row.slug} {state_text(row)} {LAB_WORDS[row.lab_state.kind]}".lower()
    )
    return all(word in text for word in wanted.lower().split())


class ScenarioList(CursorList):
    """Posts `Chosen` on Enter and `Looked` when the highlight moves."""

    HELP = "The scenarios, with your best score and the state of their labs. The first line is what to do next."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select",
            "Open",
            id="scenario-open",
            tooltip="Do what the line says: answer the scenario, or go on.",
        ),
    ]

    @dataclass
    class Chosen(Message):
        """Enter on a scenario."""

        scenario: int

    @dataclass
    class NextChosen(Message):
        """Enter on the next step."""

    @dataclass
    class Looked(Message):
        """The highlight is on a scenario, or on the next step (None)."""

        scenario: int | None

    def __init__(self) -> None:
        super().__init__(id="scenario-list")
        self._view: HomeView | None = None
        self._step: NextStep | None = None
        self._filter = ""

    def show(self, view: HomeView, step: NextStep) -> None:
        """New values; the highlight stays where it was."""
        self._view, self._step = view, step
        self._fill()

    def filter(self, wanted: str) -> int:
        """Show only what matches; returns how many do."""
        self._filter = wanted.strip()
        self._fill()
        return sum(1 for option in self.options if option.id != NEXT)

    def on_resize(self, _: events.Resize) -> None:
        """Titles use the width there is."""
        if self._view is not None:
            self._fill()

    def _fill(self) -> None:
        if self._view is None or self._step is None:
            return
        kept = self.highlighted_option.id if self.highlighted_option else None
        rows = [row for row in self._view.scenarios if matches(row, self._filter)]
        options: list[Option | None] = [Option(self._row(row), id=f"scenario-{row.scenario}") for row in rows]
        if not self._filter:
            options = [Option(self._next(self._step), id=NEXT), None, *options]
        self.clear_options()
        self.add_options(options)
        ids = [option.id for option in self.options]
        if ids:
            self.highlighted = ids.index(kept) if kept in ids else 0

    @property
    def _room(self) -> int:
        return max((self.scrollable_content_region.width or self.app.size.width) - 3, 40)

    def _next(self, step: NextStep) -> Content:
        return Content.assemble((clipped(f"Next: {step.action}", self._room), "bold"), f"\n{step.reason}")

    def _row(self, row: ScenarioView) -> Content:
        number = f"{row.scenario:>2}"  # packs by others have three or four digits
        title_width = self._room - len(number) - 2 - STATE_WIDTH - LAB_WIDTH - 2
        title = f"{number}  {clipped(row.title, title_width):<{title_width}}  "
        style = {"weak": "$text-warning", "passed": "$text-success", "strong": "$text-success"}.get(row.state, "")
        lab_style = "$text-success" if row.lab_state.kind == "verified" else "$text-muted"
        return Content.assemble(
            title,
            (f"{state_text(row):<{STATE_WIDTH}}", style),
            (f"{LAB_WORDS[row.lab_state.kind]:<{LAB_WIDTH}}", lab_style),
        )

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        number = _number(event.option_id)
        self.post_message(self.NextChosen() if number is None else self.Chosen(number))

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Looked(_number(event.option_id)))


def _number(option: str | None) -> int | None:
    return int(option.removeprefix("scenario-")) if option and option != NEXT else None
