"""Home: every scenario with its state, and what to do next in one key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tutor import __version__
from tutor.ui import wording
from tutor.ui.messages import (
    OpenLab,
    OpenMock,
    OpenMocks,
    OpenPlacement,
    OpenProgress,
    OpenResult,
    OpenReview,
    OpenStudy,
)
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.scenario_list import ScenarioList

if TYPE_CHECKING:
    from tutor.sessions.home import HomeView, NextStep, ScenarioView
    from tutor.ui.services import Services
    from tutor.ui.widgets.search_line import SearchLine

STATUS_SECONDS = 1.0
WELCOME = "Loading scenarios …"


def load_home(services: Services) -> HomeScreen.Loaded:
    """Read where the learner stands. Blocks: call it in a worker."""
    from tutor.sessions.home import next_step, overview  # not needed for the first paint
    from tutor.sessions.review import queue

    scenarios = [pack.scenario for pack in services.packs.packs]
    due = queue(services.store, scenarios, services.clock.now()).ready
    view = overview(scenarios, services.store, services.labs.infos(), due)
    last = {attempt.scenario: attempt.id for attempt in services.store.attempts() if attempt.follow_up_to is None}
    return HomeScreen.Loaded(view, next_step(view), last)


class HomeScreen(TutorScreen):
    """The list, a line about the highlighted scenario, faults of packs, status."""

    AUTO_FOCUS = "#scenario-list"
    HELP = "Pick a scenario and answer it. Enter on the first line does what comes next."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next", id="next", tooltip="Do what comes next, whatever line is highlighted."),
        Binding("slash", "search", "Search", id="search", key_display="/", tooltip="Show only scenarios that match."),
        Binding("v", "review", "Review", id="home-review", tooltip="Repeat what is due: short questions, one by one."),
        Binding(
            "p",
            "progress",
            "Progress",
            id="home-progress",
            show=False,
            tooltip="Recall, due days, scores, labs, streak.",
        ),
        Binding(
            "m",
            "mock",
            "Mock",
            id="home-mock",
            show=False,
            tooltip="Mock interviews: against the clock, no feedback before the debrief.",
        ),
        Binding(
            "a",
            "placement",
            "Placement",
            id="home-placement",
            show=False,
            tooltip="Mark what you know already: one short question for each scenario.",
        ),
        Binding("l", "lab", "Lab", id="home-lab", tooltip="Go to the lab of the highlighted scenario."),
        Binding("r", "retry", "Try again", id="retry", tooltip="Try to start again."),
        Binding(
            "r", "result", "Last result", id="home-result", tooltip="Look at your last graded answer to this scenario."
        ),
        Binding(
            "t", "app.switch_theme", "Light/dark", id="switch-theme", tooltip="Change between light and dark; kept."
        ),
        Binding("escape", "clear", "Clear", id="home-clear", show=False, tooltip="Clear the search."),
    ]

    @dataclass
    class Loaded(Message):
        """Where the learner stands."""

        view: HomeView
        step: NextStep
        results: dict[int, int]
        """Last attempt of each scenario."""

    @dataclass
    class Painted(Message):
        """The first picture is out."""

    scenarios = getters.query_one("#scenario-list", ScenarioList)

    def __init__(self) -> None:
        super().__init__()
        self._loaded: HomeScreen.Loaded | None = None
        self._looked: int | None = None
        self._retry: Callable[[], None] | None = None
        """Makes the services again; only after they could not be made."""

    def body(self) -> ComposeResult:
        """List, search, detail, faults, status."""
        yield ScenarioList()
        yield Static(WELCOME, id="home-detail", markup=False)
        yield Static(f"kafka-tutor {__version__}", id="home-status", markup=False)

    def on_mount(self) -> None:
        """Have the services made once the first picture is out, and keep the status line fresh."""
        self.call_after_refresh(self.post_message, self.Painted())
        self.set_interval(STATUS_SECONDS, self._tell_status)

    def begin(self) -> None:
        """The services are ready: read and show."""
        self._show_faults()
        self._refresh()

    def failed(self, retry: Callable[[], None]) -> None:
        """The services could not be made; the fault is shown over this screen."""
        self._retry = retry
        self.query_one("#home-detail", Static).update("kafka-tutor could not start. r tries again, Ctrl+Q leaves.")
        self.refresh_bindings()

    def action_retry(self) -> None:
        """Try to make the services again."""
        retry = self._retry
        if retry is not None:
            self._retry = None
            self.query_one("#home-detail", Static).update(WELCOME)
            self.refresh_bindings()
            retry()

    def on_screen_resume(self) -> None:
        """Coming back: something may have changed."""
        if getattr(self.app, "ready", False):
            self._refresh()

    def _refresh(self) -> None:
        services = self.kit.services
        self.kit.io.run(self, lambda: load_home(services), lambda loaded: loaded, name="read where you stand")

    @on(Loaded)
    def _show(self, event: Loaded) -> None:
        self._loaded = event
        view = event.view
        self.scenarios.show(view, event.step)
        answered = sum(row.best is not None for row in view.scenarios)
        facts = f"{answered} of {len(view.scenarios)} answered · {view.passed} passed · {view.labs_verified} of {view.labs} labs"
        self.title_bar.show_facts(f"{view.due} due · {facts}" if view.due else facts)
        self.refresh_bindings()
        self._tell_detail()
        self._tell_status()

    def _show_faults(self) -> None:
        faults = self.kit.services.packs.faults
        if not faults:
            return
        from textual.containers import VerticalScroll

        head = (
            "These question packs cannot be read; the others work. Look with: kafka-tutor check, kafka-tutor pack list"
        )
        text = "\n".join([head, *(f"! {fault}" for fault in faults)])
        box = VerticalScroll(Static(text, markup=False), id="home-faults")
        self.query_one("#body").mount(box, before="#home-status")

    def _tell_status(self) -> None:
        parts = [f"kafka-tutor {__version__}", "Ctrl+Q quits"]
        if getattr(self.app, "ready", False):
            services = self.kit.services
            parts = [
                f"grader {services.grader.state()}",
                wording.broker(services.labs.warm_state(), services.labs.where(), whole=True),
                *parts,
            ]
        self.query_one("#home-status", Static).update(" · ".join(parts))

    # --- the highlighted line ----------------------------------------------------------------------------------------

    @on(ScenarioList.Looked)
    def _look(self, event: ScenarioList.Looked) -> None:
        self._looked = event.scenario
        self._tell_detail()
        self.refresh_bindings()

    @property
    def _row(self) -> ScenarioView | None:
        """The highlighted scenario; on the first line that of the next step."""
        if self._loaded is None:
            return None
        wanted = self._loaded.step.scenario if self._looked is None else self._looked
        return next((row for row in self._loaded.view.scenarios if row.scenario == wanted), None)

    def _tell_detail(self) -> None:
        row = self._row
        if row is None:
            return
        lines = [row.summary, f"Lab: {row.lab_state.reason}"]
        if row.weak:
            weak = " and ".join(f"{spot.dimension} {spot.score:.1f}" for spot in row.weak)
            lines.insert(1, f"Weakest in your last answer: {weak}.")
        self.query_one("#home-detail", Static).update("\n".join(lines))

    # --- keys --------------------------------------------------------------------------------------------------------

    @on(ScenarioList.Chosen)
    def _chosen(self, event: ScenarioList.Chosen) -> None:
        self.post_message(OpenStudy(event.scenario))

    @on(ScenarioList.NextChosen)
    def action_next(self) -> None:
        """Do what comes next."""
        step = self._loaded.step if self._loaded else None
        if step is not None and step.kind == "review":
            self.post_message(OpenReview())
        if step is not None and step.kind == "mock":
            self.post_message(OpenMock())
        if step is None or step.scenario is None:
            return
        if step.kind == "lab" and step.lab is not None:
            self.post_message(OpenLab(step.lab))
        else:
            self.post_message(OpenStudy(step.scenario, step.follow_up_to))

    def action_review(self) -> None:
        """Repeat what is due."""
        self.post_message(OpenReview())

    def action_progress(self) -> None:
        """See how far you have come."""
        if self._loaded is not None:
            self.post_message(OpenProgress())

    def action_mock(self) -> None:
        """To the mock interviews."""
        if self._loaded is not None:
            self.post_message(OpenMocks())

    def action_placement(self) -> None:
        """Mark what is known already."""
        if self._loaded is not None:
            self.post_message(OpenPlacement())

    def action_lab(self) -> None:
        """To the lab of the highlighted scenario."""
        row = self._row
        if row is not None and row.lab is not None and row.lab_state.kind != "missing":
            self.post_message(OpenLab(row.lab))

    def action_result(self) -> None:
        """The last graded answer."""
        row = self._row
        if self._loaded and row is not None and row.scenario in self._loaded.results:
            self.post_message(OpenResult(self._loaded.results[row.scenario]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        row = self._row
        if action == "retry":
            return self._retry is not None
        if action == "review":
            return bool(self._loaded and self._loaded.view.due)
        if action == "result":
            return bool(self._loaded and row and row.scenario in self._loaded.results)
        if action == "lab":
            return bool(row and row.lab is not None and row.lab_state.kind != "missing")
        if action == "clear":
            return bool(self.query("#home-search"))
        return action != "back"

    # --- search ------------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Open the search line."""
        from tutor.ui.widgets.search_line import SearchLine

        if not self.query(SearchLine):
            self.query_one("#body").mount(SearchLine(), before=0)
        self.query_one(SearchLine).focus()

    def on_search_line_wanted(self, event: SearchLine.Wanted) -> None:
        """Show what matches."""
        count = self.scenarios.filter(event.text)
        self.query_one("#home-search").border_subtitle = f"{count} found"

    def on_search_line_found(self) -> None:
        """Enter: on to the list."""
        self.scenarios.focus()

    async def action_clear(self) -> None:
        """Close the search and show all."""
        await self.query("#home-search").remove()
        self.scenarios.filter("")
        self.scenarios.focus()
