from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import NOW, World
from tutor.errors import GraderUnavailable, StoreError
from tutor.review.cards import CardDraft
from tutor.ui.screens.dialogs import FaultScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.review import ReviewScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.rating_bar import RatingBar

SAID = "The group already has committed offsets at the end."


def area(pilot: Pilot[None]) -> AnswerArea:
    return pilot.app.screen.query_one(AnswerArea)


@asynccontextmanager
async def reviewing(world: World) -> AsyncIterator[Pilot[None]]:
    """The first card, ready to be typed into."""
    async with running(world) as pilot:
        await pilot.press("v")
        await on_screen(pilot, ReviewScreen)
        await until(pilot, lambda: pilot.app.focused is area(pilot) and not area(pilot).disabled)
        yield pilot


async def hand_in(pilot: Pilot[None], text: str = SAID) -> None:
    area(pilot).text = text
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.focused, RatingBar))


def with_cards(*targets: str) -> World:
    world = World()
    world.cards(1, *targets)
    return world


async def test_home_says_what_is_due_and_leads_there_first() -> None:
    async with running(with_cards()) as pilot:
        await sees(pilot, "Next: Review 3 cards", "3 due ·")
        await pilot.press("enter")
        await on_screen(pilot, ReviewScreen)
        await sees(pilot, "What happens when committed offset is asked for?", "0 done · 3 to go", "new")


async def test_without_anything_due_the_key_is_not_there() -> None:
    async with running(World()) as pilot:
        assert not shows(pilot, "Review")
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_an_answer_is_graded_with_its_words_and_the_derived_rating_is_marked() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        await sees(
            pilot, "✓ Right.", "“already has committed offsets”", "1 again 10 min", "[4 easy ", "Graded by model"
        )
        await pilot.press("enter")
        await sees(pilot, "1 done · 2 to go", "offsets topic")
        (kept,) = world.store.reviews()
        assert (kept.rating, kept.derived, kept.answer) == (4, 4, SAID)
        assert area(pilot).text == "" and not area(pilot).read_only


async def test_another_rating_by_its_key_or_by_arrows() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        await pilot.press("2")
        await sees(pilot, "offsets topic")
        await hand_in(pilot)
        await sees(pilot, "· The point is not in your answer.", "What is so: You left out", "[1 again")
        await pilot.press("right", "right")
        await sees(pilot, "[3 good", "(graded 1)")
        await pilot.press("enter")
        await until(pilot, lambda: len(world.store.reviews()) == 2)
        assert [(r.rating, r.derived) for r in world.store.reviews()] == [(2, 4), (3, 1)]


async def test_a_belief_that_is_still_held() -> None:
    async with reviewing(with_cards("m_always_applies")) as pilot:
        await sees(pilot, "What does auto.offset.reset=earliest change")
        await hand_in(pilot, "Then every start begins at the first record of them all.")
        await sees(pilot, "✗ You still hold it.", "The policy is only asked where there is no committed offset")


async def test_a_hint_is_shown_and_makes_it_hard() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await pilot.press("f3")
        await sees(pilot, "Hint 1: It is about cause")
        await until(pilot, lambda: world.store.card_draft(1) is not None)
        await hand_in(pilot)
        await sees(pilot, "[2 hard")
        await pilot.press("enter")
        await until(pilot, lambda: [r.hints for r in world.store.reviews()] == [1])


async def test_u_takes_the_last_review_back_and_the_answer_is_there_again() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        await pilot.press("enter")
        await sees(pilot, "offsets topic")
        await hand_in(pilot, "Something half right.")
        await pilot.press("u")
        await sees(pilot, "committed offset is asked for", "0 done · 3 to go", "draft of 9 words is back")
        assert area(pilot).text == SAID and world.store.reviews() == []
        await until(pilot, lambda: world.store.card_draft(2) is not None)


async def test_u_is_a_letter_while_typing_and_f8_undoes() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        await pilot.press("enter")
        await sees(pilot, "offsets topic")
        await pilot.press("u", "p")
        assert area(pilot).text == "up"
        await pilot.press("f8")
        await sees(pilot, "committed offset is asked for")
        assert world.store.card_draft(2).text == "up"


