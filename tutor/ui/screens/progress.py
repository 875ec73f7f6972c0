"""Progress: the figures, the six dimensions, and what is to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.sessions.progress import ProgressView, calibration, progress
from tutor.text import counted
from tutor.ui import wording
from tutor.ui.jobs import JobFailed
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.day_plot import DayPlot

LOAD = "read the progress"
BAR_WIDTH = 10


def share(value: float | None) -> str:
    """`87 %`, or a dash."""
    return "–" if value is None else f"{100 * value:.0f} %"


def lines(view: ProgressView) -> Iterator[str]:
    """The figures in words."""
    done = f"{counted(view.answers, 'answer')} graded · {counted(view.reviews, 'review')}"
    yield f"Streak {counted(view.streak, 'day')} · {done}, {view.today_reviews} of them today"
    yield f"Remembered when asked, last 30 days: {share(view.recall)} · expected now: {share(view.expected)}"
    yield f"{counted(view.cards, 'card')}: {view.new} new, {view.leeches} set aside because they keep failing"
    predictions = f"{view.predictions_right} of {view.predictions_made} predictions right"
    yield f"Labs verified: {view.labs_verified} of {view.labs_run} run · {predictions}"
    if view.mocks:
        last = view.mocks[-1]
        yield f"{counted(len(view.mocks), 'mock interview')}, the last {last.score:.1f} at {last.level}. {calibration(view.mocks)}"
    if view.plan.interview:
        yield f"Interview on {view.plan.interview:%d %B %Y}: cards come back before it."


def scores(view: ProgressView) -> Content:
    """The dimensions: now as a bar, the first answers beside it."""
    if not view.dimensions:
        return Content.styled("Scores by dimension appear after your first answer.", "$text-muted")
    parts: list[str | tuple[str, str]] = []
    for row in view.dimensions:
        parts += [
            f"{row.dimension:<11} ",
            (wording.bar(row.last, BAR_WIDTH), "$primary"),
            (f" {row.last:4.1f}", "bold"),
        ]
        parts.append(f"  first {row.first:.1f}\n")
    return Content.assemble(*parts).rstrip()


class ProgressScreen(TutorScreen):
    """Read once when it opens, and again when the learner comes back to it."""

    CSS_PATH = "progress.tcss"
    HELP = "How far you have come, and what is to come. The same as numbers: kafka-tutor stats --json"
    place = "Progress"

    @dataclass
    class Loaded(Message):
        """The figures are read."""

        view: ProgressView

    def body(self) -> ComposeResult:
        """Figures, dimensions, plots."""
        yield Static("Reading …", id="progress-text", markup=False)
        yield Static("", id="progress-scores")
        with Horizontal(id="progress-plots"):
            yield DayPlot(id="progress-due")
            yield DayPlot(id="progress-history")
            yield DayPlot(id="progress-recall")

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
        recall = [100 * (day.recall or 0.0) for day in view.due]
        self.query_one("#progress-recall", DayPlot).show("recall in %", ahead, recall, top=100, bars=False)

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        if event.name == LOAD:
            self.app.pop_screen()
