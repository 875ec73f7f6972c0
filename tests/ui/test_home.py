from __future__ import annotations

from pathlib import Path

from tests.packs import write_pack
from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import World, packset
from tutor.scenarios.faults import Fault
from tutor.scenarios.packs import PackSet, load_pack
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.lab import LabScreen
from tutor.ui.screens.result import ResultScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.widgets.scenario_list import ScenarioList


async def test_a_new_learner_is_sent_to_the_first_scenario_by_one_key() -> None:
    async with running(World()) as pilot:
        await sees(pilot, "Next: Answer scenario 1", "0 of 10 answered", "lab locked")
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await sees(pilot, "A running consumer that consumes nothing")


async def test_n_does_the_next_step_wherever_the_highlight_is() -> None:
    world = World()
    world.attempt(1)
    async with running(world) as pilot:
        await sees(pilot, "Next: Run lab 1")
        await pilot.press("G", "n")
        await on_screen(pilot, LabScreen)


async def test_states_are_shown_in_words() -> None:
    world = World()
    world.attempt(1)
    world.attempt(2, score=6.5)
    world.attempt(5, score=9.0)
    async with running(world) as pilot:
        await sees(
            pilot, "weak 4.6", "passed 6.5", "strong 9.0", "lab open", "lab locked", "3 of 10 answered · 2 passed"
        )


async def test_j_and_k_move_and_the_line_below_tells_about_the_highlighted_scenario() -> None:
    async with running(World()) as pilot:
        await pilot.press("j", "j", "j")
        await sees(pilot, "The situation of scenario 3")
        await pilot.press("k")
        await sees(pilot, "The situation of scenario 2")


async def test_search_filters_and_escape_shows_all_again() -> None:
    async with running(World()) as pilot:
        await pilot.press("slash", *"storm")
        await sees(pilot, "Rebalance storm", "1 found")
        assert not shows(pilot, "Kafka or RabbitMQ")
        await pilot.press("enter", "enter")
        await on_screen(pilot, StudyScreen)
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        await pilot.press("escape")
        await sees(pilot, "Kafka or RabbitMQ", "Next: ")


async def test_j_is_a_letter_while_typing_a_search() -> None:
    async with running(World()) as pilot:
        await pilot.press("slash", "j", "k", "n")
        await until(pilot, lambda: pilot.app.screen.query_one("#home-search").value == "jkn")
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_broken_packs_are_shown_and_the_others_work() -> None:
    fault = Fault(Path("questions/03-slow-consumer/scenario.yaml"), 12, "points[1].weight", "9 is more than 5")
    world = World(PackSet(packset(2).packs, (fault,)))
    async with running(world) as pilot:
        await sees(
            pilot, "cannot be read; the others work", "scenario.yaml:12: points[1].weight", "The same payment twice"
        )
        await pilot.press("j", "j", "enter")
        await on_screen(pilot, StudyScreen)


async def test_no_readable_pack_says_what_to_do() -> None:
    fault = Fault(Path("questions/track.yaml"), 3, "", "a mapping is expected")
    async with running(World(PackSet((), (fault,)))) as pilot:
        await sees(pilot, "kafka-tutor check", "track.yaml:3")
        await pilot.press("enter", "n", "l", "r")
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_the_status_line_tells_of_grader_and_broker() -> None:
    world = World()
    world.labs.state = "starting: fetching Kafka (25%)"
    async with running(world) as pilot:
        await sees(pilot, "grader ready: model 3f2a91c0", "broker starting: fetching Kafka (25%)")


async def test_the_last_result_is_one_key_away() -> None:
    world = World()
    world.attempt(2, score=6.5)
    async with running(world) as pilot:
        await pilot.press("j", "j", "r")
        await on_screen(pilot, ResultScreen)
        await sees(pilot, "6.5 of 10")


async def test_a_draft_is_offered_first() -> None:
    world = World()
    async with running(world) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await until(pilot, lambda: not pilot.app.screen.query_one("#answer").disabled)
        await pilot.press(*"because")
        await pilot.press("escape")
        await sees(pilot, "Next: Go on with the answer to scenario 1", "draft 1 w")


async def test_the_highlight_stays_when_coming_back() -> None:
    async with running(World()) as pilot:
        await pilot.press("j", "j", "j", "enter")
        await on_screen(pilot, StudyScreen)
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        listing = pilot.app.screen.query_one(ScenarioList)
        await until(
            pilot, lambda: listing.highlighted_option is not None and listing.highlighted_option.id == "scenario-3"
        )


async def test_texts_of_a_pack_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    hostile = "[red]A[/] $sock [@click=app.quit]x[/]"
    pack = load_pack(write_pack(tmp_path, 412, title=hostile, summary=f"Sum {hostile}", question=f"Why {hostile}?"))
    world = World(packs=PackSet((*packset(1).packs, pack)))
    async with running(world, (120, 40)) as pilot:
        await pilot.press("j", "j")
        await sees(pilot, f"412 {hostile}", f"Sum {hostile}")
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await sees(pilot, hostile, f"Why {hostile}?")
