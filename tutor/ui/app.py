"""The app: modes, screens, keys that work everywhere, themes, and the end of it all. Nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App, SystemCommand, get_system_commands_provider
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme

from labs.errors import LearnerError
from tutor import __version__
from tutor.clock import SystemClock
from tutor.sessions import tour
from tutor.ui import faults, jobs, messages, themes
from tutor.ui.jobs import JobFailed, Jobs
from tutor.ui.screens.base import TutorScreen
from tutor.ui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH

if TYPE_CHECKING:
    from labs.external.connection import Chosen
    from tutor.ui.services import Kit, Services

CLEAN_UP_SECONDS = 10.0
"""How long a lab may take to remove what it made, after the app has left the terminal."""
GOODBYE_SECONDS = 3.0
"""How long the last writes may take when the app ends."""

BREAKPOINTS_WIDE = [(0, "-too-narrow"), (MIN_WIDTH, "-narrow"), (116, "-wide")]
BREAKPOINTS_HIGH = [(0, "-too-short"), (MIN_HEIGHT, "-short"), (32, "-tall")]


def _home() -> Screen[None]:
    from tutor.ui.screens.home import HomeScreen

    return HomeScreen()


def _commands() -> type[Provider]:
    from tutor.ui.commands import TutorCommands

    return TutorCommands


class TutorApp(App[None]):
    """Home, Study, Result, Lab and Review. Handed the services, or a call that makes them after the first paint."""

    TITLE = "kafka-tutor"
    # Home's styles come with the app's: a screen that brings its own makes everything be parsed twice before the first paint.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/home.tcss"]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {"home": _home}
    DEFAULT_MODE = "home"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {get_system_commands_provider, _commands}
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS_WIDE
    VERTICAL_BREAKPOINTS = BREAKPOINTS_HIGH
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+q", "quit", "Quit", id="quit", priority=True, show=False, tooltip="Leave the app; drafts are saved."
        ),
    ]

    @dataclass
    class Ready(Message):
        """The services are there."""

        services: Services
        theme: str | None
        """The theme kept from last time."""
        tour: bool
        """Whether this is a first run."""

    @dataclass
    class LastWordsSaved(Message):
        """All that was handed in before the end is on disk."""

    def get_driver_class(self) -> type[Driver]:
        """Textual's own for a terminal would end the app at the first byte that is no UTF-8."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from tutor.ui.terminal_driver import TerminalDriver

        return TerminalDriver

    def __init__(
        self, services: Services | Callable[[], Services], *, debug_mode: bool = False, start: str = ""
    ) -> None:
        super().__init__()
        self._start = start
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK
        self._make = services if callable(services) else lambda: services
        self._debug_mode = debug_mode
        self._io = Jobs("io")
        self._kit: Kit | None = None
        self._is_leaving = False

    @property
    def kit(self) -> Kit:
        """Services and background threads; only after `ready`."""
        if self._kit is None:
            raise RuntimeError("the services are not ready")
        return self._kit

    @property
    def ready(self) -> bool:
        """Whether the services are there."""
        return self._kit is not None

    def on_home_screen_painted(self) -> None:
        """Make the services."""

        def make() -> TutorApp.Ready:
            services = self._make()
            store = services.store
            unasked = not self._start and not os.environ.get(tour.NO_TOUR)
            fresh = unasked and not store.attempts() and not store.drafts()
            return self.Ready(services, store.setting(themes.SETTING), tour.wanted(store, fresh=fresh))

        self._io.run(self, make, lambda ready: ready, name="start")

    @on(messages.OpenTour)
    def _open_tour(self) -> None:
        from tutor.ui.screens.tour import TourScreen

        def closed(placement: bool | None) -> None:
            self._io.run(self, lambda: tour.seen(self.kit.services.store), name="keep that the tour was shown")
            if placement:
                self.post_message(messages.OpenPlacement())

        self.push_screen(TourScreen(), closed)

    @on(messages.OpenPlacement)
    def _open_placement(self) -> None:
        from tutor.ui.screens.placement import PlacementScreen

        self._go_to(PlacementScreen())

    @on(Ready)
    def _on_services(self, event: Ready) -> None:
        from tutor.ui.services import Kit

        self._kit = Kit(event.services, self._io)
        if event.theme in self.available_themes and event.theme != self.theme:
            self.theme = event.theme
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        from tutor.ui.screens.home import HomeScreen

        for screen in self.screen_stack:
            if isinstance(screen, HomeScreen):
                screen.begin()
        self._go_where_asked()
        if event.tour:
            self.post_message(messages.OpenTour())

    def _go_where_asked(self) -> None:
        """`study:4`, `lab:1`, `review` or `tour`, as the command line asked for; only once."""
        place, _, number = self._start.partition(":")
        self._start = ""
        if place == "study":
            self.post_message(messages.OpenStudy(int(number)))
        elif place == "review":
            self.post_message(messages.OpenReview())
        elif place == "tour":
            self.post_message(messages.OpenTour())
        elif place == "lab":
            self.post_message(messages.OpenLab(int(number)))

    def _keep_theme(self, theme: Theme) -> None:
        store = self.kit.services.store
        self._io.run(self, lambda: store.set_setting(themes.SETTING, theme.name), name="keep the theme")

    def action_switch_theme(self) -> None:
        """Light to dark and back; kept."""
        self.theme = themes.other(self.theme, self.current_theme.dark)

    # --- where to go -------------------------------------------------------------------------------------------------

    @on(messages.OpenStudy)
    def _open_study(self, event: messages.OpenStudy) -> None:
        from tutor.ui.screens.study import StudyScreen

        self._go_to(StudyScreen(event.scenario, event.follow_up_to))

    @on(messages.OpenResult)
    def _open_result(self, event: messages.OpenResult) -> None:
        from tutor.ui.screens.result import ResultScreen

        self._go_to(ResultScreen(event.attempt))

    @on(messages.OpenLab)
    def _open_lab(self, event: messages.OpenLab) -> None:
        from tutor.ui.screens.lab import LabScreen

        if not self._back_to(lambda screen: isinstance(screen, LabScreen) and screen.lab == event.lab):
            self._go_to(LabScreen(event.lab))

    @on(messages.OpenReview)
    def _open_review(self) -> None:
        from tutor.ui.screens.review import ReviewScreen

        self._go_to(ReviewScreen())

    @on(messages.OpenMocks)
    def _open_mocks(self) -> None:
        from tutor.ui.screens.mock_hall import MockHallScreen

        self._go_to(MockHallScreen())

    @on(messages.OpenMock)
    def _open_mock(self, event: messages.OpenMock) -> None:
        from tutor.ui.screens.mock import MockScreen

        self._go_to(MockScreen(event.mock, redo=event.redo))

    @on(messages.OpenMockMarks)
    def _open_mock_marks(self, event: messages.OpenMockMarks) -> None:
        from tutor.ui.screens.mock_marks import MockMarksScreen

        self._go_to(MockMarksScreen(event.mock))

    @on(messages.OpenMockReport)
    def _open_mock_report(self, event: messages.OpenMockReport) -> None:
        from tutor.ui.screens.mock_report import MockReportScreen

        if not self._back_to(lambda screen: isinstance(screen, MockReportScreen) and screen.mock == event.mock):
            self._go_to(MockReportScreen(event.mock))

    @on(messages.OpenProgress)
    def _open_progress(self) -> None:
        from tutor.ui.screens.progress import ProgressScreen

        self._go_to(ProgressScreen())

    @on(messages.OpenReading)
    def _open_reading(self, event: messages.OpenReading) -> None:
        from tutor.ui.screens.reading import ReadingScreen

        self.push_screen(ReadingScreen(event.title, event.markdown))

    def _back_to(self, wanted: Callable[[Screen[object]], bool]) -> bool:
        """Back to a screen that lies below; whether there is one."""
        if not any(wanted(screen) for screen in self.screen_stack):
            return False
        while not wanted(self.screen):
            self.pop_screen()
        return True

    @on(messages.SendOut)
    def _send_out(self, event: messages.SendOut) -> None:
        send = self.kit.services.outward
        self._io.run(self, lambda: send(event.kind), messages.SentOut, name="export")

    @on(messages.SentOut)
    def _sent_out(self, event: messages.SentOut) -> None:
        self.notify(str(event.file), title="Written", timeout=15, markup=False)

    def _go_to(self, screen: TutorScreen) -> None:
        """One step deeper; a screen that has done its work is replaced, so Esc never leads in circles."""
        if isinstance(self.screen, TutorScreen) and self.screen.passing:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    # --- faults ------------------------------------------------------------------------------------------------------

    @on(JobFailed)
    def _job_failed(self, event: JobFailed) -> None:
        self.show_fault(event.error)
        if event.name == "start" and not self.ready:
            from tutor.ui.screens.home import HomeScreen

            if isinstance(self.screen_stack[0], HomeScreen):
                self.screen_stack[0].failed(self.on_home_screen_painted)

    @on(messages.ReportFault)
    def _report_fault(self, event: messages.ReportFault) -> None:
        self.show_fault(event.error)

    def show_fault(self, error: Exception) -> None:
        """Explain a fault over the current screen; the unexpected ones go into the log too."""
        from tutor.ui.screens.dialogs import FaultScreen

        log = None if isinstance(error, LearnerError) else faults.log_fault(error, SystemClock().now())
        self.push_screen(FaultScreen(faults.explained(error, log)))

    def _handle_exception(self, error: Exception) -> None:
        """A fault on the interface's own thread ends the app: terminal restored, message instead of a traceback."""
        log = faults.log_fault(error, SystemClock().now())
        super()._handle_exception(error)
        self._return_code = 70
        if not self._debug_mode:
            self._exit_renderables[:] = [f"kafka-tutor: {faults.explained(error, log)}"]

    # --- the end -----------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leave: what was typed is saved first."""
        if self._is_leaving or not self.ready:
            self.exit()
            return
        self._is_leaving = True
        for screen in self.screen_stack:
            if isinstance(screen, TutorScreen):
                screen.leave()
        self._io.run(self, lambda: None, lambda _: self.LastWordsSaved(), name="last words")
        self.set_timer(GOODBYE_SECONDS, self.exit)  # a disk that hangs does not hold the learner

    @on(LastWordsSaved)
    def _saved(self) -> None:
        self.exit()

    def on_unmount(self) -> None:
        """End the background thread."""
        self._io.close(wait=GOODBYE_SECONDS)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers besides scenarios and labs."""
        yield SystemCommand(
            "Switch light/dark", "Change between the light and the dark theme", self.action_switch_theme
        )
        yield SystemCommand("Theme …", "Choose one of all themes", self.action_change_theme)
        if isinstance(screen, TutorScreen):
            yield SystemCommand("Help", "Every key that works here", screen.action_keys)
        yield SystemCommand("Quit", f"Leave kafka-tutor {__version__}; drafts are saved", self.action_quit)


def make_app(services: Services | Callable[[], Services], *, debug: bool = False, start: str = "") -> TutorApp:
    """The app over these services; shared by the command line, the tests and the pictures.

    `services` may be a call that makes them (on the io thread, after the first paint). `start`: `study:4`, `lab:1`,
    `review` or `tour` goes there at once.
    """
    return TutorApp(services, debug_mode=debug, start=start)


def run_app(debug: bool = False, start: str = "", cluster: Chosen | None = None) -> int:
    """Run the app in this terminal over the real services; its exit status. `start` as for `make_app`.

    `cluster`: where the labs get theirs from, if not from this machine.
    """
    from tutor.wiring import Wiring

    with Wiring(cluster) as wiring:
        app = make_app(wiring.services, debug=debug, start=start)
        app.run()
        jobs.wait_for_all(CLEAN_UP_SECONDS)
        return app.return_code or 0