async def test_nothing_to_undo_is_said() -> None:
    async with reviewing(with_cards()) as pilot:
        await pilot.press("f8")
        await on_screen(pilot, FaultScreen)
        await sees(pilot, "There is no review to undo")
        await pilot.press("enter", "o", "k")
        assert area(pilot).text == "ok"


async def test_the_end_of_the_day() -> None:
    world = with_cards("committed_offset")
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        await pilot.press("enter")
        await sees(pilot, "Nothing more to review today", "0 to review today, 1 answered.")
        await pilot.press("u")
        await sees(pilot, "committed offset is asked for")
        await hand_in(pilot)
        await pilot.press("4")
        await sees(pilot, "Nothing more to review today")
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: not shows(pilot, "Next: Review"))


async def test_typing_is_saved_and_comes_back() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await pilot.press(*"lag")
        await until(pilot, lambda: world.store.card_draft(1) is not None)
        await sees(pilot, "draft saved")
        await pilot.press("s", "escape")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: world.store.card_draft(1).text == "lags")
        await pilot.press("v")
        await sees(pilot, "draft of 1 word is back", "lags")


async def test_quitting_saves_what_was_typed_a_moment_ago() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await pilot.press("o", "k", "ctrl+q")
        await until(pilot, lambda: world.store.card_draft(1) is not None)
    assert world.store.card_draft(1).text == "ok"


async def test_a_draft_that_cannot_be_saved_is_said_and_tried_again() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        world.store.broken = StoreError("The disk is full")
        await pilot.press(*"lag")
        await sees(pilot, "could not be saved: The disk is full")
        world.store.broken = None
        await pilot.press("s")
        await until(pilot, lambda: world.store.card_draft(1) == CardDraft(1, "lags", 0.0, 0, NOW))


async def test_a_grader_that_fails_keeps_the_answer() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        world.grader.error = GraderUnavailable("The grader is gone", "", "Hand it in again.")
        area(pilot).text = SAID
        await pilot.press("f5")
        await on_screen(pilot, FaultScreen)
        await pilot.press("enter")
        world.grader.error = None
        await until(pilot, lambda: pilot.app.focused is area(pilot))
        await hand_in(pilot)
        await sees(pilot, "✓ Right.")


async def test_grading_can_be_stopped() -> None:
    world = with_cards()
    world.grader.release = threading.Event()
    async with reviewing(world) as pilot:
        area(pilot).text = SAID
        await pilot.press("f5")
        await sees(pilot, "Grading …")
        await pilot.press("escape")
        await sees(pilot, "Grading stopped")
        assert isinstance(pilot.app.screen, ReviewScreen) and world.grader.cancelled == 1
        world.grader.release.set()


async def test_leaving_before_the_rating_keeps_the_answer_as_a_draft() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        assert world.store.card_draft(1).text == SAID and world.store.reviews() == []


async def test_a_card_answered_in_another_window_is_passed_over() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        world.store.database_answered(1)
        await pilot.press("enter")
        await on_screen(pilot, FaultScreen)
        await sees(pilot, "changed in the meantime")
        await pilot.press("enter")
        await sees(pilot, "asked 1 time before")
        assert world.store.reviews() == []


async def test_a_store_that_fails_when_recording_loses_nothing() -> None:
    world = with_cards()
    async with reviewing(world) as pilot:
        await hand_in(pilot)
        world.store.broken = StoreError("The disk is full")
        await pilot.press("enter")
        await on_screen(pilot, FaultScreen)
        world.store.broken = None
        await pilot.press("enter")
        await sees(pilot, "committed offset is asked for", "draft of 9 words is back")
        assert area(pilot).text == SAID


async def test_the_palette_leads_there() -> None:
    async with running(with_cards()) as pilot:
        await pilot.press("ctrl+p", *"review what")
        await sees(pilot, "Review what is due")
        await pilot.press("enter")
        await on_screen(pilot, ReviewScreen)


async def test_nothing_due_says_so() -> None:
    async with running(World()) as pilot:
        await pilot.press("ctrl+p", *"review what")
        await sees(pilot, "Review what is due")
        await pilot.press("enter")
        await on_screen(pilot, ReviewScreen)
        await sees(pilot, "Nothing more to review today", "0 answered")
