"""The learner's own marks, question by question, before any grade is shown; then the debrief."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.mocks.report import SCREEN
from tutor.mocks.values import Mock
from tutor.sessions.mock import mock_of, order_of, to_mark
from tutor.sessions.mock_session import assess
from tutor.text import shortened, shown
from tutor.ui.jobs import JobFailed
from tutor.ui.messages import OpenMockReport
from tutor.ui.mock_loads import hold_debrief
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.mark_bar import MarkBar
from tutor.ui.widgets.notice import Notice

LOAD, MARK = "read the interview", "keep your mark"
ASK = "Before you see a grade: how good was it, 0 to 10? Type it, then Enter."
NOTHING = "Nothing was answered, so there is nothing to mark or to grade. Esc leads back."


class MockMarksScreen(TutorScreen):
    """One question at a time, with the learner's own words."""

    CSS_PATH = "mock.tcss"
    passing = True
    HELP = "You mark your own answers first. The report shows how far your marks are from the grades."

    @dataclass
    class Opened(Message):
        """Where the marks stand."""

        mock: Mock

    def __init__(self, mock: int) -> None:
        super().__init__()
        self._mock_id = mock
        self._mock: Mock | None = None
        self._is_moving = False
        self.place = "Mock · your own marks"

    def body(self) -> ComposeResult:
        """Question and own words, bar, notice."""
        with VerticalScroll(id="mark-said"):
            yield Static("", id="mark-text")
        yield MarkBar()
        yield Notice(ASK)

    def on_mount(self) -> None:
        """Read the interview."""
        store, number = self.kit.services.store, self._mock_id
        self.kit.io.run(self, lambda: mock_of(store, number), self.Opened, name=LOAD)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self._mock, self._is_moving = event.mock, False
        left = to_mark(event.mock)
        if event.mock.is_finished:
            self._is_moving = True
            self.post_message(OpenMockReport(event.mock.id))
        elif not event.mock.is_open:
            self.query_one(MarkBar).display = False
            self.notice.say(NOTHING)
        elif left:
            self._show(event.mock, left[0].position, len(left))
        else:
            self._debrief()

    @property
    def notice(self) -> Notice:
        """The line at the bottom."""
        return self.query_one(Notice)

    def _show(self, mock: Mock, position: int, left: int) -> None:
        self.title_bar.show_facts(f"{left} to mark")
        parts: list[str | tuple[str, str]] = [(f"Question {order_of(mock, position)}\n", "bold underline")]
        for answer in mock.of(position):
            kind = "Follow-up. " if answer.turn else ""
            parts += [
                (f"\n{kind}{answer.question}\n", "bold"),
                ("You: ", "bold"),
                f"{shown(shortened(answer.text, SCREEN))}\n",
            ]
        self.query_one("#mark-text", Static).update(Content.assemble(*parts))
        self.query_one("#mark-said").scroll_home(animate=False)
        bar = self.query_one(MarkBar)
        bar.clear_mark()
        bar.focus()
        self.notice.say(ASK)

    @on(MarkBar.Chosen)
    def _chosen(self, event: MarkBar.Chosen) -> None:
        mock, services = self._mock, self.kit.services
        left = to_mark(mock) if mock else ()
        if self._is_moving or mock is None or not left:
            return
        self._is_moving = True

        def keep() -> Mock:
            assess(services.store, mock, left[0].position, event.score, services.clock.now())
            return mock_of(services.store, mock.id)

        self.kit.io.run(self, keep, self.Opened, name=MARK)

    def _debrief(self) -> None:
        services, number = self.kit.services, self._mock_id
        self._is_moving = True
        self.notice.say("The debrief …", "busy")
        self.kit.io.run(self, lambda: hold_debrief(services, number), self.Opened, name=MARK)

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        self._is_moving = False
        if event.name == LOAD:
            self.app.pop_screen()
