"""Progress: the figures, the six dimensions, and what is to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.sessions.progress import LabProgress, ProgressView, calibration, progress
from tutor.text import counted
from tutor.ui import wording
from tutor.ui.jobs import JobFailed
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.day_calendar import DayCalendar
from tutor.ui.widgets.day_plot import DayPlot
from tutor.ui.widgets.mark_plot import MarkPlot

LOAD = "read the progress"
BAR_WIDTH = 10
LAB_WIDTH = 30
PAGES = 4
"""Of plots; a large window shows all of them at once."""


def share(value: float | None) -> str:
    """`87 %`, or a dash."""
    return "–" if value is None else f"{100 * value:.0f} %"


def lines(view: ProgressView) -> Iterator[str]:
    """The figures in words."""
    done = f"{counted(view.answers, 'answer')} graded · {counted(view.reviews, 'review')}"
    yield f"Streak {counted(view.streak, 'day')} · {done}, {view.today_reviews} of them today"
    yield f"Remembered when asked, last 30 days: {share(view.recall)} · expected now: {share(view.expected)}"
    yield f"{counted(view.cards, 'card')}: {view.new} new, {view.leeches} set aside because they keep failing"
    right, made = view.predictions_right, view.predictions_made
    predictions = f"{right} of {made} predictions right{f' ({share(right / made)})' if made else ''}"
    yield f"Labs verified: {view.labs_verified} of {view.labs_run} run · {predictions}"
    if view.mocks:
        last = view.mocks[-1]
        yield f"{counted(len(view.mocks), 'mock interview')}, the last {last.score:.1f} at {last.level}. {calibration(view.mocks)}"
    if view.plan.interview:
        yield f"Interview on {view.plan.interview:%d %B %Y}: cards come back before it."


def scores(view: ProgressView) -> Content:
    """The dimensions: now as a bar, the first answers beside it, then day by day."""
    if not view.dimensions:
        return Content.styled("Scores by dimension appear after your first answer.", "$text-muted")
    parts: list[str | tuple[str, str]] = []
    for row in view.dimensions:
        parts += [
            f"{row.dimension:<11} ",
            (wording.bar(row.last, BAR_WIDTH), "$primary"),
            (f" {row.last:4.1f}", "bold"),
        ]
        parts.append(f"  first {row.first:4.1f}  {wording.spark(day.score for day in row.history)}\n")
    return Content.assemble(*parts).rstrip()


def labs_text(view: ProgressView) -> str:
    """Labs proven and predictions, two columns of them."""
    if not view.labs:
        return "Labs appear here once you have run one: what was verified, and how many predictions were right."
    cells = [_lab(lab) for lab in view.labs]
    half = -(-len(cells) // 2)
    rows = (f"{left:<{LAB_WIDTH}}{right}" for left, right in zip_longest(cells[:half], cells[half:], fillvalue=""))
    return "\n".join(["Labs proven, and predictions that were right", *(row.rstrip() for row in rows)])


def _lab(lab: LabProgress) -> str:
    mark = "✓" if lab.verified else "·"
    if not lab.predictions_made:
        return f"{mark} {lab.lab:>2}"
    right = lab.predictions_right / lab.predictions_made
    bar = wording.bar(right, BAR_WIDTH, 1.0)
    return f"{mark} {lab.lab:>2} {bar} {lab.predictions_right} of {lab.predictions_made}"


class ProgressScreen(TutorScreen):
    """Read once when it opens, and again when the learner comes back to it."""

    CSS_PATH = "progress.tcss"
    HELP = "How far you have come, and what is to come. The same as numbers: kafka-tutor stats --json"
    place = "Progress"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,right,l", "page(1)", "More", id="progress-more", key_display="space", tooltip="The next plots."),
        Binding("left,h", "page(-1)", "Back", id="progress-less", show=False, tooltip="The plots before."),
    ]

    @dataclass
    class Loaded(Message):
        """The figures are read."""

        view: ProgressView

    def __init__(self) -> None:
        super().__init__()
        self._page = 0

    def body(self) -> ComposeResult:
        """Figures, dimensions, plots."""
        yield Static("Reading …", id="progress-text", markup=False)
        yield Static("", id="progress-scores")
        with Horizontal(id="progress-plots"):
            yield DayPlot(id="progress-due")
            yield DayPlot(id="progress-history")
            yield DayPlot(id="progress-recall")
            yield MarkPlot(id="progress-marks")
            yield DayCalendar("", id="progress-calendar", markup=False)
            yield Static("", id="progress-labs", markup=False)

    def on_mount(self) -> None:
        """The first plots."""
        self.action_page(0)

    def action_page(self, step: int) -> None:
        """Other plots."""
        self._page = (self._page + step) % PAGES
        for number in range(PAGES):
            self.set_class(number == self._page, f"-page-{number}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A large window has every plot on it."""
        return not (action == "page" and self.has_class("-wide") and self.has_class("-tall"))

    def on_screen_resume(self) -> None:
        """Read where the learner stands."""
        services = self.kit.services
        self.kit.io.run(self, lambda: progress(services.store, services.clock.now()), self.Loaded, name=LOAD)

    @on(Loaded)
    def _loaded(self, event: Loaded) -> None:
        view = event.view
        self.query_one("#progress-text", Static).update("\n".join(lines(view)))
        self.query_one("#progress-scores", Static).update(scores(view))
        ahead = [day.day for day in view.due]
        self.query_one("#progress-due", DayPlot).show(
            "cards due", ahead, [day.due for day in view.due], top=5, bars=True
        )
        past = view.history
        self.query_one("#progress-history", DayPlot).show(
            "reviews a day", [day.day for day in past], [day.reviews for day in past], top=5, bars=True
        )
        due = {day.day: day.due for day in view.due}
        self.query_one("#progress-calendar", DayCalendar).show(view.today, frozenset(view.active), due)
        self.query_one("#progress-labs", Static).update(labs_text(view))
        self.query_one("#progress-marks", MarkPlot).show([(mark.score, mark.self_score) for mark in view.mocks])
        recall = [100 * (day.recall or 0.0) for day in view.due]
        self.query_one("#progress-recall", DayPlot).show("recall in %", ahead, recall, top=100, bars=False)

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        if event.name == LOAD:
            self.app.pop_screen()
