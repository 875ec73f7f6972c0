"""Study: the question, the answer being written, and its grading."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.message import Message

from tutor.grading.types import Grade
from tutor.scenarios.model import Scenario
from tutor.sessions.ports import Attempt
from tutor.sessions.sitting import Sitting
from tutor.sessions.study import StudySession
from tutor.ui import wording
from tutor.ui.loads import load_study
from tutor.ui.messages import OpenResult
from tutor.ui.screens.answering import LOAD, SUBMIT
from tutor.ui.screens.questioning import QuestionScreen
from tutor.ui.widgets.question_pane import QuestionPane


class StudyScreen(QuestionScreen):
    """Question above (or beside) the answer; nothing typed is ever lost."""

    passing = True
    HELP = "Read the situation, answer in your own words, hand it in with Ctrl+S or F5. The clock informs, it ends nothing."

    @dataclass
    class Opened(Message):
        """The draft is read."""

        session: StudySession

    @dataclass
    class Kept(Message):
        """The graded answer is on disk."""

        attempt: Attempt

    def __init__(self, scenario: int, follow_up_to: int | None = None) -> None:
        super().__init__()
        self._scenario_id, self._follow_up_to = scenario, follow_up_to
        self._session: StudySession | None = None
        self._result: int | None = None
        """Attempt whose result waits for a window above this screen to close."""
        self.place = f"Scenario {scenario}"

    def on_mount(self) -> None:
        """Read the draft, warm up what will be needed, start the clock."""
        services = self.kit.services
        scenario, follow_up_to = self._scenario_id, self._follow_up_to
        self.kit.io.run(self, lambda: load_study(services, scenario, follow_up_to), self.Opened, name=LOAD)
        self.warm_up()

    @property
    def sitting(self) -> Sitting | None:
        """The answer being written."""
        return self._session

    @property
    def asked_scenario(self) -> Scenario:
        """What the answer is graded on."""
        assert self._session is not None
        return self._session.scenario

    def keep(self, grade: Grade, ticket: int) -> None:
        """Store the graded answer."""
        session = self._session
        assert session is not None
        self.kit.io.run(self, lambda: session.submit(grade), self.Kept, name=SUBMIT, ticket=ticket)

    @on(Opened)
    async def _opened(self, event: Opened) -> None:
        self._session = session = event.session
        self.place = f"{session.scenario.id} {session.scenario.title}{' · follow-up' if session.follow_up else ''}"
        self.title_bar.show_place(self.place)
        self.begin(session)
        why = f"Follow-up. {session.follow_up.why}" if session.follow_up else ""
        await self.query_one(QuestionPane).show(session.question, session.scenario.situation, why)

    def tick(self) -> None:
        """Time and words; how long the grader takes."""
        session = self._session
        if session is None or not self.is_current or self._result is not None:
            return
        facts = f"{wording.clock(session.elapsed())}/{session.scenario.minutes} min · {wording.words(self._words)}"
        self.title_bar.show_facts(facts)
        if session.phase == "submitted":
            self.tell_grading()

    def on_screen_resume(self) -> None:
        """Back: the result that waited is shown (the clock goes on by the base class)."""
        if self._result is not None:
            self.post_message(OpenResult(self._result))

    @on(Kept)
    def _kept(self, event: Kept) -> None:
        self._result = event.attempt.id
        if self.app.screen is self:
            self.post_message(OpenResult(self._result))
