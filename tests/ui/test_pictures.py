"""Pictures of every screen, compared: 80×24 and 120×40, dark and light; the clock stands still and nothing blinks."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from pytest_textual_snapshot import SVGImageExtension, normalize_svg
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from labs.contract import Figure
from tests.ui.driving import on_screen, sees, until
from tests.ui.fakes import ANSWER, NOW, World
from tests.ui.test_mock import held_mock, open_mock
from tutor.errors import StoreError
from tutor.sessions.mock_session import close
from tutor.sessions.placement import skip
from tutor.sessions.ports import LabRecord
from tutor.ui import themes
from tutor.ui.app import TutorApp, make_app
from tutor.ui.messages import (
    OpenLab,
    OpenMock,
    OpenMockMarks,
    OpenMockReport,
    OpenMocks,
    OpenPlacement,
    OpenProgress,
    OpenResult,
    OpenReview,
    OpenTour,
)
from tutor.ui.screens import home
from tutor.ui.screens.lab import LabScreen
from tutor.ui.screens.mock import MockScreen
from tutor.ui.screens.mock_hall import MockHallScreen
from tutor.ui.screens.mock_marks import MockMarksScreen
from tutor.ui.screens.mock_report import MockReportScreen
from tutor.ui.screens.placement import PlacementScreen
from tutor.ui.screens.progress import ProgressScreen
from tutor.ui.screens.result import ResultScreen
from tutor.ui.screens.review import ReviewScreen
from tutor.ui.screens.solution import SolutionScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.screens.tour import TourScreen
from tutor.ui.widgets import files_line
from tutor.ui.widgets.lab_prompt import PromptInput
from tutor.ui.widgets.live_plot import LivePlot
from tutor.ui.widgets.outcome_list import OutcomeList
from tutor.ui.widgets.prediction_form import NumberInput

Scene = Callable[[Pilot[None], World], Awaitable[None]]
SETTLED = 0.05
"""Seconds in which a screen that is done does not change."""
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
FIX = "kafka-consumer-groups --reset-offsets --to-earliest"
FIGURES = (
    Figure("peak memory", "MB", 115.0, 53.6, 48.0),
    Figure("documents handled", "of 10,000", 0.0, 10_000.0, 10_000.0),
)


async def home_new(pilot: Pilot[None], world: World) -> None:
    await sees(pilot, "Next: Answer scenario 1")


async def home_used(pilot: Pilot[None], world: World) -> None:
    await pilot.press("j", "j")
    await sees(pilot, "Next: Run lab 1", "scenario 2 in one line")


async def study(pilot: Pilot[None], world: World) -> None:
    await pilot.press("j", "enter")
    await on_screen(pilot, StudyScreen)
    await until(pilot, lambda: not pilot.app.screen.query_one(TextArea).disabled)
    pilot.app.screen.query_one(TextArea).insert(ANSWER)
    await sees(pilot, "draft saved", "payments")


async def result(pilot: Pilot[None], world: World) -> None:
    pilot.app.post_message(OpenResult(1))
    await on_screen(pilot, ResultScreen)
    await sees(pilot, "4.6 of 10", "What would raise")


async def finding(pilot: Pilot[None], world: World) -> None:
    await result(pilot, world)
    await pilot.press("j")
    await sees(pilot, "What is so")


async def lab_predict(pilot: Pilot[None], world: World, number: int = 1) -> None:
    pilot.app.post_message(OpenLab(number))
    await on_screen(pilot, LabScreen)
    await sees(pilot, "[ predict ]", "1. The same group")
    pilot.app.screen.query_one(NumberInput).value = "300"
    await pilot.press("tab", "down", "space", "tab", "space", "down", "space")
    await until(pilot, lambda: pilot.app.screen.query_one(OutcomeList).typed)


async def lab_observe(pilot: Pilot[None], world: World) -> None:
    world.labs.prepare = lambda run: setattr(run, "hold", threading.Event())
    await lab_predict(pilot, world)
    await pilot.press("f5")
    await sees(pilot, "● lag p0", "$ kafka-topics --create", "Run the lab …")
    await until(pilot, lambda: all(plot._redraw_timer is None for plot in pilot.app.screen.query(LivePlot)))


async def lab_compare(pilot: Pilot[None], world: World) -> None:
    await lab_predict(pilot, world)
    await pilot.press("f5")
    await sees(pilot, "1 of 3 predictions were right")


async def lab_fix(pilot: Pilot[None], world: World) -> None:
    await lab_compare(pilot, world)
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.focused, PromptInput))
    await pilot.press("up", "enter")
    await sees(pilot, "ran kafka-consumer-groups")
    await pilot.press("f5")
    await sees(pilot, "1 of 2 checks are ok")


async def lab_debrief(pilot: Pilot[None], world: World) -> None:
    await lab_compare(pilot, world)
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.focused, PromptInput))
    pilot.app.screen.query_one(PromptInput).value = FIX
    await pilot.press("enter")
    await sees(pilot, f"ran {FIX}")
    await pilot.press("f5")
    await sees(pilot, "[ debrief ]", "✓ Verified")


async def lab_files(pilot: Pilot[None], world: World) -> None:
    world.labs.prepare = lambda run: setattr(run, "figures", FIGURES)
    await lab_predict(pilot, world, 5)
    await pilot.press("f5")
    await sees(pilot, "1 of 3 predictions were right")
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.focused, PromptInput))
    await pilot.press("f5")
    await sees(pilot, "1 of 2 checks are ok", "◉ Watching", "last checked just now")


async def lab_figures(pilot: Pilot[None], world: World) -> None:
    await lab_files(pilot, world)
    pilot.app.screen.query_one(PromptInput).value = FIX
    await pilot.press("enter")
    await sees(pilot, f"ran {FIX}")
    await pilot.press("f5")
    await sees(pilot, "[ debrief ]", "peak memory, MB")


async def lab_solution(pilot: Pilot[None], world: World) -> None:
    await lab_figures(pilot, world)
    await pilot.press("s")
    await on_screen(pilot, SolutionScreen)
    await sees(pilot, "handle(record)")


async def lab_help(pilot: Pilot[None], world: World) -> None:
    await lab_files(pilot, world)
    await pilot.press("f1")
    await sees(pilot, "Esc closes", "Verify after each save")


async def review_asked(pilot: Pilot[None], world: World) -> None:
    world.cards(1)
    pilot.app.post_message(OpenReview())
    await on_screen(pilot, ReviewScreen)
    await until(pilot, lambda: isinstance(pilot.app.focused, TextArea))
    await pilot.press("f3")
    await sees(pilot, "Hint 1")
    pilot.app.screen.query_one(TextArea).insert("The group already has committed offsets at the end.")
    await sees(pilot, "draft saved", "9 words")


async def review_rated(pilot: Pilot[None], world: World) -> None:
    world.cards(1, "m_always_applies")
    pilot.app.post_message(OpenReview())
    await on_screen(pilot, ReviewScreen)
    await until(pilot, lambda: isinstance(pilot.app.focused, TextArea))
    pilot.app.screen.query_one(TextArea).insert(ANSWER)
    await sees(pilot, "draft saved", "45 words")
    await pilot.press("f5")
    await sees(pilot, "You still hold it", "Graded by model", "[1 again")


async def review_end(pilot: Pilot[None], world: World) -> None:
    pilot.app.post_message(OpenReview())
    await on_screen(pilot, ReviewScreen)
    await sees(pilot, "Nothing more to review today")


async def progress(pilot: Pilot[None], world: World) -> None:
    world.reviewed()
    held_mock(world)
    for lab, outcome in ((1, "verified"), (5, "stopped")):
        world.store.add_lab_record(LabRecord(lab, outcome, NOW, 60.0, 0, 2, 3, "{}"))
    pilot.app.post_message(OpenProgress())
    await on_screen(pilot, ProgressScreen)
    await sees(pilot, "Remembered when asked", "cards due")


async def mock_hall(pilot: Pilot[None], world: World) -> None:
    held_mock(world)
    pilot.app.post_message(OpenMocks())
    await on_screen(pilot, MockHallScreen)
    await sees(pilot, "Begin: senior", "It would ask", "1 held")


async def mock_follow_up(pilot: Pilot[None], world: World) -> None:
    open_mock(world, ANSWER)
    pilot.app.post_message(OpenMock())
    await on_screen(pilot, MockScreen)
    await until(pilot, lambda: isinstance(pilot.app.focused, TextArea))
    pilot.app.screen.query_one(TextArea).insert("It is asked only where there is no committed offset.")
    await sees(pilot, "draft saved", "10 words")


async def mock_marks(pilot: Pilot[None], world: World) -> None:
    mock = open_mock(world, ANSWER, "Only where there is none.")
    close(world.store, mock, world.clock.now())
    pilot.app.post_message(OpenMockMarks(mock.id))
    await on_screen(pilot, MockMarksScreen)
    await pilot.press("7")
    await sees(pilot, "Before you see", "[7]")


async def mock_report(pilot: Pilot[None], world: World) -> None:
    pilot.app.post_message(OpenMockReport(held_mock(world).id))
    await on_screen(pilot, MockReportScreen)
    await sees(pilot, "Hire: 4.6 of 10")


async def tour(pilot: Pilot[None], world: World) -> None:
    pilot.app.post_message(OpenTour())
    await on_screen(pilot, TourScreen)
    await sees(pilot, "Answer as in an interview", "Esc skips")


async def placement(pilot: Pilot[None], world: World) -> None:
    skip(world.store, world.packs.packs[0].scenario, NOW)
    pilot.app.post_message(OpenPlacement())
    await on_screen(pilot, PlacementScreen)
    await until(pilot, lambda: isinstance(pilot.app.focused, TextArea))
    pilot.app.screen.query_one(TextArea).insert("The group already has committed offsets at the end.")
    await sees(pilot, "draft saved", "9 questions left")


async def placement_end(pilot: Pilot[None], world: World) -> None:
    for pack in world.packs.packs:
        skip(world.store, pack.scenario, NOW)
    pilot.app.post_message(OpenPlacement())
    await on_screen(pilot, PlacementScreen)
    await sees(pilot, "You know the key point of 0 scenarios", "begins the round again")


async def home_due(pilot: Pilot[None], world: World) -> None:
    world.cards(3)
    pilot.app.post_message(OpenReview())
    await on_screen(pilot, ReviewScreen)
    await pilot.press("escape")
    await sees(pilot, "Next: Review 3 cards", "3 due")


async def lab_locked(pilot: Pilot[None], world: World) -> None:
    pilot.app.post_message(OpenLab(6))
    await on_screen(pilot, LabScreen)
    await sees(pilot, "Locked.")


async def help_(pilot: Pilot[None], world: World) -> None:
    await home_used(pilot, world)
    await pilot.press("question_mark")
    await sees(pilot, "Esc closes")


async def fault(pilot: Pilot[None], world: World) -> None:
    await home_used(pilot, world)
    pilot.app.show_fault(
        StoreError("The disk is full", "Nothing could be written to /data.", "Free some space, then go on.")
    )  # type: ignore[attr-defined]
    await sees(pilot, "Free some space")


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        home_used,
        study,
        result,
        finding,
        lab_predict,
        lab_observe,
        lab_compare,
        lab_fix,
        lab_files,
        lab_debrief,
        lab_figures,
        lab_solution,
        review_asked,
        review_rated,
        progress,
        tour,
        placement,
        mock_hall,
        mock_follow_up,
        mock_marks,
        mock_report,
        help_,
        fault,
    )
}
ONCE: dict[str, Scene] = {
    scene.__name__: scene for scene in (home_new, home_due, review_end, placement_end, lab_locked, lab_help)
}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The learner's days are those of the machine's zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def app_of(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[TutorApp, World]:
    """The app over fakes in which some scenarios are answered."""
    monkeypatch.setattr(home, "__version__", "1.2.3")
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr(TextArea, "cursor_blink", False)
    monkeypatch.setattr(files_line, "since", lambda _: "just now")
    world = World()
    world.store.settings["theme"] = themes.DARK
    if scene is not home_new:
        world.attempt(1)
        world.attempt(2, score=6.5)
        world.attempt(5, score=8.4)
    app = make_app(world.services)
    app.animation_level = "none"
    return app, world


async def picture(pilot: Pilot[None]) -> str:
    """What is drawn once nothing changes any more."""
    before, now = "", normalize_svg(pilot.app.export_screenshot(simplify=True))
    while now != before:
        await pilot.pause(SETTLED)
        before, now = now, normalize_svg(pilot.app.export_screenshot(simplify=True))
    return now


@pytest.fixture
def pictures(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The pictures that have been looked at, as SVG files."""
    return snapshot.use_extension(SVGImageExtension)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
async def test_screen(name: str, size: str, pictures: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dark, then light: the theme changes while the screen is there, as when the learner presses its key."""
    app, world = app_of(SCENES[name], monkeypatch)
    async with app.run_test(size=SIZES[size]) as pilot:
        await sees(pilot, "answered")
        await SCENES[name](pilot, world)
        found = {}
        for theme in (themes.DARK, themes.LIGHT):
            app.theme = theme
            found[theme] = await picture(pilot)
    world.grader.release.set()
    for theme, drawn in found.items():
        assert drawn == pictures(name=theme)


@pytest.mark.parametrize("name", ONCE)
async def test_other_views(name: str, pictures: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    app, world = app_of(ONCE[name], monkeypatch)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "answered")
        await ONCE[name](pilot, world)
        drawn = await picture(pilot)
    world.grader.release.set()
    assert drawn == pictures
