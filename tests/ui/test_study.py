from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import ANSWER, NOW, World
from tutor.errors import GraderUnavailable, StoreError
from tutor.sessions.ports import Draft
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.result import ResultScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.widgets.answer_area import AnswerArea


@asynccontextmanager
async def studying(world: World) -> AsyncIterator[Pilot[None]]:
    """The first scenario, ready to be typed into."""
    async with running(world) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await until(pilot, lambda: pilot.app.focused is area(pilot) and not area(pilot).disabled)
        yield pilot


def area(pilot: Pilot[None]) -> AnswerArea:
    return pilot.app.screen.query_one(AnswerArea)


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await until(pilot, lambda: area(pilot).text.endswith(text[-20:]))


async def test_question_and_situation_are_shown_and_things_are_warmed_up() -> None:
    world = World()
    async with studying(world) as pilot:
        await sees(pilot, "What is going on, how do you find out", "billing", "0:00/8 min · 0 words")
        await until(pilot, lambda: world.labs.warmed == 1)


async def test_what_cannot_be_warmed_up_disturbs_nobody() -> None:
    world = World()

    def fail() -> None:
        raise OSError("no process left")

    world.grader.warm_up = fail  # type: ignore[method-assign]
    async with studying(world) as pilot:
        await until(pilot, lambda: world.labs.warmed == 1)
        assert isinstance(pilot.app.screen, StudyScreen)


async def test_typing_is_saved_without_a_key() -> None:
    world = World()
    async with studying(world) as pilot:
        await pilot.press(*"lag")
        await until(pilot, lambda: world.store.draft(1) is not None)
        await sees(pilot, "draft saved", "1 word")
        assert world.store.draft(1).text == "lag"


async def test_leaving_saves_what_was_typed_a_moment_ago() -> None:
    world = World()
    async with studying(world) as pilot:
        await pilot.press("o", "k", "escape")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: world.store.draft(1) is not None)
        assert world.store.draft(1).text == "ok"


async def test_quitting_saves_what_was_typed_a_moment_ago() -> None:
    world = World()
    async with running(world) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await until(pilot, lambda: not area(pilot).disabled)
        await pilot.press("o", "k", "ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
    assert world.store.draft(1).text == "ok"


async def test_a_draft_comes_back_with_the_cursor_at_its_end_and_its_time() -> None:
    world = World()
    world.store.save_draft(Draft(1, "first line\nsecond", 125.0, NOW))
    async with studying(world) as pilot:
        await sees(pilot, "Your draft of 3 words is back", "2:05/8 min")
        await pilot.press("!")
        await until(pilot, lambda: area(pilot).text == "first line\nsecond!")


async def test_the_clock_informs_and_ends_nothing() -> None:
    world = World()
    async with studying(world) as pilot:
        world.clock.move(3600)
        await sees(pilot, "1:00:00/8 min")
        await pilot.press("x")
        assert area(pilot).text == "x"


async def test_an_empty_answer_is_refused_with_a_reason() -> None:
    world = World()
    async with studying(world) as pilot:
        await pilot.press("space", "f5")
        await sees(pilot, "There is nothing to grade yet")
        assert world.grader.graded == [] and pilot.app.focused is area(pilot)


async def test_handing_in_grades_stores_and_shows_the_result() -> None:
    world = World()
    async with studying(world) as pilot:
        await paste(pilot, ANSWER)
        await pilot.press("ctrl+s")
        await on_screen(pilot, ResultScreen)
        await sees(pilot, "4.6 of 10")
        assert world.grader.graded == [ANSWER]
        assert world.store.attempts()[0].answer == ANSWER and world.store.draft(1) is None
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)


async def test_grading_shows_time_and_can_be_stopped_and_its_late_reply_is_ignored() -> None:
    world = World()
    world.grader.release.clear()
    async with studying(world) as pilot:
        await paste(pilot, ANSWER)
        await pilot.press("f5")
        await sees(pilot, "Grading … 0.0 s")
        world.clock.move(2.5)
        await sees(pilot, "Grading … 2.5 s")
        await pilot.press("x", "escape")
        await sees(pilot, "Grading stopped. Your answer is kept")
        world.grader.release.set()
        await until(pilot, lambda: world.grader.graded)
        await pilot.press("y")
        await until(pilot, lambda: area(pilot).text == f"{ANSWER}y")
        assert isinstance(pilot.app.screen, StudyScreen) and not world.store.attempts() and world.grader.cancelled == 1


