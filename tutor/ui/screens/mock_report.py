"""The debrief: the report of a mock interview, to read and to keep, and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Markdown

from tutor.mocks import markdown
from tutor.mocks.report import MockReport, NextThing, for_screen
from tutor.ui.jobs import JobFailed
from tutor.ui.messages import OpenLab, OpenMock, OpenStudy
from tutor.ui.mock_loads import load_report
from tutor.ui.screens.reading import ReadingScreen
from tutor.ui.widgets.notice import Notice

LOAD, EXPORT = "read the report", "write the report"
READY = "e writes it to files (HTML, Markdown, JSON)."


class MockReportScreen(ReadingScreen):
    """Markdown, scrolled by keys."""

    palette_in_footer = False
    HELP = "Your interview: the signal and what would change it, your own marks, each question with your words."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "Export", id="mock-export", tooltip="Write the report as HTML, Markdown and JSON."),
        Binding("r", "redo", "Second try", id="mock-redo", tooltip="Answer your weakest question once more."),
        Binding("l", "lab", "Lab", id="mock-lab", tooltip="Go to the lab that the report names."),
        Binding("s", "study", "Study", id="mock-study", tooltip="Study the scenario that the report names."),
    ]

    @dataclass
    class Loaded(Message):
        """The report is put together."""

        report: MockReport

    @dataclass
    class Exported(Message):
        """The files are written."""

        path: Path

    def __init__(self, mock: int) -> None:
        super().__init__("Mock · debrief", "")
        self.mock = mock
        """Which interview it is."""
        self._report: MockReport | None = None

    def body(self) -> ComposeResult:
        """The text, and a line below it."""
        with VerticalScroll(id="reading"):
            yield Markdown("", open_links=False)
        yield Notice(READY)

    def on_screen_resume(self) -> None:
        """Read it, and again after a second try or a lab."""
        services, number = self.kit.services, self.mock
        self.kit.io.run(self, lambda: load_report(services, number), self.Loaded, name=LOAD)

    @on(Loaded)
    async def _loaded(self, event: Loaded) -> None:
        changed = event.report != self._report
        self._report = event.report
        one = event.report.summary
        self.title_bar.show_place(f"Mock {one.mock} · {one.level} · debrief")
        self.title_bar.show_facts(f"{one.signal} · {one.score:.1f} of 10")
        if changed:
            await self.query_one(Markdown).update(markdown.render(for_screen(event.report)))
        self.refresh_bindings()

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        if event.name == LOAD and self._report is None:
            self.app.pop_screen()

    def _next(self, kind: str) -> NextThing | None:
        return next((thing for thing in self._report.next if thing.kind == kind), None) if self._report else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        return self._next(action) is not None if action in ("redo", "lab", "study") else True

    def action_export(self) -> None:
        """Write the files."""
        report, services = self._report, self.kit.services
        if report is not None:
            self.kit.io.run(self, lambda: services.export_mock(report), self.Exported, name=EXPORT)

    @on(Exported)
    def _exported(self, event: Exported) -> None:
        self.query_one(Notice).say(f"Written: {event.path} (.md and .json beside it)", "good")

    def action_redo(self) -> None:
        """The second try."""
        if self._next("redo"):
            self.post_message(OpenMock(self.mock, redo=True))

    def action_lab(self) -> None:
        """To the lab."""
        thing = self._next("lab")
        if thing is not None and thing.lab is not None:
            self.post_message(OpenLab(thing.lab))

    def action_study(self) -> None:
        """To the scenario."""
        thing = self._next("study")
        if thing is not None and thing.scenario is not None:
            self.post_message(OpenStudy(thing.scenario))
