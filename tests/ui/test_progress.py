from __future__ import annotations

from tests.ui.driving import on_screen, running, sees, until
from tests.ui.fakes import World
from tests.ui.test_mock import held_mock
from tutor.errors import StoreError
from tutor.sessions.progress import progress
from tutor.ui.screens.dialogs import FaultScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.progress import ProgressScreen, lines


async def test_one_key_from_home_and_back() -> None:
    world = World()
    world.reviewed()
    async with running(world) as pilot:
        await pilot.press("p")
        await on_screen(pilot, ProgressScreen)
        await sees(pilot, "2 answers graded", "12 cards: 2 new", "cause", "first 9.0", "cards due", "reviews a day")
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)


def test_own_marks_beside_the_grades_of_mock_interviews() -> None:
    world = World()
    held_mock(world)
    told = " ".join(lines(progress(world.store, world.clock.now())))
    assert "1 mock interview, the last 4.6 at junior. Grade minus your own mark, mock by mock: -2.4." in told
    assert "2.4 points too well" in told


async def test_a_new_learner_sees_that_there_is_nothing_yet() -> None:
    async with running(World()) as pilot:
        await pilot.press("p")
        await on_screen(pilot, ProgressScreen)
        await sees(pilot, "Streak 0 days", "last 30 days: –", "Scores by dimension appear after your first answer.")


async def test_a_store_that_cannot_be_read_leads_back() -> None:
    world = World()

    def fail() -> None:
        raise StoreError("Your data could not be read")

    async with running(world) as pilot:
        world.store.review_days = fail  # type: ignore[assignment, method-assign]
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, FaultScreen))
        await sees(pilot, "could not be read")
        await pilot.press("enter")
        await on_screen(pilot, HomeScreen)
