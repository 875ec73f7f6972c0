from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from labs.contract import Output
from labs.errors import BrokerDied, LabBusy
from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import FakeRun, World
from tutor.ui.lab_driver import MAX_PENDING_OUTPUT, EventBuffer, EventsArrived
from tutor.ui.messages import OpenLab
from tutor.ui.screens.dialogs import ConfirmScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.lab import LabScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.widgets.lab_prompt import PromptInput

FIX = "kafka-consumer-groups --reset-offsets --to-earliest"


@asynccontextmanager
async def lab(
    world: World, *, attempted: bool = True, size: tuple[int, int] = (80, 24), number: int = 1
) -> AsyncIterator[Pilot[None]]:
    """A lab; lab 1 has no files, lab 5 has some."""
    if attempted:
        world.attempt(number)
    async with running(world, size) as pilot:
        pilot.app.post_message(OpenLab(number))
        await on_screen(pilot, LabScreen)
        await sees(pilot, "predict → " if not attempted else "[ predict ]")
        yield pilot


async def predict(pilot: Pilot[None]) -> None:
    """Wrong, right, wrong."""
    await pilot.press(*"300", "tab", "down", "space", "tab", "space", "down", "space")


async def to_comparison(pilot: Pilot[None]) -> None:
    await predict(pilot)
    await pilot.press("f5")
    await sees(pilot, "1 of 3 predictions were right")


async def to_fix(pilot: Pilot[None]) -> None:
    await to_comparison(pilot)
    await pilot.press("enter")
    await sees(pilot, "[ fix ]", "Goal: Make the same group")
    await until(pilot, lambda: isinstance(pilot.app.focused, PromptInput))


async def type_line(pilot: Pilot[None], line: str) -> None:
    pilot.app.screen.query_one(PromptInput).value = line
    await pilot.press("enter")


async def test_a_cluster_of_the_learners_own_is_named() -> None:
    world = World()
    world.labs.own = "kafka.example:9093,kafka2.example:9093"
    async with lab(world) as pilot:
        await sees(pilot, "your cluster kafka.example:9093 … ready")


async def test_a_locked_lab_says_why_and_how_to_open_it() -> None:
    world = World()
    async with lab(world, attempted=False) as pilot:
        await sees(pilot, "Locked.", "any honest attempt opens the lab", "skip the lock")
        await pilot.press("a")
        await on_screen(pilot, StudyScreen)
        assert world.labs.runs == []


async def test_skipping_asks_is_recorded_and_opens() -> None:
    world = World()
    async with lab(world, attempted=False) as pilot:
        await pilot.press("s")
        await on_screen(pilot, ConfirmScreen)
        await pilot.press("n")
        await on_screen(pilot, LabScreen)
        assert not world.store.lab_lock_skipped(1)
        await pilot.press("s", "y")
        await sees(pilot, "[ predict ]")
        assert world.store.lab_lock_skipped(1)


async def test_an_answer_opens_the_lock_on_the_way_back() -> None:
    world = World()
    async with lab(world, attempted=False) as pilot:
        await pilot.press("a")
        await on_screen(pilot, StudyScreen)
        world.attempt(1)
        await pilot.press("escape")
        await sees(pilot, "[ predict ]")


async def test_nothing_runs_before_every_field_holds_a_prediction() -> None:
    world = World()
    async with lab(world) as pilot:
        await pilot.press(*"30x", "f5")
        await sees(pilot, "`30x` is not a number", "Pick one outcome", "nothing has run")
        assert world.labs.runs == []


async def test_what_happens_is_shown_with_the_equivalent_command_and_plots() -> None:
    world = World()
    world.labs.prepare = lambda run: setattr(run, "hold", threading.Event())
    async with lab(world) as pilot:
        await predict(pilot)
        await pilot.press("f5")
        await sees(
            pilot, "→ Create the topic orders", "$ kafka-topics --create", "● lag p0", "x lag p1", "Scaled: 7 days"
        )
        await sees(pilot, "Run the lab …")
        world.clock.move(12)
        await sees(pilot, "0:12")
        world.labs.runs[0].hold.set()
        await sees(pilot, "1 of 3 predictions were right")


async def test_predicted_observed_and_why_stand_side_by_side() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_comparison(pilot)
        await sees(pilot, "✗ 300", "0 records", "It has a committed offset", "✓ The tool is")
        assert world.labs.runs[0].predicted["order"] == "policy,committed,seek"


