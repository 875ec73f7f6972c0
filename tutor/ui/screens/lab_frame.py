"""The frame of a lab: phases, the view of the stage, what can be done in it, and how long it has taken."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import ContentSwitcher

from tutor.ui import wording
from tutor.ui.lab_driver import LabDriver
from tutor.ui.lab_keys import LAB_KEYS
from tutor.ui.lab_record import RunRecord
from tutor.ui.lab_stage import VIEWS, Stage, allowed, phase_of, said
from tutor.ui.loads import LabData
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.lab_prompt import PromptInput
from tutor.ui.widgets.lab_views import view_of
from tutor.ui.widgets.notice import Notice
from tutor.ui.widgets.phase_line import PhaseLine
from tutor.ui.widgets.prediction_form import PredictionForm


class LabFrame(TutorScreen):
    """Everything of the lab's screen that knows stages and views, and nothing of what a run does."""

    CSS_PATH = "lab.tcss"
    palette_in_footer: ClassVar[bool] = False  # the fix has nine keys, and they fill 80 columns
    HELP = "A lab settles the question on a real broker. Nothing runs before you have committed to predictions."
    BINDINGS: ClassVar[list[BindingType]] = LAB_KEYS

    switcher = getters.query_one("#lab-stages", ContentSwitcher)
    notice = getters.query_one("#notice", Notice)

    def __init__(self, lab: int) -> None:
        super().__init__()
        self.lab = lab
        self.place = f"Lab {lab}"
        self._stage: Stage = "loading"
        self._data: LabData | None = None
        self._record: RunRecord | None = None
        """Of the current run, from its commitment on."""
        self._since_busy = 0.0
        self._is_broker_down = False

    def body(self) -> ComposeResult:
        """Phases, the stage's view, notice."""
        yield PhaseLine()
        yield ContentSwitcher(id="lab-stages")
        yield Notice("Loading …")

    def on_mount(self) -> None:
        """Time goes on in every stage."""
        self._driver = LabDriver(self, self.kit.services.labs, self.lab)
        self.set_interval(0.1, self._tick)

    async def _to(self, stage: Stage) -> None:
        """Show a stage, its view made when it is first needed."""
        data = self._data
        if data is None:
            return
        self._stage = stage
        name = VIEWS[stage]
        if not self.switcher.query(f"#{name}"):
            paths = [self._driver.workspace / name for name in data.info.task.files] if stage == "fix" else []
            await self.switcher.mount(view_of(name, data.info, data.state, paths))
        self.switcher.current = name
        self.query_one(PhaseLine).show(phase_of(stage))
        self._focus_view(name)
        self._tell()
        self.refresh_bindings()

    def _focus_view(self, name: str) -> None:
        if name == "lab-predict":
            self.query_one(PredictionForm).take_focus()
        elif name == "lab-fix":
            self.query_one(PromptInput).focus()
        elif name == "lab-observe":
            self.query_one("#observe-log").focus()
        else:
            self.query_one(f"#{name}").focus()

    def _tell(self) -> None:
        """What can be done in this stage."""
        self.notice.say(said(self._stage, self._data.info.seconds if self._data else 0))

    def _tick(self) -> None:
        now = self.kit.services.clock.monotonic()
        took = wording.clock(self._record.seconds if self._record else 0.0)
        broker, own = self.kit.services.labs.warm_state(), self.kit.services.labs.where()
        self.title_bar.show_facts(f"{took} · {wording.broker(broker, own)}")
        self._look_after(broker)
        if what := self._driver.busy:
            doing = now - self._since_busy
            waits = "" if broker == "ready" or self._stage != "observe" else f" · broker {broker}"
            self.notice.say(f"{wording.spinner(doing)} {what[0].upper()}{what[1:]} … {doing:.1f} s{waits}", "busy")

    def _look_after(self, broker: str) -> None:
        """A broker that dies while the learner thinks is noticed: a verification says whether it was the lab's."""
        died = broker.startswith("failed") and not self._is_broker_down
        self._is_broker_down = broker.startswith("failed")
        if died and self._stage in ("compare", "fix") and not self._busy():
            self._driver.verify()

    def _busy(self) -> bool:
        """Whether a call is going on; says so where it is."""
        if self._driver.busy:
            self.app.bell()
            return True
        self._since_busy = self.kit.services.clock.monotonic()
        return False

    async def action_view(self) -> None:
        """Change between the stage's own view, the table and the plots."""
        views = [VIEWS[self._stage], "lab-compare", "lab-observe"]
        views = [name for name in dict.fromkeys(views) if self.switcher.query(f"#{name}")]
        current = self.switcher.current or views[0]
        name = views[(views.index(current) + 1) % len(views)] if current in views else views[0]
        self.switcher.current = name
        self._focus_view(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the stage allows."""
        has_files = self._data is not None and bool(self._data.info.task.files)
        return allowed(self._stage, action, has_files=has_files)
