"""Mock interviews: go on with one, begin one with a level and a length, look at those that were held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.mocks.levels import STANDARDS
from tutor.mocks.values import LEAST_MINUTES, LEVELS, MOST_MINUTES, USUAL_LEVEL, USUAL_MINUTES, Level
from tutor.mocks.words import earlier_line
from tutor.sessions.mock_session import abandon
from tutor.text import clipped, counted
from tutor.ui.jobs import JobFailed
from tutor.ui.messages import OpenMock, OpenMockReport
from tutor.ui.mock_loads import HallData, RoomData, begin_mock, load_hall
from tutor.ui.screens.base import TutorScreen
from tutor.ui.screens.dialogs import ConfirmScreen
from tutor.ui.widgets.cursor_list import CursorList

LOAD, BEGIN, GIVE_UP = "read your mock interviews", "begin the interview", "give the interview up"
STEP = 5
"""Minutes by which the length changes."""
RESUME, NEW = "resume", "new"
GIVE_UP_TEXT = "It is never graded or compared. What you wrote stays in your data."


class MockHallScreen(TutorScreen):
    """A list to pick from, and what a new interview would ask, with the reasons."""

    CSS_PATH = "mock.tcss"
    AUTO_FOCUS = "#mock-list"
    HELP = (
        "Begin a mock interview, go on with one, or open a report. Left and right change the length, v the level; "
        "the questions are chosen from what is weak, due, and new."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "v", "level", "Level", id="hall-level", tooltip="Junior, mid, senior, staff: follow-ups and the bar change."
        ),
        Binding("left,minus", f"minutes(-{STEP})", "Shorter", id="hall-shorter", tooltip="Five minutes less."),
        Binding("right,plus", f"minutes({STEP})", "Longer", id="hall-longer", tooltip="Five minutes more."),
        Binding("d", "give_up", "Give up", id="hall-give-up", tooltip="Give the unfinished interview up; asks first."),
    ]

    @dataclass
    class Loaded(Message):
        """Where the learner stands."""

        data: HallData

    @dataclass
    class Begun(Message):
        """The interview is stored."""

        data: RoomData

    def __init__(self) -> None:
        super().__init__()
        self._data: HallData | None = None
        self._level: Level = USUAL_LEVEL
        self._minutes = USUAL_MINUTES
        self._is_moving = False
        self.place = "Mock interviews"

    def body(self) -> ComposeResult:
        """List, plan."""
        yield CursorList(id="mock-list")
        with VerticalScroll(id="mock-plan", can_focus=False):
            yield Static("Reading …", id="mock-plan-text")

    def on_screen_resume(self) -> None:
        """Read where the learner stands."""
        self._read()

    def _read(self) -> None:
        services, level, minutes = self.kit.services, self._level, self._minutes
        self.kit.io.run(self, lambda: load_hall(services, level, minutes), self.Loaded, name=LOAD)

    @on(Loaded)
    def _loaded(self, event: Loaded) -> None:
        if (event.data.level, event.data.minutes) != (self._level, self._minutes):
            return  # stale: the learner has chosen something else in the meantime
        self._data, self._is_moving = event.data, False
        self.title_bar.show_facts(f"{len(event.data.held)} held")
        self._fill(event.data)
        self.query_one("#mock-plan-text", Static).update(plan_text(event.data))
        self.refresh_bindings()

    def _fill(self, data: HallData) -> None:
        found, width = self.query_one("#mock-list", CursorList), self.size.width - 4
        kept = found.highlighted_option.id if found.highlighted_option else None
        first = Option(f"Begin: {data.level}, {data.minutes} minutes, {counted(len(data.plan), 'question')}", id=NEW)
        if data.unfinished is not None:
            open_ = data.unfinished
            line = f"Go on with your mock interview ({open_.level}, {open_.minutes} min)"
            first = Option(Content.assemble((line, "bold"), f"\n{open_.where}"), id=RESUME)
        past = [Option(clipped(earlier_line(one), width), id=f"mock-{one.mock}") for one in data.held]
        found.clear_options()
        found.add_options([first, *([None, *past] if past else [])])
        ids = [option.id for option in found.options]
        found.highlighted = ids.index(kept) if kept in ids else 0

    # --- keys --------------------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id == RESUME:
            self.post_message(OpenMock())
        elif event.option_id == NEW:
            self._begin()
        elif event.option_id:
            self.post_message(OpenMockReport(int(event.option_id.removeprefix("mock-"))))

    def _begin(self) -> None:
        data, services = self._data, self.kit.services
        if data is not None and not self._is_moving:
            self._is_moving = True
            self.kit.io.run(self, lambda: begin_mock(services, data), self.Begun, name=BEGIN)

    @on(Begun)
    def _begun(self, event: Begun) -> None:
        self.post_message(OpenMock(event.data.mock.id))

    def action_level(self) -> None:
        """The next level."""
        self._level = LEVELS[(LEVELS.index(self._level) + 1) % len(LEVELS)]
        self._read()

    def action_minutes(self, step: int) -> None:
        """Longer or shorter."""
        self._minutes = min(max(self._minutes + step, LEAST_MINUTES), MOST_MINUTES)
        self._read()

    def action_give_up(self) -> None:
        """Give the unfinished one up; asks."""
        if self._data is not None and self._data.unfinished is not None:
            self.app.push_screen(ConfirmScreen("Give this interview up?", GIVE_UP_TEXT, "Give it up"), self._give_up_if)

    def _give_up_if(self, sure: bool | None) -> None:
        services, open_ = self.kit.services, self._data.unfinished if self._data else None
        if not sure or open_ is None:
            return
        level, minutes = self._level, self._minutes

        def give_up() -> HallData:
            abandon(services.store, open_.mock, services.clock.now())
            return load_hall(services, level, minutes)

        self.kit.io.run(self, give_up, self.Loaded, name=GIVE_UP)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing now are not shown."""
        open_ = self._data is not None and self._data.unfinished is not None
        if action == "give_up":
            return open_
        return not open_ if action in ("level", "minutes") else True

    @on(JobFailed)
    def _failed(self, event: JobFailed) -> None:
        self._is_moving = False
        if event.name == LOAD and self._data is None:
            self.app.pop_screen()


def plan_text(data: HallData) -> Content:
    """What a new interview would be."""
    if data.unfinished is not None:
        return Content.styled("A new one can begin once this is finished or given up (d).", "$text-muted")
    parts: list[str | tuple[str, str]] = [
        (f"{data.level.capitalize()}", "bold"),
        f": {STANDARDS[data.level].text}.\n\n",
        ("It would ask\n", "bold underline"),
    ]
    for question in data.plan:
        title = data.titles.get(question.scenario, "")
        parts += [(f"{question.position}. {title}", "bold"), f" · {question.minutes:.0f} min\n"]
        parts.append((f"   {' '.join(question.reasons)}\n", "$text-muted"))
    return Content.assemble(*parts)
