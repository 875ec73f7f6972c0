"""Study: the question, the answer being written, and its grading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message

from labs.errors import LearnerError
from tutor.errors import AnswerRefused
from tutor.grading.types import Grade
from tutor.sessions.ports import Attempt
from tutor.sessions.study import StudySession
from tutor.ui import wording
from tutor.ui.jobs import JobFailed, Jobs
from tutor.ui.loads import load_study
from tutor.ui.messages import OpenResult
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.notice import Notice
from tutor.ui.widgets.question_pane import QuestionPane

LOAD, WARM_UP, SAVE = "read the draft", "warm up", "save the draft"
GRADE, SUBMIT = "grade the answer", "keep the answer"
READY = "Ctrl+S (or F5) hands it in. Drafts are saved as you type."


class StudyScreen(TutorScreen):
    """Question above (or beside) the answer; nothing typed is ever lost."""

    CSS_PATH = "study.tcss"
    passing = True
    AUTO_FOCUS = "#answer"
    HELP = "Read the situation, answer in your own words, hand it in with Ctrl+S or F5. The clock informs, it ends nothing."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f5", "submit", "Hand in", id="submit", key_display="^s/F5", tooltip="Have the answer graded."),
        Binding("f2", "fold", "Question", id="fold", key_display="F2", tooltip="Give the question more room, or less."),
        Binding(
            "ctrl+down",
            "question('down')",
            "Scroll",
            id="question-down",
            show=False,
            tooltip="Scroll the question down.",
        ),
        Binding("ctrl+up", "question('up')", "Scroll", id="question-up", show=False, tooltip="Scroll the question up."),
    ]

    @dataclass
    class Opened(Message):
        """The draft is read."""

        session: StudySession

    @dataclass
    class Saved(Message):
        """The draft is on disk."""

    @dataclass
    class Graded(Message):
        """The grader has answered."""

        grade: Grade
        ticket: int

    @dataclass
    class Kept(Message):
        """The graded answer is on disk."""

        attempt: Attempt

    answer = getters.query_one("#answer", AnswerArea)
    notice = getters.query_one("#notice", Notice)

    def __init__(self, scenario: int, follow_up_to: int | None = None) -> None:
        super().__init__()
        self._scenario_id, self._follow_up_to = scenario, follow_up_to
        self._session: StudySession | None = None
        self._ticket = 0
        """Of the grading in progress; a reply with an older one is stale."""
        self._grading_since = 0.0
        self._words = 0
        self._said_of: str | None = None
        """The text of which something important was said (refused, stopped): that stays until it is changed."""
        self._save_failed = False
        self._result: int | None = None
        """Attempt whose result waits for a window above this screen to close."""
        self._is_keeping = False
        """The grade is there and being stored: too late to stop."""
        self.place = f"Scenario {scenario}"

    def body(self) -> ComposeResult:
        """Question, answer, notice."""
        with Container(id="study-columns"):
            yield QuestionPane()
            with Vertical(id="answer-column"):
                yield AnswerArea()
                yield Notice(READY)

    def on_mount(self) -> None:
        """Read the draft, warm up what will be needed, start the clock."""
        services = self.kit.services
        scenario, follow_up_to = self._scenario_id, self._follow_up_to
        self.kit.io.run(self, lambda: load_study(services, scenario, follow_up_to), self.Opened, name=LOAD)
        for warm_up in (services.grader.warm_up, services.labs.warm_up):
            self.kit.io.run(self, warm_up, name=WARM_UP)
        self.set_interval(0.1, self._tick)

    @on(Opened)
    async def _opened(self, event: Opened) -> None:
        self._session = session = event.session
        self.place = f"{session.scenario.id} {session.scenario.title}{' · follow-up' if session.follow_up else ''}"
        self.title_bar.show_place(self.place)
        self.answer.disabled = False
        self.answer.fill(session.text)
        self.answer.focus()
        self._words = len(session.text.split())
        if session.resumed:
            self._said_of = session.text
            self.notice.say(f"Your draft of {wording.words(self._words)} is back. {READY}")
        await self.query_one(QuestionPane).show(session)

    def _tick(self) -> None:
        session = self._session
        if session is None or not self.is_current or self._result is not None:
            return
        facts = f"{wording.clock(session.elapsed())}/{session.scenario.minutes} min · {wording.words(self._words)}"
        self.title_bar.show_facts(facts)
        if session.phase == "submitted":
            took = self.kit.services.clock.monotonic() - self._grading_since
            self.notice.say(
                f"{wording.spinner(took)} Grading … {took:.1f} s · Esc stops it and keeps your answer", "busy"
            )

    # --- the draft ---------------------------------------------------------------------------------------------------

    @on(AnswerArea.Settled)
    def _settled(self, event: AnswerArea.Settled) -> None:
        if self._session is None:
            return
        self._words = len(event.text.split())
        if event.text != self._said_of:
            self._said_of = None
            self._tell_ready()
        self._save(event.text)

    def _save(self, text: str) -> None:
        session = self._session
        if session is None or session.phase != "writing":
            return
        session.type(text)
        if session.unsaved:
            self.answer.border_subtitle = "saving …"
            self.kit.io.run(self, session.save, lambda _: self.Saved(), name=SAVE)

    @on(Saved)
    def _saved(self) -> None:
        self._save_failed = False
        if self._session is not None and not self._session.unsaved:
            self.answer.border_subtitle = "draft saved"
        self._tell_ready()

    def _tell_ready(self) -> None:
        """What can be done, unless something more important is said."""
        if (
            self._session is not None
            and self._session.phase == "writing"
            and self._said_of is None
            and not self._save_failed
        ):
            self.notice.say(READY)

    def leave(self) -> None:
        """Hand in the draft for saving."""
        if self._session is not None:
            self._save(self.answer.text)

    def on_screen_suspend(self) -> None:
        """Something lies over this screen: save, and stop the clock."""
        self.leave()
        if self._session is not None:
            self._session.pause()

    def on_screen_resume(self) -> None:
        """Back: the clock goes on, or the result that waited is shown."""
        if self._result is not None:
            self.post_message(OpenResult(self._result))
        if self._session is not None:
            self._session.resume()

    # --- grading -----------------------------------------------------------------------------------------------------

    def action_submit(self) -> None:
        """Hand the answer in."""
        session = self._session
        if session is None or session.phase != "writing":
            return
        session.type(self.answer.text)
        try:
            accepted = session.accept()
        except AnswerRefused as refused:
            self._said_of = self.answer.text
            self.notice.explain(refused)
            self.answer.focus()
            return
        self._begin_grading(session, accepted.graded)

    def _begin_grading(self, session: StudySession, text: str) -> None:
        self._ticket += 1
        ticket, grader, scenario = self._ticket, self.kit.services.grader, session.scenario
        self._grading_since = self.kit.services.clock.monotonic()
        self.answer.read_only = True
        self.add_class("-grading")
        self.kit.io.run(self, session.save, name=SAVE)
        # A thread of its own: a grading that was given up may still hold the last one.
        jobs = Jobs("grading")
        jobs.run(
            self,
            lambda: grader.grade(scenario, text),
            lambda grade: self.Graded(grade, ticket),
            name=GRADE,
            ticket=ticket,
        )
        jobs.close()
        self.refresh_bindings()

    @on(Graded)
    def _graded(self, event: Graded) -> None:
        session = self._session
        if session is None or event.ticket != self._ticket or session.phase != "submitted":
            return
        self._is_keeping = True
        self.kit.io.run(self, lambda: session.submit(event.grade), self.Kept, name=SUBMIT, ticket=event.ticket)

    @on(Kept)
    def _kept(self, event: Kept) -> None:
        self._result = event.attempt.id
        if self.app.screen is self:
            self.post_message(OpenResult(self._result))

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        if event.name == WARM_UP or (event.name == GRADE and event.ticket != self._ticket):
            event.stop()  # what could not be warmed up says so when it is needed
            return
        if event.name in (GRADE, SUBMIT):
            self._reopen()
        if event.name == SAVE:
            event.stop()
            self._save_failed = True
            self.answer.border_subtitle = "not saved"
            title = event.error.title if isinstance(event.error, LearnerError) else str(event.error)
            self.notice.say(
                f"The draft could not be saved: {title}. It is still here; every change tries again.", "bad"
            )
        if event.name == LOAD:
            self.app.pop_screen()

    def _reopen(self) -> None:
        if self._session is not None:
            self._session.reopen()
        self._is_keeping = False
        self.answer.read_only = False
        self.remove_class("-grading")
        self.notice.say(READY)
        self.answer.focus()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Stop the grading; otherwise leave, with the draft saved."""
        if self._is_keeping:
            return
        if self._session is not None and self._session.phase == "submitted":
            self._ticket += 1
            self.kit.services.grader.cancel()
            self._reopen()
            self._said_of = self.answer.text
            self.notice.say("Grading stopped. Your answer is kept; change it or hand it in again.")
            return
        super().action_back()

    # --- room --------------------------------------------------------------------------------------------------------

    def action_fold(self) -> None:
        """More room for the question, or for the answer again."""
        self.toggle_class("-question-large")

    def action_question(self, where: str) -> None:
        """Scroll the question while the answer keeps the focus."""
        pane = self.query_one(QuestionPane)
        (pane.scroll_down if where == "down" else pane.scroll_up)(animate=False)
