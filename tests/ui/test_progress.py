from __future__ import annotations

from datetime import date, timedelta

from tests.ui.driving import on_screen, running, sees, text_of, until
from tests.ui.fakes import NOW, World
from tests.ui.test_mock import held_mock
from tutor.errors import StoreError
from tutor.sessions.ports import LabRecord, PredictionRecord
from tutor.sessions.progress import progress
from tutor.ui.screens.dialogs import FaultScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.progress import ProgressScreen, lines
from tutor.ui.widgets.day_calendar import cell, grid


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


async def test_every_plot_is_there_in_a_small_window() -> None:
    world = World()
    world.reviewed()
    predictions = (PredictionRecord("same-group", 0.0, 0.0, True), PredictionRecord("order", "a", "b", False))
    world.store.add_lab_record(LabRecord(5, "verified", NOW, 60.0, 0, 1, 2, "{}", predictions))
    async with running(world) as pilot:
        await pilot.press("p")
        await sees(pilot, "1 of 2 predictions right (50 %)", "first 9.0 ▇", "cards due", "reviews a day")
        await pilot.press("space")
        await sees(pilot, "recall in %", "■ studied", "Mo")
        await pilot.press("space")
        await sees(pilot, "Labs proven", "✓ 5 █████░░░░░ 1 of 2")
        await pilot.press("space")
        await sees(pilot, "grade and your mark: no mock yet")
        await pilot.press("space")
        await sees(pilot, "cards due")


async def test_grade_and_own_mark_of_each_mock_are_plotted() -> None:
    world = World()
    held_mock(world)
    async with running(world) as pilot:
        await pilot.press("p")
        await on_screen(pilot, ProgressScreen)
        await pilot.press("left")
        await sees(pilot, "● grade ○ your mark")
        drawn = text_of(pilot.app).split("your mark", 1)[1]
        own, grade = drawn.index("○"), drawn.index("●")  # 7.0 is drawn above 4.6
        assert own < grade


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


def test_the_calendar_is_read_by_its_marks() -> None:
    today = date(2026, 3, 4)  # a Wednesday
    done = {today - timedelta(days=1), today - timedelta(days=30), today}
    due = {today: 7, today + timedelta(days=1): 12, today + timedelta(days=11): 3, today + timedelta(days=2): 120}
    head, monday, tuesday, wednesday, thursday, friday, _, sunday = grid(today, done, due)
    assert head.split() == ["wk", "02", "09", "16", "23", "02", "09", "16"]
    assert (monday, wednesday) == ("Mo  ■   ·   ·   ·   ·   ·", "We  ·   ·   ·   · [ 7]  ·")
    assert (tuesday, thursday) == ("Tu  ·   ·   ·   ·   ■   ·", "Th  ·   ·   ·   ·  12   ·")
    assert friday.endswith("+   ·") and sunday.endswith("·   3")  # the 15th is the last day that is known
    assert cell(today, today, done, {today: 12}) == "[12]" and cell(today, today, done, {}) == "[ ·]"
