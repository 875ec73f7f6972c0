"""The first-run tour, the placement round, and exports from the palette."""

from __future__ import annotations

import pytest

from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import World
from tutor.errors import StoreError
from tutor.sessions.placement import asked
from tutor.sessions.tour import NO_TOUR, SEEN
from tutor.ui.messages import SendOut
from tutor.ui.screens.dialogs import FaultScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.placement import PlacementScreen
from tutor.ui.screens.tour import TourScreen
from tutor.ui.widgets.answer_area import AnswerArea


async def test_a_first_run_shows_the_tour_once_and_it_can_be_left_at_any_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NO_TOUR)
    world = World()
    async with running(world) as pilot:
        await on_screen(pilot, TourScreen)
        await pilot.press("enter")
        await sees(pilot, "See whether Kafka agrees")
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: world.store.settings.get(SEEN))
        await pilot.press("ctrl+p", *"tour")
        await sees(pilot, "Look around")
        await pilot.press("enter")
        await on_screen(pilot, TourScreen)
        await pilot.press("enter", "enter", "left", "enter", "enter", "a")
        await on_screen(pilot, PlacementScreen)


async def test_who_has_answered_is_shown_no_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NO_TOUR)
    world = World()
    world.attempt(1)
    async with running(world) as pilot:
        await sees(pilot, "Next: Run lab 1")
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_a_placement_round_marks_what_is_known_and_goes_on_later() -> None:
    world = World()
    async with running(world) as pilot:
        await pilot.press("a")
        await on_screen(pilot, PlacementScreen)
        area = pilot.app.screen.query_one(AnswerArea)
        await sees(pilot, "[1] 2·", "its card waits a week", "0 known · 10 questions left")
        await until(pilot, lambda: pilot.app.focused is area)
        area.text = "The group already has committed offsets at the end."
        await pilot.press("f5")
        await sees(pilot, "1✓ [2] 3·", "Scenario 1: known", "1 known · 9 questions left")
        assert not shows(pilot, "A group resumes from its committed offset"), "what is right is kept for the scenario"
        await pilot.press("f3")
        await sees(pilot, "1✓ 2– [3]")
        area.text = "half"
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        await sees(pilot, "new, known", "Next: Answer scenario 2")
        await until(pilot, lambda: (entry := asked(world.store, world.packs.packs[2].scenario).entry) and entry.text)
        await pilot.press("a")
        await sees(pilot, "half", "1✓ 2– [3]")


async def test_an_export_from_the_palette_says_where_it_is_and_a_fault_is_explained() -> None:
    world = World()
    async with running(world) as pilot:
        await pilot.press("ctrl+p", *"anki")
        await sees(pilot, "Export cards to Anki")
        await pilot.press("enter")
        told = pilot.app._notifications  # what toasts show; the pilot paints none
        await until(pilot, lambda: [note.message for note in told] == ["/tmp/exports/anki"])
        assert world.sent == ["anki"]
        world.store.broken = StoreError("Your data directory cannot be written")
        pilot.app.post_message(SendOut("csv"))
        await until(pilot, lambda: isinstance(pilot.app.screen, FaultScreen))
        await sees(pilot, "cannot be written")
