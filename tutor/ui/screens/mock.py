"""A mock interview: question after question against the clock, and not a word about how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from tutor.grading.types import Grade
from tutor.mocks.timing import mood
from tutor.scenarios.model import Scenario
from tutor.sessions.mock_session import MockSession, close
from tutor.sessions.sitting import Sitting
from tutor.ui import wording
from tutor.ui.jobs import JobFailed
from tutor.ui.messages import OpenMockMarks, OpenMockReport
from tutor.ui.mock_loads import RoomData, load_room
from tutor.ui.screens.answering import LOAD, SAVE, SUBMIT, WARM_UP
from tutor.ui.screens.dialogs import ConfirmScreen
from tutor.ui.screens.questioning import QuestionScreen
from tutor.ui.widgets.question_pane import QuestionPane

CLOSE = "end the questions"
KEEP_TIME = 5.0
"""Seconds after which the time spent is written down while nothing is typed."""
PAUSED = (
    "The clock stands still, and everything you typed is saved. You can leave and go on later: "
    "Home leads back here, even after a crash."
)
END = (
    "The questions that are left are not asked. You mark your own answers, then come the grades. "
    "What you have typed and not handed in stays in the report, without a grade."
)


class MockScreen(QuestionScreen):
    """As Study, but nothing is said about an answer before the debrief."""

    passing = True
    palette_in_footer = False
    HELP = (
        "Answer as in an interview. After each answer comes a follow-up or the next question; grades come at the end, "
        "after your own marks. The clock informs, it never cuts you off."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9", "pause", "Pause", id="mock-pause", key_display="F9", tooltip="Stop the clock; leave if you like."
        ),
        Binding(
            "f10", "end", "End", id="mock-end", key_display="F10", tooltip="End the questions here; on to the debrief."
        ),
    ]

    @dataclass
    class Opened(Message):
        """The interview as it stands now."""

        data: RoomData

    def __init__(self, mock: int | None, *, redo: bool = False) -> None:
        super().__init__()
        self._mock_id, self._redo = mock, redo
        self._session: MockSession | None = None
        self._kept_at = 0.0
        self._is_moving = False
        """On to the marks or the report."""
        self.place = "Mock interview"

    def on_mount(self) -> None:
        """Read where it stands."""
        services, number, redo = self.kit.services, self._mock_id, self._redo
        self.kit.io.run(self, lambda: load_room(services, number, redo=redo), self.Opened, name=LOAD)
        self.warm_up()

    def warm_up(self) -> None:
        """Start the grader and the clock; no lab opens before the debrief, so no broker is started."""
        self.kit.io.run(self, self.kit.services.grader.warm_up, name=WARM_UP)
        self.set_interval(0.1, self.tick)

    @property
    def sitting(self) -> Sitting | None:
        """The answer being written."""
        return self._session

    @property
    def asked_scenario(self) -> Scenario:
        """What the answer is graded on."""
        assert self._session is not None
        return self._session.turn.scenario

    @on(Opened)
    async def _opened(self, event: Opened) -> None:
        data = event.data
        self._mock_id, self._session = data.mock.id, data.session
        self._is_keeping = False
        self.remove_class("-grading")
        if data.session is None:
            self._move_on(data)
            return
        self._show_place(data.session)
        self.begin(data.session)
        self._kept_at = data.session.elapsed()
        turn = data.session.turn
        why = "Follow-up." if turn.turn else ""
        await self.query_one(QuestionPane).show(turn.text, turn.scenario.situation, why, data.session.said)
        if not self.is_current:  # the learner has gone on to something else in the meantime
            data.session.pause()
        self.refresh_bindings()

    def _show_place(self, session: MockSession) -> None:
        kind = "follow-up" if session.turn.turn else "question"
        place = f"{kind} {session.number}/{len(session.mock.questions)}"
        self.place = "Mock · second try" if session.turn.redo else f"Mock · {place}"
        self.title_bar.show_place(self.place)

    def _move_on(self, data: RoomData) -> None:
        """Nothing is left to ask."""
        if self._is_moving:
            return
        self._is_moving = True
        finished = data.mock.is_finished
        self.post_message(OpenMockReport(data.mock.id) if finished else OpenMockMarks(data.mock.id))

    def keep(self, grade: Grade, ticket: int) -> None:
        """Store the answer with its grade, which nobody sees yet, and read what comes next."""
        session, services = self._session, self.kit.services
        assert session is not None

        def keep() -> RoomData:
            session.submit(grade)
            return load_room(services, session.mock.id)

        self.kit.io.run(self, keep, self.Opened, name=SUBMIT, ticket=ticket)

    # --- the clock ---------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Time and words; what there is to say about the time."""
        session = self._session
        if session is None or not self.is_current:
            return
        timing = session.timing()
        used, own = wording.clock(timing.used), wording.clock(timing.question_used)
        whole = f"{used}/{timing.minutes:.0f} min · " if not session.turn.redo else ""
        self.title_bar.show_facts(f"{whole}this {own}/{timing.question_minutes:.0f} · {wording.words(self._words)}")
        self.answer.border_title = mood(timing) or None
        if session.phase == "submitted":
            self.tell_grading()
        elif session.elapsed() - self._kept_at > KEEP_TIME:
            self._kept_at = session.elapsed()
            self.kit.io.run(self, session.save, lambda _: self.Saved(), name=SAVE)

    def tell_grading(self) -> None:
        """Nothing about the grade."""
        took = self.kit.services.clock.monotonic() - self._grading_since
        self.notice.say(f"{wording.spinner(took)} Noted. The interviewer thinks … Esc takes the answer back", "busy")

    # --- pausing, ending ---------------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Stop the clock (the window over this screen does), and leave if the learner wants."""
        if self._is_writing:
            self.app.push_screen(ConfirmScreen("Paused", PAUSED, "Leave", "Go on"), self._leave_if)

    def _leave_if(self, leave: bool | None) -> None:
        if leave:
            self.app.pop_screen()

    def action_end(self) -> None:
        """End the questions early; asks."""
        if self._is_writing and not self._redo:
            self.app.push_screen(ConfirmScreen("End the questions here?", END, "End them"), self._end_if)

    def _end_if(self, end: bool | None) -> None:
        session, services = self._session, self.kit.services
        if not end or session is None:
            return

        def end_now() -> RoomData:
            session.save()
            close(services.store, session.mock, services.clock.now())
            return load_room(services, session.mock.id)

        self.kit.io.run(self, end_now, self.Opened, name=CLOSE)

    @property
    def _is_writing(self) -> bool:
        return self._session is not None and self._session.phase == "writing"

    @on(JobFailed)
    def _read_again(self, event: JobFailed) -> None:
        """The answer was kept, but what comes next could not be read."""
        session, services = self._session, self.kit.services
        if event.name == SUBMIT and session is not None and session.phase == "done":
            self.kit.io.run(self, lambda: load_room(services, session.mock.id), self.Opened, name=LOAD)

    def action_back(self) -> None:
        """While writing: pause. While it is being graded: take the answer back."""
        if self._is_writing:
            self.action_pause()
            return
        super().action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        return not self._redo if action == "end" else True