async def test_the_prompt_runs_tools_and_remembers_lines() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        prompt = pilot.app.screen.query_one(PromptInput)
        await pilot.press("up")
        assert prompt.value == "kafka-consumer-groups --describe --group shop"
        await pilot.press("up")
        assert prompt.value == "kafka-topics --describe --topic orders"
        await pilot.press("enter")
        await sees(pilot, "ran kafka-topics --describe --topic orders", "! a line on the error stream")
        await type_line(pilot, "nonsense")
        await sees(pilot, "ended with status 1")
        await pilot.press("up")
        assert prompt.value == "nonsense"
        assert world.labs.runs[0].commands == ["kafka-topics --describe --topic orders", "nonsense"]


async def test_verify_tells_what_was_found_and_hints_on_demand() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await pilot.press("f5")
        await sees(pilot, "✓ ok The group has no active member", "· not yet The group read all 300", "found 0 records")
        await pilot.press("ctrl+t")
        await sees(pilot, "Hint 1: look at what the group has committed.")


async def test_a_fix_is_verified_recorded_and_debriefed() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await type_line(pilot, FIX)
        await sees(pilot, f"ran {FIX}")
        world.clock.move(65)
        await pilot.press("ctrl+r")
        await sees(
            pilot, "[ debrief ]", "✓ Verified after 1:05", "✗ “every start begins at", "The same group read 0 of"
        )
        await until(pilot, lambda: world.store.lab_records())
        record = world.store.lab_records()[0]
        assert (record.outcome, record.predictions_right, record.predictions_made) == ("verified", 1, 3)
        assert json.loads(record.evidence)["debrief"][0]["agrees"] is False
        await pilot.press("e")
        await sees(pilot, "The evidence is in")
        assert world.exported[0].outcome == "verified"
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: world.labs.runs[0].closed)
        assert len(world.store.lab_records()) == 1
        await sees(pilot, "✓ lab verified")


async def test_giving_up_asks_shows_the_fix_and_is_recorded_as_such() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await pilot.press("f9", "y")
        await sees(pilot, "→ The reference fix", "kafka-consumer-groups --reset-offsets --to-earliest --execute")
        await pilot.press("f5")
        await sees(pilot, "Given up, and verified with the reference fix")
        assert [record.outcome for record in world.store.lab_records()] == ["gave_up"]


async def test_words_of_the_prompt_do_what_the_keys_do() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await type_line(pilot, "hint")
        await sees(pilot, "Hint 1")
        await type_line(pilot, "verify")
        await sees(pilot, "1 of 2 checks are ok")
        await type_line(pilot, "give up")
        await on_screen(pilot, ConfirmScreen)
        assert world.labs.runs[0].commands == []


async def test_reset_brings_the_broken_situation_back() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await type_line(pilot, FIX)
        await sees(pilot, f"ran {FIX}")
        await pilot.press("f8", "y")
        await sees(pilot, "The broken situation is back")
        await pilot.press("f5")
        await sees(pilot, "1 of 2 checks are ok")


async def test_f2_shows_table_and_plots_again() -> None:
    async with lab(World()) as pilot:
        await to_fix(pilot)
        await pilot.press("f2")
        await sees(pilot, "1 of 3 predictions were right")
        await pilot.press("f2")
        await sees(pilot, "● lag p0")
        await pilot.press("f2")
        await sees(pilot, "Goal: Make the same group")
        assert isinstance(pilot.app.focused, PromptInput)


async def test_a_broker_that_dies_is_explained_and_offered_again() -> None:
    world = World()
    died = BrokerDied("The broker has died", "Its process ended with signal 9.", "Start the lab again.")
    async with lab(world) as pilot:
        await to_fix(pilot)
        world.labs.runs[0].error = died
        await type_line(pilot, "kafka-topics --list")
        await sees(pilot, "✗ The broker has died", "signal 9", "start again on a new broker")
        await pilot.press("r")
        await sees(pilot, "1 of 3 predictions were right")
        assert len(world.labs.runs) == 2 and world.labs.runs[0].closed
        assert world.labs.runs[1].predicted == world.labs.runs[0].predicted


