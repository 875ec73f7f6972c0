"""Placement: one short question a scenario, to mark what is known already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from tutor.grading.types import Grade
from tutor.scenarios.model import Scenario
from tutor.sessions.placement import RULES, Asked, PlacementSession, Round, begin_again, skip
from tutor.sessions.sitting import Sitting
from tutor.text import counted
from tutor.ui.jobs import JobFailed
from tutor.ui.loads import PlacementData, load_placement
from tutor.ui.screens.answering import LOAD, READY, SUBMIT, AnswerScreen
from tutor.ui.screens.dialogs import ConfirmScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.notice import Notice
from tutor.ui.widgets.placement_pane import PlacementPane

MOVE = "go on with the placement"
SAID = {"known": "known", "not known": "to be studied", "skipped": "skipped", "open": "open"}


class PlacementScreen(AnswerScreen):
    """Question, answer, the next one; at the end what was found. What is right is kept for the scenario itself."""

    CSS_PATH = "placement.tcss"
    HELP = f"{RULES} Leave with Esc; the round goes on where it stopped."
    place = "Placement"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "skip", "Skip", id="placement-skip", key_display="F3", tooltip="Pass over this question."),
        Binding("a", "again", "Begin again", id="placement-again", tooltip="Forget the round and ask everything anew."),
    ]

    @dataclass
    class Opened(Message):
        """The next question is read."""

        data: PlacementData
        done: Asked | None = None
        """The question before."""

    def __init__(self) -> None:
        super().__init__()
        self._session: PlacementSession | None = None
        self._round = Round(())
        self._is_moving = False
        """A question is being skipped, or the round begun again."""

    def body(self) -> ComposeResult:
        """Question, answer, notice."""
        yield PlacementPane()
        yield AnswerArea()
        yield Notice(READY)

    def on_mount(self) -> None:
        """Read the round."""
        services = self.kit.services
        self.kit.io.run(self, lambda: load_placement(services), self.Opened, name=LOAD)
        self.warm_up()

    @property
    def sitting(self) -> Sitting | None:
        """The answer being written."""
        return self._session

    @property
    def asked_scenario(self) -> Scenario:
        """What the answer is graded on."""
        assert self._session is not None
        return self._session.one.scenario

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self._session, self._round = event.data.session, event.data.round
        self._is_moving = self._is_keeping = False
        self.remove_class("-grading")
        self.set_class(self._session is None, "-done")
        self.query_one(PlacementPane).show(self._round, self._session.one if self._session else None)
        known, left = self._round.count("known"), len(self._round.left)
        self.title_bar.show_facts(f"{known} known · {counted(left, 'question')} left")
        if self._session is not None:
            self.begin(self._session)
        else:
            self.set_focus(None)
        self._tell_last(event.done)
        self.refresh_bindings()

    def _tell_last(self, done: Asked | None) -> None:
        """How the question before ended stands beside what can be done now."""
        ahead = READY if self._session is not None else "Esc leads back to Home. a begins the round again."
        if done is not None:
            self._said_of = self.answer.text
            said = f"Scenario {done.scenario.id}: {SAID[done.state]}. {ahead}"
            self.notice.say(said, "good" if done.state == "known" else "plain")
        elif self._session is None:
            self.notice.say(ahead)

    def tick(self) -> None:
        """How long the grader takes."""
        if self._session is not None and self.is_current and self._session.phase == "submitted":
            self.tell_grading()

    def keep(self, grade: Grade, ticket: int) -> None:
        """Mark it, and on to the next question."""
        session, services = self._session, self.kit.services
        assert session is not None

        def record() -> PlacementScreen.Opened:
            done = session.record(grade)
            return self.Opened(load_placement(services), done)

        self.kit.io.run(self, record, lambda opened: opened, name=SUBMIT, ticket=ticket)

    def action_skip(self) -> None:
        """Pass over this question; what was typed stays with it."""
        session, services = self._session, self.kit.services
        if session is None or session.phase != "writing" or self._is_moving:
            return
        self.leave()
        self._is_moving = True

        def move() -> PlacementScreen.Opened:
            skip(services.store, session.one.scenario, services.clock.now())
            return self.Opened(load_placement(services))

        self.kit.io.run(self, move, lambda opened: opened, name=MOVE)

    def action_again(self) -> None:
        """Ask everything anew; only at the end, and only with a yes."""
        if self._session is not None or self._is_moving:
            return
        text = "Your answers in this round and what they marked as known are forgotten. Scores and cards stay."
        self.app.push_screen(ConfirmScreen("Begin the round again?", text, "Begin again"), self._begin_again)

    def _begin_again(self, yes: bool | None) -> None:
        if not yes:
            return
        services = self.kit.services
        self._is_moving = True

        def move() -> PlacementScreen.Opened:
            begin_again(services.store, [pack.scenario for pack in services.packs.packs])
            return self.Opened(load_placement(services))

        self.kit.io.run(self, move, lambda opened: opened, name=MOVE)

    @on(JobFailed)
    def _not_moved(self, event: JobFailed) -> None:
        if event.name == MOVE:
            self._is_moving = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        if action in ("submit", "skip"):
            return self._session is not None and self._session.phase == "writing"
        if action == "again":
            return self._session is None and bool(self._round.asked)
        return True
