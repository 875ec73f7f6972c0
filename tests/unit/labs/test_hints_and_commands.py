"""Hints, bounded output, files for tools."""

from pathlib import Path

import pytest

from labs import workspace
from labs.commands import Bounded, Interrupt, variables, workspace_lines
from labs.contract import Check, Event, Output
from labs.errors import LabError, LabStopped
from labs.hints import NOTHING_TO_HINT, Hints
from labs.waits import StopFlag


def check(check_id: str, ok: bool = False, hints: tuple[str, str, str] | tuple[()] = ("mild", "more", "most")) -> Check:
    return Check(check_id, f"title of {check_id}", ok, "this", "that", hints)


def test_hints_grow_stronger_and_the_last_one_stays() -> None:
    hints = Hints()
    said = [hints.next([check("a", ok=True), check("b"), check("c")]) for _ in range(4)]
    assert said == ["Hint 1 of 3: mild", "Hint 2 of 3: more", "Hint 3 of 3: most", "Hint 3 of 3: most"]
    assert hints.opened == 3


def test_each_check_has_its_own_tiers() -> None:
    hints = Hints()
    hints.next([check("a")])
    assert hints.next([check("a", ok=True), check("b")]) == "Hint 1 of 3: mild"
    assert hints.opened == 2


def test_nothing_to_hint_at_costs_nothing() -> None:
    hints = Hints()
    assert hints.next([check("a", ok=True)]) == NOTHING_TO_HINT
    assert hints.opened == 0


def test_a_check_without_hints_tells_what_it_found() -> None:
    assert Hints().next([check("a", hints=())]) == "title of a: expected this, found that."


def test_a_flood_is_cut_and_the_command_ended() -> None:
    seen: list[Event] = []
    interrupt = Interrupt(StopFlag())
    bounded = Bounded(seen.append, interrupt, limit=3)
    for number in range(10):
        bounded(f"line {number}", "out")
    assert [event.text for event in seen if isinstance(event, Output)] == ["line 0", "line 1", "line 2"]
    with pytest.raises(LabError, match="More than 3 lines"):
        interrupt.check()


def test_a_long_line_is_cut() -> None:
    seen: list[Event] = []
    Bounded(seen.append, Interrupt(StopFlag()))("x" * 5000, "err")
    assert isinstance(seen[0], Output)
    assert len(seen[0].text) == 1002
    assert seen[0].stream == "err"


def test_an_interrupt_ends_the_command_and_a_stop_the_lab() -> None:
    flag = StopFlag()
    interrupt = Interrupt(flag)
    interrupt.check()
    interrupt.ask("Interrupted.")
    interrupt.ask("Too late.")
    with pytest.raises(LabError, match=r"Interrupted\."):
        interrupt.wait(10)
    flag.stop()
    with pytest.raises(LabStopped):
        interrupt.check()


def test_variables_of_a_run() -> None:
    assert variables({"TOPIC": "payments"}, "kt-1-ab", "host:1", Path("/w")) == {
        "TOPIC": "kt-1-ab-payments",
        "BOOTSTRAP": "host:1",
        "PREFIX": "kt-1-ab",
        "WORKSPACE": "/w",
    }


def test_the_workspace_is_made_empty_and_listed(tmp_path: Path) -> None:
    place = tmp_path / "work"
    workspace.make(place)
    workspace.write(place, "sub/plan.txt", "x")
    assert workspace_lines(place) == [f"  {place / 'sub' / 'plan.txt'}"]
    workspace.make(place)
    assert workspace_lines(place) == [f"  {place} (empty)"]


def test_a_file_for_a_tool(tmp_path: Path) -> None:
    workspace.write(tmp_path, "rest.txt", "é\n")
    assert workspace.read_input(tmp_path, "rest.txt") == "é\n".encode()
    with pytest.raises(LabError) as caught:
        workspace.read_input(tmp_path, "rset.txt")
    assert "rest.txt" in caught.value.cause


def test_a_file_that_is_too_large_for_a_tool(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(workspace.MAX_FILE + 1)
    with pytest.raises(LabError, match="too large"):
        workspace.read_input(tmp_path, "big")


def test_a_saved_file_changes_the_fingerprint(tmp_path: Path) -> None:
    nothing = workspace.fingerprint(tmp_path, ["a.py"])
    workspace.write(tmp_path, "a.py", "1")
    first = workspace.fingerprint(tmp_path, ["a.py"])
    workspace.write(tmp_path, "a.py", "22")
    assert len({nothing, first, workspace.fingerprint(tmp_path, ["a.py"])}) == 3