async def test_a_broker_that_dies_while_the_learner_thinks_is_noticed() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        world.labs.runs[0].error = BrokerDied("The broker has died", "Its process ended with signal 9.")
        world.labs.state = "failed: Kafka has stopped"
        await sees(pilot, "✗ The broker has died", "start again on a new broker")


async def test_another_broker_that_dies_does_not_disturb_the_lab() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        world.labs.state = "failed: Kafka has stopped"
        await sees(pilot, "1 of 2 checks are ok", "Goal: Make the same group")


async def test_a_lab_that_runs_elsewhere_is_explained_and_the_predictions_stay() -> None:
    world = World()

    def busy(run: FakeRun) -> None:
        raise LabBusy("Lab 1 is running in another window", "", "End it there first.")

    world.labs.prepare = busy
    async with lab(world) as pilot:
        await predict(pilot)
        await pilot.press("f5")
        await sees(pilot, "running in another window", "End it there first.")
        await pilot.press("enter")
        world.labs.prepare = lambda run: None
        await pilot.press("f5")
        await sees(pilot, "1 of 3 predictions were right")


async def test_leaving_in_the_middle_asks_then_stops_and_records() -> None:
    world = World()
    world.labs.prepare = lambda run: setattr(run, "hold", threading.Event())
    async with lab(world) as pilot:
        await predict(pilot)
        await pilot.press("f5")
        await sees(pilot, "→ Create the topic")
        await pilot.press("escape")
        await sees(pilot, "Leave the lab?")
        await pilot.press("n")
        await on_screen(pilot, LabScreen)
        await pilot.press("escape", "y")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: world.labs.runs[0].closed)
        assert world.labs.runs[0].stopped.is_set()


async def test_leaving_after_the_symptom_is_recorded_as_stopped() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await pilot.press("escape", "y")
        await on_screen(pilot, HomeScreen)
        await until(pilot, lambda: world.store.lab_records())
        assert world.store.lab_records()[0].outcome == "stopped"


async def test_leaving_asks_nothing_where_nothing_is_lost() -> None:
    async with lab(World()) as pilot:
        await pilot.press("escape")
        await on_screen(pilot, HomeScreen)


async def test_predictions_typed_are_not_thrown_away_unasked() -> None:
    async with lab(World()) as pilot:
        await pilot.press("3", "escape")
        await sees(pilot, "Your predictions are not committed yet")
        await pilot.press("n")
        await sees(pilot, "[ predict ]")


async def test_the_lab_can_be_run_again_after_its_debrief() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await type_line(pilot, FIX)
        await sees(pilot, f"ran {FIX}")
        await pilot.press("f5")
        await sees(pilot, "[ debrief ]")
        await pilot.press("r")
        await sees(pilot, "[ predict ]")
        await pilot.press("f5")
        await sees(pilot, "1 of 3 predictions were right")
        assert len(world.labs.runs) == 2


async def test_an_unknown_lab_is_explained() -> None:
    async with running(World()) as pilot:
        pilot.app.post_message(OpenLab(9))
        await sees(pilot, "There is no lab 9", "1, 5, 6")


async def test_quitting_in_a_lab_ends_its_run() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
    for thread in threading.enumerate():
        if thread.name.startswith("kafka-tutor-lab"):
            thread.join(20)
    assert world.labs.runs[0].closed and world.store.lab_records()[0].outcome == "stopped"


class Postbox:
    """Counts messages."""

    def __init__(self) -> None:
        self.messages: list[EventsArrived] = []

    def post_message(self, message: EventsArrived) -> bool:
        self.messages.append(message)
        return True


def test_a_flood_of_output_wakes_the_interface_once_and_is_bounded() -> None:
    box = Postbox()
    buffer = EventBuffer(box, 1)  # type: ignore[arg-type]
    for number in range(MAX_PENDING_OUTPUT + 500):
        buffer(Output(str(number)))
    assert len(box.messages) == 1
    events = buffer.drain()
    assert len(events) == MAX_PENDING_OUTPUT + 1 and "500 more lines" in events[-1].text
    assert buffer.drain() == []


async def test_ten_thousand_lines_of_output_leave_the_screen_usable() -> None:
    world = World()
    async with lab(world) as pilot:
        await to_fix(pilot)
        for number in range(10_000):
            world.labs.runs[0]._sink(Output(f"line {number}"))
        await type_line(pilot, "kafka-topics --list")
        await sees(pilot, "ran kafka-topics --list")
        assert not shows(pilot, "Traceback")
