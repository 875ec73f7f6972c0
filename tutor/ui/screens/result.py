"""Result: the score, every finding with the learner's own words, and where to go from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message

from tutor.sessions.ports import Overrule
from tutor.sessions.result import MisconceptionRow
from tutor.sessions.review import overrule as keep_verdict
from tutor.text import duration
from tutor.ui.jobs import JobFailed
from tutor.ui.loads import ResultData, load_result
from tutor.ui.messages import OpenLab, OpenReading, OpenStudy
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.finding_detail import FindingDetail
from tutor.ui.widgets.findings import Findings
from tutor.ui.widgets.score_board import ScoreBoard

LOAD = "read the result"


class ResultScreen(TutorScreen):
    """Score on top, findings on the left, one of them in full on the right."""

    CSS_PATH = "result.tcss"
    AUTO_FOCUS = "#findings"
    HELP = "Your graded answer. The model answer and the debrief are open now that you have tried."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "o", "overrule", "Overrule", id="overrule", tooltip="Say that the grader is wrong about this line; kept."
        ),
        Binding("y", "say(True)", "Yes", id="mean-it", tooltip="Yes, I meant that: it counts as your word."),
        Binding("n", "say(False)", "No", id="not-mean-it", tooltip="No, I did not mean that."),
        Binding(
            "f", "follow_up", "Follow-up", id="follow-up", tooltip="Answer the question that aims at your weakest spot."
        ),
        Binding("m", "model_answer", "Model", id="model-answer", tooltip="Read a strong answer."),
        Binding("d", "debrief", "Debrief", id="debrief", tooltip="Read what lies behind it all."),
        Binding("l", "lab", "Lab", id="result-lab", tooltip="Go to the lab that settles it."),
        Binding("a", "again", "Again", id="again", show=False, tooltip="Answer the same scenario again."),
    ]

    @dataclass
    class Loaded(Message):
        """The result is read."""

        data: ResultData

    findings = getters.query_one("#findings", Findings)
    detail = getters.query_one("#detail", FindingDetail)

    def __init__(self, attempt: int) -> None:
        super().__init__()
        self._attempt_id = attempt
        self._data: ResultData | None = None
        self._target: str | None = None
        self.place = "Result"

    def body(self) -> ComposeResult:
        """Score, findings, detail."""
        yield ScoreBoard()
        with Horizontal(id="result-columns"):
            yield Findings()
            yield FindingDetail()

    def on_mount(self) -> None:
        """Read the result."""
        self._read()

    def on_screen_resume(self) -> None:
        """Back from the lab or a follow-up: read again."""
        if self._data is not None:
            self._read()

    def _read(self) -> None:
        services, attempt = self.kit.services, self._attempt_id
        self.kit.io.run(self, lambda: load_result(services, attempt), self.Loaded, name=LOAD)

    @on(Loaded)
    def _on_loaded(self, event: Loaded) -> None:
        self._data = data = event.data
        view = data.view
        follow_up = data.attempt.follow_up_to is not None
        self.place = f"{'Follow-up' if follow_up else 'Result'} · {view.scenario} {view.title}"
        self.title_bar.show_place(self.place)
        self.title_bar.show_facts(f"{duration(view.seconds)} · {view.grader}")
        board = self.query_one(ScoreBoard)
        board.show_follow_up(view, data.attempt.target) if follow_up else board.show(view)
        self.findings.show(view)
        self.detail.show(data, self._target)
        self.refresh_bindings()

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        if event.name == LOAD and self._data is None:
            self.app.pop_screen()

    @on(Findings.Selected)
    def _selected(self, event: Findings.Selected) -> None:
        self._target = event.target
        if self._data is not None:
            self.detail.show(self._data, event.target)
        self.refresh_bindings()

    # --- keys --------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        data = self._data
        if action == "overrule":
            return self._target is not None
        if action == "say":
            return self._is_asked()
        if action == "follow_up":
            return data is not None and data.next_follow_up is not None
        if action == "lab":
            return data is not None and data.lab is not None and data.lab.kind != "missing"
        return True

    def action_overrule(self) -> None:
        """The learner's own verdict on the highlighted line; again turns it round."""
        data = self._data
        if data is None or self._target is None:
            return
        self._keep_verdict(data, self._target, held=not self._stands(data, self._target))

    def action_say(self, held: bool) -> None:
        """The answer to "did you mean that?"."""
        if self._data is not None and self._target is not None and self._is_asked():
            self._keep_verdict(self._data, self._target, held=held)

    def _is_asked(self) -> bool:
        """Whether the highlighted line is a question to the learner."""
        if self._data is None:
            return False
        view = self._data.view
        asked = {row.id for row in view.points if row.asked} | {row.id for row in view.misconceptions if row.asked}
        return self._target in asked

    def _keep_verdict(self, data: ResultData, target: str, *, held: bool) -> None:
        overrule = Overrule(data.attempt.id, target, held, self.kit.services.clock.now())
        services, attempt = self.kit.services, self._attempt_id

        def keep() -> ResultData:
            keep_verdict(services.store, data.pack.scenario, overrule)
            return load_result(services, attempt)

        self.kit.io.run(self, keep, self.Loaded, name="keep your verdict")

    @staticmethod
    def _stands(data: ResultData, target: str) -> bool:
        """Whether the finding is taken to be in the answer now."""
        for belief in data.view.misconceptions:
            if belief.id == target:
                return _held(belief)
        return any(point.id == target and point.counted for point in data.view.points)

    def action_follow_up(self) -> None:
        """Answer the follow-up question."""
        if self._data is not None:
            self.post_message(OpenStudy(self._data.view.scenario, self._data.root))

    def action_again(self) -> None:
        """Answer the scenario again."""
        if self._data is not None:
            self.post_message(OpenStudy(self._data.view.scenario))

    def action_model_answer(self) -> None:
        """Read the model answer."""
        if self._data is not None:
            self.post_message(OpenReading(f"Model answer · {self._data.view.title}", self._data.pack.model_answer))

    def action_debrief(self) -> None:
        """Read the debrief."""
        if self._data is not None:
            self.post_message(OpenReading(f"Debrief · {self._data.view.title}", self._data.pack.debrief))

    def action_lab(self) -> None:
        """Go to the lab."""
        if self._data is not None and self._data.pack.scenario.lab is not None:
            self.post_message(OpenLab(self._data.pack.scenario.lab))


def _held(belief: MisconceptionRow) -> bool:
    return True if belief.overruled is None else belief.overruled
