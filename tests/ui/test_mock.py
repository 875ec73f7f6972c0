from __future__ import annotations

from textual.pilot import Pilot

from tests.mocking import begun, finished, say, session
from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import ANSWER, World, grade_of, packset, scenario
from tutor.errors import StoreError
from tutor.grading.types import Grade
from tutor.mocks.values import Mock
from tutor.scenarios.model import Scenario
from tutor.sessions.mock import mock_of
from tutor.sessions.mock_session import close
from tutor.ui.screens.dialogs import ConfirmScreen, FaultScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.mock import MockScreen
from tutor.ui.screens.mock_hall import MockHallScreen
from tutor.ui.screens.mock_marks import MockMarksScreen
from tutor.ui.screens.mock_report import MockReportScreen
from tutor.ui.widgets.answer_area import AnswerArea

KNOWN = [scenario(number) for number in (1, 2)]


def grading(one: Scenario, text: str) -> Grade:
    return grade_of(one.id, text)


def open_mock(world: World, *texts: str) -> Mock:
    """A junior mock of two questions (a follow-up each), so far answered with these texts."""
    mock = begun(world.store, KNOWN, world.clock.now(), "junior", 30)
    for text in texts:
        one = session(world.store, mock, KNOWN, world.clock)
        world.clock.move(125)
        say(one, text, grading)
    return mock_of(world.store, mock.id)


def held_mock(world: World) -> Mock:
    """One that is debriefed, ended after its first question."""
    mock = open_mock(world, ANSWER, "It is asked only where there is no committed offset.")
    close(world.store, mock, world.clock.now())
    return finished(world.store, mock_of(world.store, mock.id), KNOWN, world.clock, 7)


def area(pilot: Pilot[None]) -> AnswerArea:
    return pilot.app.screen.query_one(AnswerArea)


async def writing(pilot: Pilot[None]) -> None:
    await on_screen(pilot, MockScreen)
    await until(pilot, lambda: pilot.app.focused is area(pilot) and not area(pilot).read_only)


async def hand_in(pilot: Pilot[None], text: str) -> None:
    area(pilot).text = text
    await pilot.press("f5")


async def test_from_home_to_the_debrief_and_the_second_try() -> None:
    world = World(packset(1))
    async with running(world) as pilot:
        await pilot.press("m")
        await on_screen(pilot, MockHallScreen)
        await sees(pilot, "Begin: senior, 45 minutes, 1 question", "It would ask", "You have never answered it.")
        await pilot.press("v", "v", "left")
        await sees(pilot, "Begin: junior, 40 minutes, 1 question", "Junior: one follow-up")
        await pilot.press("enter")
        await writing(pilot)
        await sees(pilot, "Mock · question 1/1", "0:00/40 min", "What is going on")
        await hand_in(pilot, ANSWER)
        await sees(pilot, "Mock · follow-up 1/1", "Follow-up.", "You said:", "The group already has committed")
        assert not shows(pilot, "4.6") and not shows(pilot, "opposite") and area(pilot).text == ""
        await hand_in(pilot, "It is asked only where there is none.")
        await on_screen(pilot, MockMarksScreen)
        await sees(pilot, "Before you see a grade", "You: It is asked only where")
        assert not shows(pilot, "4.6") and world.store.attempts() == []
        await pilot.press("enter", "1", "0", "left", "enter")
        await on_screen(pilot, MockReportScreen)
        await sees(pilot, "Hire: 4.6 of 10", "hire · 4.6 of 10")
        assert world.store.mock(1).self_score(1) == 9 and len(world.store.attempts()) == 1  # type: ignore[union-attr]
        await pilot.press("e")
        await sees(pilot, "Written: /home/you/mocks/mock-001.html")
        assert world.exported_mocks[0].summary.difference == -4.4
        await pilot.press("r")
        await writing(pilot)
        await sees(pilot, "Mock · second try")
        await hand_in(pilot, "Once more, and better.")
        await on_screen(pilot, MockReportScreen)
        await pilot.press("G")
        await sees(pilot, "Question 1 again: 4.6 after 4.6")
        await pilot.press("r", "escape")  # only once; and back leads past no second report
        await on_screen(pilot, MockHallScreen)
        await sees(pilot, "1 held", "junior · 4.6 · hire · your marks 4.4 too high")


async def test_pause_leave_go_on_with_every_word_and_give_up() -> None:
    world = World()
    open_mock(world)
    async with running(world) as pilot:
        await sees(pilot, "Next: Go on with your mock interview (junior, 30 min)", "You are at question 1 of 2.")
        await pilot.press("enter")
        await writing(pilot)
        area(pilot).text = "half an answer"
        await sees(pilot, "draft saved", "3 words")
        await pilot.press("f9")
        await on_screen(pilot, ConfirmScreen)
        world.clock.move(1000)
        await pilot.press("n")
        await on_screen(pilot, MockScreen)
        await sees(pilot, "0:00/30 min")  # the pause does not count
        world.clock.move(1900)
        await sees(pilot, "31:40/30 min", "2 min over. Nothing is cut off")
        await pilot.press("escape", "y")
        await on_screen(pilot, HomeScreen)
        await sees(pilot, "with a draft of 3 words.")
        assert world.store.mock_drafts(1)[0].seconds == 1900
        await pilot.press("n")
        await writing(pilot)
        assert area(pilot).text == "half an answer"
        await pilot.press("escape", "y", "m")
        await on_screen(pilot, MockHallScreen)
        await sees(pilot, "once this is finished or given up")
        await pilot.press("d")
        await on_screen(pilot, ConfirmScreen)
        await pilot.press("y")
        await sees(pilot, "Begin: senior, 45 minutes")
        assert world.store.open_mocks() == [] and world.store.mock_drafts(1)[0].text == "half an answer"


async def test_nothing_is_lost_by_a_grading_taken_back_a_write_that_fails_or_an_early_end() -> None:
    world = World()
    open_mock(world)
    async with running(world) as pilot:
        await pilot.press("enter")
        await writing(pilot)
        world.grader.release.clear()
        await hand_in(pilot, "an answer")
        await sees(pilot, "The interviewer thinks")
        await pilot.press("escape")
        await writing(pilot)
        world.grader.release.set()
        world.store.broken = StoreError("The disk is full")
        await pilot.press("f5")
        await on_screen(pilot, FaultScreen)
        world.store.broken = None
        await pilot.press("enter")
        await writing(pilot)
        assert area(pilot).text == "an answer" and world.store.mock(1).answers == ()  # type: ignore[union-attr]
        await pilot.press("f5")
        await sees(pilot, "Mock · follow-up 1/2")
        await writing(pilot)
        area(pilot).text = "begun"
        await pilot.press("f10")
        await on_screen(pilot, ConfirmScreen)
        await pilot.press("y")
        await on_screen(pilot, MockMarksScreen)
        assert [draft.text for draft in world.store.mock_drafts(1)] == ["begun"]
        await pilot.press("escape")
        await sees(pilot, "Every question is asked")
        await pilot.press("n")
        await on_screen(pilot, MockMarksScreen)