async def test_after_stopping_it_can_be_handed_in_again_at_once() -> None:
    world = World()
    world.grader.release.clear()
    async with studying(world) as pilot:
        await paste(pilot, ANSWER)
        await pilot.press("f5")
        await sees(pilot, "Grading …")
        await pilot.press("escape")
        await sees(pilot, "Grading stopped")
        world.grader.release.set()
        await pilot.press("f5")
        await on_screen(pilot, ResultScreen)
        assert len(world.store.attempts()) == 1


async def test_a_grader_that_fails_leaves_the_answer_as_it_was() -> None:
    world = World()
    world.grader.error = GraderUnavailable("The grader has stopped", "Its process ended.", "Hand the answer in again.")
    async with studying(world) as pilot:
        await paste(pilot, ANSWER)
        await pilot.press("f5")
        await sees(pilot, "The grader has stopped", "Next: Hand the answer in again.")
        await pilot.press("enter")
        world.grader.error = None
        await on_screen(pilot, StudyScreen)
        assert area(pilot).text == ANSWER
        await pilot.press("f5")
        await on_screen(pilot, ResultScreen)


async def test_a_store_that_fails_is_told_and_nothing_is_lost() -> None:
    world = World()
    async with studying(world) as pilot:
        world.store.broken = StoreError("The disk is full", "", "")
        await pilot.press(*"abc")
        await sees(pilot, "The draft could not be saved: The disk is full")
        world.store.broken = None
        await pilot.press("d")
        await until(pilot, lambda: world.store.draft(1) is not None and world.store.draft(1).text == "abcd")
        await sees(pilot, "draft saved", "hands it in")


async def test_an_answer_that_cannot_be_stored_can_be_handed_in_again() -> None:
    world = World()
    async with studying(world) as pilot:
        await paste(pilot, ANSWER)
        await until(pilot, lambda: world.store.draft(1) is not None)
        world.store.broken = StoreError("The disk is full", "No space left.", "Free some space, then hand it in again.")
        await pilot.press("f5")
        await sees(pilot, "Free some space, then hand it in again.")
        world.store.broken = None
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await pilot.press("f5")
        await on_screen(pilot, ResultScreen)


async def test_the_result_waits_for_a_window_that_lies_above() -> None:
    world = World()
    world.grader.release.clear()
    async with studying(world) as pilot:
        await paste(pilot, ANSWER)
        await pilot.press("f5")
        await sees(pilot, "Grading …")
        await pilot.press("f1")
        await sees(pilot, "Esc closes")
        world.grader.release.set()
        await until(pilot, lambda: world.store.attempts())
        assert shows(pilot, "Esc closes")
        await pilot.press("escape")
        await on_screen(pilot, ResultScreen)


async def test_control_characters_are_kept_and_never_reach_the_terminal() -> None:
    world = World()
    hostile = "before \x1b[2J\x07 after \u202e end of it all"
    async with studying(world) as pilot:
        await paste(pilot, hostile)
        await sees(pilot, "before ␛[2J␇ after")
        await until(pilot, lambda: world.store.draft(1) is not None)
        assert world.store.draft(1).text == hostile


async def test_right_to_left_text_and_emoji_can_be_written() -> None:
    world = World()
    text = "الحمد لله 🙂🙃 kafka 消費者 says all"
    async with studying(world) as pilot:
        await paste(pilot, text)
        await until(pilot, lambda: world.store.draft(1) is not None)
        assert world.store.draft(1).text == text


async def test_a_megabyte_is_taken_and_a_longer_one_is_refused_with_the_limit() -> None:
    world = World()
    line = "the committed offset is at the end of the partition \n"
    async with studying(world) as pilot:
        await paste(pilot, line * (1_000_000 // len(line)))
        await until(pilot, lambda: world.store.draft(1) is not None)
        await paste(pilot, line * 10 + "one more word to be too long for it")
        await pilot.press("f5")
        await sees(pilot, "too long")
        await until(pilot, lambda: len(world.store.draft(1).text) > 1_000_000)
        await sees(pilot, "too long", "draft saved")
        assert world.grader.graded == []


async def test_the_question_gets_more_room_and_scrolls_while_typing() -> None:
    async with studying(World()) as pilot:
        pane = pilot.app.screen.query_one("#question-pane")
        before = pane.size.height
        await pilot.press("f2")
        await until(pilot, lambda: pane.size.height > before)
        await pilot.press("f2", "ctrl+down", "ctrl+down")
        await until(pilot, lambda: pane.scroll_y > 0)
        assert pilot.app.focused is area(pilot)


async def test_keys_of_lists_are_letters_here() -> None:
    async with studying(World()) as pilot:
        await pilot.press("j", "k", "n", "question_mark", "slash")
        await until(pilot, lambda: area(pilot).text == "jkn?/")
