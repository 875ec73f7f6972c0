"""What every screen has where an answer is written: the draft that is saved as it grows, handing it in, its grading."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.binding import Binding, BindingType
from textual.message import Message

from labs.errors import LearnerError
from tutor.errors import AnswerRefused
from tutor.grading.types import Grade
from tutor.scenarios.model import Scenario
from tutor.sessions.sitting import Sitting
from tutor.ui import wording
from tutor.ui.jobs import JobFailed, Jobs
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.notice import Notice

LOAD, WARM_UP, SAVE = "read the draft", "warm up", "save the draft"
GRADE, SUBMIT = "grade the answer", "keep the answer"
READY = "Ctrl+S (or F5) hands it in. Drafts are saved as you type."


class AnswerScreen(TutorScreen):
    """Nothing typed here is ever lost. Subclasses say what is asked, and what becomes of a grade."""

    AUTO_FOCUS = "#answer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f5", "submit", "Hand in", id="submit", key_display="^s/F5", tooltip="Have the answer graded."),
    ]

    @dataclass
    class Saved(Message):
        """The draft is on disk."""

    @dataclass
    class Graded(Message):
        """The grader has answered."""

        grade: Grade
        ticket: int

    answer = getters.query_one("#answer", AnswerArea)
    notice = getters.query_one("#notice", Notice)

    def __init__(self) -> None:
        super().__init__()
        self._ticket = 0
        """Of the grading in progress; a reply with an older one is stale."""
        self._grading_since = 0.0
        self._words = 0
        self._said_of: str | None = None
        """The text of which something important was said (refused, stopped): that stays until it is changed."""
        self._save_failed = False
        self._is_keeping = False
        """The grade is there and being stored: too late to stop."""

    @property
    @abstractmethod
    def sitting(self) -> Sitting | None:
        """The answer being written; None before it is read."""

    @property
    @abstractmethod
    def asked_scenario(self) -> Scenario:
        """What the answer is graded on."""

    @abstractmethod
    def keep(self, grade: Grade, ticket: int) -> None:
        """Go on with a grade (a job named SUBMIT)."""

    def warm_up(self) -> None:
        """Start what will be needed, and the clock."""
        services = self.kit.services
        for warm_up in (services.grader.warm_up, services.labs.warm_up):
            self.kit.io.run(self, warm_up, name=WARM_UP)
        self.set_interval(0.1, self.tick)

    def tick(self) -> None:
        """Ten times a second while this screen is on top."""

    def begin(self, sitting: Sitting) -> None:
        """Show the draft and let the learner write."""
        self.answer.disabled = False
        self.answer.read_only = False
        self.answer.fill(sitting.text)
        self.answer.border_subtitle = ""
        self.answer.focus()
        self._words = len(sitting.text.split())
        self._said_of = None
        if sitting.resumed and sitting.text:
            self._said_of = sitting.text
            self.notice.say(f"Your draft of {wording.words(self._words)} is back. {READY}")
        else:
            self.notice.say(READY)

    def tell_grading(self) -> None:
        """How long the grader has been at it."""
        took = self.kit.services.clock.monotonic() - self._grading_since
        self.notice.say(f"{wording.spinner(took)} Grading … {took:.1f} s · Esc stops it and keeps your answer", "busy")

    # --- the draft ---------------------------------------------------------------------------------------------------

    @on(AnswerArea.Settled)
    def _settled(self) -> None:
        if self.sitting is None:
            return
        text = self.answer.text  # not the event's: that may have been posted before the next question was opened
        self._words = len(text.split())
        if text != self._said_of:
            self._said_of = None
            self._tell_ready()
        self._save(text)

    def _save(self, text: str) -> None:
        session = self.sitting
        if session is None or session.phase != "writing":
            return
        session.type(text)
        if session.unsaved:
            self.answer.border_subtitle = "saving …"
            self.kit.io.run(self, session.save, lambda _: self.Saved(), name=SAVE)

    @on(Saved)
    def _saved(self) -> None:
        self._save_failed = False
        if self.sitting is not None and not self.sitting.unsaved:
            self.answer.border_subtitle = "draft saved"
        self._tell_ready()

    def _tell_ready(self) -> None:
        """What can be done, unless something more important is said."""
        if (
            self.sitting is not None
            and self.sitting.phase == "writing"
            and self._said_of is None
            and not self._save_failed
        ):
            self.notice.say(READY)

    def leave(self) -> None:
        """Hand in the draft for saving."""
        if self.sitting is not None:
            self._save(self.answer.text)

    def on_screen_suspend(self) -> None:
        """Something lies over this screen: save, and stop the clock."""
        self.leave()
        if self.sitting is not None:
            self.sitting.pause()

    def on_screen_resume(self) -> None:
        """Back: the clock goes on."""
        if self.sitting is not None:
            self.sitting.resume()

    # --- grading -----------------------------------------------------------------------------------------------------

    def action_submit(self) -> None:
        """Hand the answer in."""
        session = self.sitting
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

    def _begin_grading(self, session: Sitting, text: str) -> None:
        self._ticket += 1
        ticket, grader, scenario = self._ticket, self.kit.services.grader, self.asked_scenario
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
        session = self.sitting
        if session is None or event.ticket != self._ticket or session.phase != "submitted":
            return
        self._is_keeping = True
        self.keep(event.grade, event.ticket)

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
        if self.sitting is not None:
            self.sitting.reopen()
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
        if self.sitting is not None and self.sitting.phase == "submitted":
            self._ticket += 1
            self.kit.services.grader.cancel()
            self._reopen()
            self._said_of = self.answer.text
            self.notice.say("Grading stopped. Your answer is kept; change it or hand it in again.")
            return
        super().action_back()
