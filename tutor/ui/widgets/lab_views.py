"""The views of a lab, one a stage. They show values and send no messages of their own but those of their parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from labs.contract import Check, LabInfo
from labs.errors import BrokerDied, LearnerError
from tutor.sessions.unlock import LabState
from tutor.ui.widgets.check_list import CheckList
from tutor.ui.widgets.fact_table import FactTable
from tutor.ui.widgets.files_line import FilesLine
from tutor.ui.widgets.lab_prompt import LabPrompt
from tutor.ui.widgets.live_plot import LivePlots
from tutor.ui.widgets.prediction_form import PredictionForm
from tutor.ui.widgets.step_log import StepLog


def scaling_text(info: LabInfo) -> str:
    """What is scaled down, said plainly; empty where nothing is."""
    return "\n".join(f"Scaled: {scaling.production} is {scaling.lab} here." for scaling in info.scaling)


class LockedView(VerticalScroll):
    """Why the lab is locked, what opens it, and how to skip that."""

    HELP = "The lab opens after an honest attempt at its scenario, right or wrong. Skipping is recorded, not progress."

    def __init__(self, info: LabInfo, state: LabState) -> None:
        super().__init__(id="lab-locked")
        self._info, self._state = info, state

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(
            Content.assemble(
                (f"Lab {self._info.number}: {self._info.title}\n\n", "bold"),
                f"{self._info.summary}\n\n",
                ("✗ Locked. ", "bold $text-warning"),
                f"{self._state.reason}\n\n",
                "A lab settles the question that you have just answered: it is worth most when you have put your own "
                "explanation into words first.\n\n",
                ("a", "bold"),
                "  answer the scenario now\n",
                ("s", "bold"),
                "  skip the lock: the lab opens, and a run is recorded but is not progress",
            )
        )


class PredictView(Vertical):
    """What will happen, and the form."""

    def __init__(self, info: LabInfo) -> None:
        super().__init__(id="lab-predict")
        self._info = info

    def compose(self) -> ComposeResult:
        """Summary and form."""
        yield Static(self._info.summary, id="predict-summary", markup=False)
        yield PredictionForm(self._info.questions)


class ObserveView(Vertical):
    """Plots above, steps below."""

    def __init__(self, info: LabInfo) -> None:
        super().__init__(id="lab-observe")
        self._info = info

    def compose(self) -> ComposeResult:
        """Scaling, plots, log."""
        scaling = Static(scaling_text(self._info), id="observe-scaling", markup=False)
        scaling.display = bool(self._info.scaling)
        yield scaling
        yield LivePlots()
        yield StepLog(id="observe-log")


class FixView(Vertical):
    """Goal, checks, output, prompt."""

    def __init__(self, info: LabInfo, paths: Sequence[Path]) -> None:
        super().__init__(id="lab-fix")
        self._info, self._paths = info, tuple(paths)

    def compose(self) -> ComposeResult:
        """Five parts; the files only where there are some."""
        with VerticalScroll(id="fix-top"):
            yield Static(Content.assemble(("Goal: ", "bold $text-accent"), self._info.task.goal), id="fix-goal")
            yield CheckList()
        if self._paths:
            yield FilesLine(self._paths)
        yield StepLog(id="fix-log")
        yield LabPrompt()

    def on_mount(self) -> None:
        """Nothing is verified yet; the first commands wait in the history."""
        self.show([])
        self.query_one(LabPrompt).input.begin(self._info.task.starters)

    def show(self, checks: Sequence[Check]) -> None:
        """Show the checks."""
        self.query_one(CheckList).show(checks)


class FailedView(VerticalScroll):
    """The run cannot go on: why, and the offer to start again."""

    HELP = "The run cannot go on. r starts it again on a new broker, with the same predictions."

    def __init__(self) -> None:
        super().__init__(id="lab-failed")

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="failed-text")

    def show(self, fault: LearnerError) -> None:
        """Explain."""
        self.query_one("#failed-text", Static).update(
            Content.assemble(
                (f"✗ {fault.title}\n\n", "bold $text-error"),
                f"{fault.cause}\n\n" if fault.cause else "",
                # What a dead broker needs is offered by a key; other faults (no Java, no disk) need a step outside.
                f"Next: {fault.next_step}\n\n" if fault.next_step and not isinstance(fault, BrokerDied) else "",
                ("r", "bold"),
                "  start again on a new broker; your predictions are kept\n",
                ("Esc", "bold"),
                "  leave the lab",
            )
        )


def view_of(name: str, info: LabInfo, state: LabState, paths: Sequence[Path] = ()) -> Widget:
    """The view of an id of `lab_stage.VIEWS`. `paths`: the learner's files, for the fix."""
    match name:
        case "lab-locked":
            return LockedView(info, state)
        case "lab-predict":
            return PredictView(info)
        case "lab-observe":
            return ObserveView(info)
        case "lab-fix":
            return FixView(info, paths)
        case "lab-failed":
            return FailedView()
        case _:
            return FactTable(id=name)
