"""Review: one short question after the other, each graded, rated, and back in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tutor.grading.types import Grade
from tutor.review.cards import Rating
from tutor.scenarios.model import Scenario
from tutor.sessions.review import CardSession, Judged, undo
from tutor.sessions.review_text import summary
from tutor.sessions.sitting import Sitting
from tutor.ui import wording
from tutor.ui.jobs import JobFailed
from tutor.ui.loads import ReviewData, load_review
from tutor.ui.screens.answering import LOAD, READY, SUBMIT, AnswerScreen
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.card_pane import CardPane
from tutor.ui.widgets.notice import Notice
from tutor.ui.widgets.rating_bar import RatingBar
from tutor.ui.widgets.verdict_pane import VerdictPane

RECORD, UNDO = "keep the review", "take the last review back"
RATE = "How soon it comes back: Enter keeps the marked rating, 1 to 4 choose another."
END = "Nothing more to review today.\n\nWhat you miss in an answer to a scenario is asked here from the next day on."


class ReviewScreen(AnswerScreen):
    """Question, answer, grade, rating; at the end how the day went."""

    CSS_PATH = "review.tcss"
    HELP = "Answer the question in a sentence or two, hand it in, look at the grade, and go on with a rating."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f3", "hint", "Hint", id="review-hint", key_display="F3", tooltip="Open a hint; it makes the answer hard."
        ),
        Binding(
            "u", "undo", "Undo", id="review-undo", tooltip="Take the last review back: card and answer are as before."
        ),
        Binding(
            "f8", "undo", "Undo", id="review-undo-typing", key_display="F8", tooltip="The same while you are typing."
        ),
    ]

    @dataclass
    class Opened(Message):
        """The next card is read."""

        data: ReviewData

    @dataclass
    class Rated(Message):
        """The grade is in, with what each rating would do."""

        judged: Judged
        ticket: int

    def __init__(self) -> None:
        super().__init__()
        self._session: CardSession | None = None
        self._data: ReviewData | None = None
        self._is_moving = False
        """A review is being recorded or taken back."""
        self.place = "Review"

    def body(self) -> ComposeResult:
        """Question, answer, grade, rating, notice; the end."""
        yield CardPane()
        yield AnswerArea()
        yield VerdictPane()
        yield RatingBar()
        yield Static("", id="review-end", markup=False)
        yield Notice(READY)

    def on_mount(self) -> None:
        """Read what is due."""
        services = self.kit.services
        self.kit.io.run(self, lambda: load_review(services), self.Opened, name=LOAD)
        self.warm_up()

    @property
    def sitting(self) -> Sitting | None:
        """The answer being written."""
        return self._session

    @property
    def asked_scenario(self) -> Scenario:
        """What the answer is graded on."""
        assert self._session is not None
        return self._session.due.scenario

    @property
    def judged(self) -> Judged | None:
        """The grade that waits for its rating."""
        return self._session.judged if self._session and self._session.phase == "submitted" else None

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self._data, self._session = event.data, event.data.session
        self._is_moving = self._is_keeping = False
        self.remove_class("-rating", "-grading")
        self.set_class(self._session is None, "-done")
        if self._session is None:
            self._show_end(event.data)
        else:
            self.query_one(CardPane).show(self._session)
            self.begin(self._session)
        self._tell_facts()
        self.refresh_bindings()

    def _show_end(self, data: ReviewData) -> None:
        self.query_one("#review-end", Static).update(f"{END}\n\n{summary(data.queue)}")
        self.notice.say("Esc leads back to Home. u takes the last review back.")
        self.set_focus(None)

    def _tell_facts(self) -> None:
        if self._data is not None:
            queue = self._data.queue
            self.title_bar.show_facts(f"{queue.done} done · {queue.ready} to go · {wording.words(self._words)}")

    def tick(self) -> None:
        """Words; how long the grader takes."""
        if self._session is None or not self.is_current:
            return
        self._tell_facts()
        if self._session.phase == "submitted" and self.judged is None:
            self.tell_grading()

    # --- the grade and its rating ------------------------------------------------------------------------------------

    def keep(self, grade: Grade, ticket: int) -> None:
        """Restrict the grade to this card, and see what each rating would do."""
        session = self._session
        assert session is not None
        self.kit.io.run(self, lambda: session.judge(grade), lambda j: self.Rated(j, ticket), name=SUBMIT, ticket=ticket)

    @on(Rated)
    def _rated(self, event: Rated) -> None:
        session = self._session
        if session is None or event.ticket != self._ticket or self._data is None:
            return
        self._is_keeping = False
        self.remove_class("-grading")
        self.add_class("-rating")
        self.query_one(VerdictPane).show(session, event.judged)
        bar = self.query_one(RatingBar)
        bar.show(event.judged, self._data.queue.plan.interview)
        bar.focus()
        self.notice.say(RATE)
        self.refresh_bindings()

    @on(RatingBar.Chosen)
    def _chosen(self, event: RatingBar.Chosen) -> None:
        if not self._is_moving and self.judged is not None:
            self._record(event.rating)

    def _record(self, rating: Rating) -> None:
        session, services = self._session, self.kit.services
        assert session is not None
        self._is_moving = True

        def record() -> ReviewData:
            session.record(rating)
            return load_review(services)

        self.kit.io.run(self, record, self.Opened, name=RECORD)

    def action_undo(self) -> None:
        """Take the last review back; what is being written stays a draft."""
        if self._is_moving or self._is_keeping or self.has_class("-grading"):
            return
        self.leave()
        services = self.kit.services
        self._is_moving = True
        self.kit.io.run(
            self,
            lambda: load_review(services, undo(services.store, services.clock.now()).card),
            self.Opened,
            name=UNDO,
        )

    @on(JobFailed)
    def _not_moved(self, event: JobFailed) -> None:
        if event.name in (RECORD, UNDO):
            self._is_moving = False
        if event.name == RECORD:  # answered in another window, or the disk is full: go on with what is true now
            services = self.kit.services
            self.kit.io.run(self, lambda: load_review(services), self.Opened, name=LOAD)

    def action_hint(self) -> None:
        """Open the next hint."""
        session = self._session
        if session is not None and session.phase == "writing":
            session.hint()
            self.query_one(CardPane).show_hints(session)
            self.kit.io.run(self, session.save, lambda _: self.Saved(), name="save the draft")

    def action_back(self) -> None:
        """Leave; an answer that waits for its rating stays a draft."""
        if self.judged is not None:
            TutorScreen.action_back(self)
            return
        super().action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        writing = self._session is not None and self._session.phase == "writing"
        if action in ("submit", "hint"):
            return writing
        return True
