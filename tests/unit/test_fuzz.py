"""A short run of `make fuzz`, and the inputs that longer runs have found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labs import properties, routing_plan, workspace
from labs.errors import LabError
from labs.facts import Facts
from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS
from tutor.scenarios.document import parse_yaml
from tutor.scenarios.faults import Broken


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_input_breaks_nothing_and_leaves_nothing(name: str) -> None:
    outcome = fuzz(name, 0.6, first_seed=1)
    assert outcome.inputs > 0
    assert outcome.findings == ()
    assert outcome.left == ""


# --- found by longer runs ------------------------------------------------------------------------------------------------


def test_a_pipe_in_the_workspace_does_not_hold_anybody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "consumer.py")
    assert workspace.read(tmp_path, "consumer.py") == ""
    with pytest.raises(LabError, match="is no file"):
        workspace.read_input(tmp_path, "consumer.py")


@pytest.mark.parametrize("name", ["a\0b", "~nobody-of-that-name/x", "x" * 5000])
def test_names_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    for look in (lambda: workspace.read_input(tmp_path, name), lambda: workspace.to_edit(tmp_path, (), name)):
        with pytest.raises(LabError):
            look()


def test_a_number_of_thousands_of_digits_is_a_fault_in_words() -> None:
    assert properties.parse(f"linger.ms={'9' * 5000}").faults[0].startswith("line 1: linger.ms must be between")
    plan = routing_plan.parse(f"work:\n  jobs: 0x{'f' * 5000}\n")
    assert plan.faults == ("this is no YAML that can be read: ValueError",)


@pytest.mark.parametrize("text", ["[" * 30_000, "work: " + "w" * 70_000])
def test_a_plan_without_end_is_a_fault_at_once(text: str) -> None:
    assert routing_plan.parse(text).faults[0].startswith("this is no YAML that can be read: more than")


def test_a_hexadecimal_number_without_end_is_a_fault_of_the_pack(tmp_path: Path) -> None:
    with pytest.raises(Broken) as caught:
        parse_yaml(tmp_path / "scenario.yaml", f"format: 1\nid: 0x{'f' * 5000}\n")
    (fault,) = caught.value.faults
    assert (fault.line, fault.key) == (2, "id")


def test_facts_nested_too_deep_are_no_facts(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text("[" * 100_000)
    assert Facts(tmp_path / "facts.json").get("anything", 7) == 7
