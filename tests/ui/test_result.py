from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from textual.pilot import Pilot

from tests.ui.driving import on_screen, running, sees, shows, text_of, until
from tests.ui.fakes import ANSWER, World, grade_of, scenario
from tutor.sessions.result import Evidence
from tutor.ui.messages import OpenResult
from tutor.ui.screens.lab import LabScreen
from tutor.ui.screens.reading import ReadingScreen
from tutor.ui.screens.result import ResultScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.widgets.finding_detail import SHOWN_CHARACTERS, excerpt, marked
from tutor.ui.widgets.findings import Findings


@asynccontextmanager
async def result(world: World, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The result of the first attempt."""
    if not world.store.attempts():
        world.attempt(1)
    async with running(world, size) as pilot:
        pilot.app.post_message(OpenResult(1))
        await on_screen(pilot, ResultScreen)
        await sees(pilot, "of 10", "Overall and what to do next")
        yield pilot


async def look_at(pilot: Pilot[None], target: str) -> None:
    """Move down to a finding."""
    findings = pilot.app.screen.query_one(Findings)
    for _ in range(20):
        if findings.highlighted_option is not None and findings.highlighted_option.id == target:
            await pilot.pause()
            return
        await pilot.press("j")
    raise AssertionError(f"no line for {target}")


async def test_score_dimensions_and_grader_are_shown() -> None:
    async with result(World()) as pilot:
        await sees(pilot, "✗ 4.6 of 10", "would not pass", "model 3f2a91c0")
        await sees(pilot, "cause █████████░ 9.0 1 of 1", "trade-offs ░░░░░░░░░░ 0.0", "judgement not asked for here")


async def test_what_would_raise_the_score_and_the_way_on_come_first() -> None:
    async with result(World(), (120, 40)) as pilot:
        await sees(
            pilot, "What would raise the score most", "1. The policy is only asked", "The interviewer asks on", "Lab 1"
        )


async def test_every_status_has_a_symbol_and_a_word() -> None:
    async with result(World()) as pilot:
        await sees(pilot, "! wrong", "✗ opposite", "~ partly", "? unsure", "· missed", "✓ covered")


async def test_evidence_is_the_learners_own_words_and_marked_in_the_text() -> None:
    async with result(World()) as pilot:
        await look_at(pilot, "committed_offset")
        await sees(pilot, "You wrote: “already has committed offsets”", "Your answer")


async def test_a_missed_point_says_what_was_missing() -> None:
    async with result(World()) as pilot:
        await look_at(pilot, "replay_risk")
        await sees(pilot, "Nothing about it was found", "What was missing: You left out: Replaying")


async def test_a_misconception_comes_with_its_correction() -> None:
    async with result(World()) as pilot:
        await look_at(pilot, "m_always_applies")
        await sees(pilot, "offset, or one that is out of range.", "o: I do not mean that.")


async def test_overruling_is_kept_and_turned_round_by_the_same_key() -> None:
    world = World()
    async with result(world) as pilot:
        await look_at(pilot, "replay_risk")
        await pilot.press("o")
        await sees(pilot, "yours: yes", "This verdict is yours")
        assert world.store.overrules(1)[0].held is True
        await pilot.press("o")
        await sees(pilot, "yours: no")
        assert [one.held for one in world.store.overrules(1)] == [False]
        await sees(pilot, "✗ 4.6 of 10")


async def test_a_belief_that_is_not_held_can_be_taken_back() -> None:
    world = World()
    async with result(world) as pilot:
        await look_at(pilot, "m_always_applies")
        await pilot.press("o")
        await sees(pilot, "You say you do not mean it")
        assert world.store.overrules(1)[0].held is False


@pytest.mark.parametrize(("key", "held"), [("y", True), ("n", False)])
async def test_what_is_unclear_is_asked_and_the_answer_is_kept(key: str, held: bool) -> None:
    world = World()
    async with result(world, (120, 40)) as pilot:
        await sees(pilot, "Did you mean that? (1)")
        await look_at(pilot, "reset_tool")
        await sees(pilot, "Did you mean that? y: yes, count it.", "You wrote: “restart”", "Yes", "No")
        await pilot.press(key)
        await sees(pilot, f"yours: {'yes' if held else 'no'}")
        assert [(one.target, one.held) for one in world.store.overrules(1)] == [("reset_tool", held)]
        assert not shows(pilot, "Did you mean that?")


async def test_what_is_certain_is_not_asked() -> None:
    world = World()
    async with result(world) as pilot:
        await look_at(pilot, "replay_risk")
        await pilot.press("y", "n")
        assert not world.store.overrules(1)


async def test_a_misconception_names_the_lab_that_shows_it() -> None:
    async with result(World(), (120, 40)) as pilot:
        await look_at(pilot, "m_always_applies")
        await sees(pilot, "What is so (lab 1 shows it): The policy")


async def test_nothing_can_be_overruled_on_the_overall_line() -> None:
    world = World()
    async with result(world) as pilot:
        await pilot.press("o")
        assert not shows(pilot, "Overrule") and not world.store.overrules(1)


async def test_the_follow_up_is_answered_in_the_same_way() -> None:
    world = World()
    async with result(world) as pilot:
        await pilot.press("f")
        await on_screen(pilot, StudyScreen)
        await sees(pilot, "Follow-up.", "What happens when reset policy is asked for?")
        await pilot.press(*"it is only asked without an offset")
        await pilot.press("f5")
        await on_screen(pilot, ResultScreen)
        await sees(pilot, "Follow-up · 1", "✗ The point asked about: opposite")
        stored = world.store.attempts()[-1]
        assert stored.follow_up_to == 1 and stored.target == "reset_policy"
        await pilot.press("f")
        await on_screen(pilot, StudyScreen)
        await sees(pilot, "Follow-up.")
        assert not shows(pilot, "What happens when reset policy is asked for?")


@pytest.mark.parametrize(("key", "seen"), [("m", "A strong answer"), ("d", "Offsets are kept in")])
async def test_model_answer_and_debrief_are_read_after_an_attempt(key: str, seen: str) -> None:
    async with result(World()) as pilot:
        await pilot.press(key)
        await on_screen(pilot, ReadingScreen)
        await sees(pilot, seen)
        await pilot.press("j", "escape")
        await on_screen(pilot, ResultScreen)


async def test_a_follow_up_about_a_belief_says_whether_it_is_still_held() -> None:
    world = World()
    root = world.attempt(1)
    world.store.add_attempt(
        msgspec.structs.replace(root, follow_up_to=1, target="m_always_applies", question="Really?")
    )
    async with running(world) as pilot:
        pilot.app.post_message(OpenResult(2))
        await sees(pilot, "! You still say it.", "The score stays that of your first answer")


async def test_the_lab_is_one_key_away() -> None:
    async with result(World()) as pilot:
        await pilot.press("l")
        await on_screen(pilot, LabScreen)


async def test_an_attempt_that_is_gone_is_explained() -> None:
    world = World()
    async with running(world) as pilot:
        pilot.app.post_message(OpenResult(7))
        await sees(pilot, "There is no answer 7")
        await pilot.press("enter")
        await sees(pilot, "Next:")


async def test_a_verdict_that_cannot_be_kept_is_explained() -> None:
    world = World()
    async with result(world) as pilot:
        from tutor.errors import StoreError

        await look_at(pilot, "replay_risk")
        world.store.broken = StoreError("The disk is full", "", "Free some space.")
        await pilot.press("o")
        await sees(pilot, "The disk is full", "Free some space.")
        await pilot.press("enter")
        await until(pilot, lambda: "yours" not in text_of(pilot.app))


def test_only_the_part_around_the_evidence_is_drawn_of_a_long_answer() -> None:
    answer = "x" * 50_000 + "HERE" + "y" * 50_000
    drawn, begin = excerpt(answer, 50_000)
    assert "HERE" in drawn and len(drawn) == SHOWN_CHARACTERS and answer[begin:].startswith(drawn)
    content = marked(answer, (Evidence("HERE", 50_000, 50_004),))
    (mark,) = (one for one in content.spans if "underline" in str(one.style))
    assert content.plain[mark.start : mark.end] == "HERE"


def test_markup_in_an_answer_stays_text() -> None:
    assert "[red]no[/red]" in marked("say [red]no[/red]", ()).plain


def test_the_fake_grade_is_about_the_fake_scenario() -> None:
    ids = {point.id for point in scenario(1).points}
    assert {one.id for one in grade_of(1, ANSWER).points} == ids
