"""What every lab must have before it runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from labs import catalog, prompt
from labs.commands import variables
from labs.contract import LabInfo
from labs.errors import UnknownLab

ROOT = Path(__file__).resolve().parents[3]
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NUMBERS = catalog.shipped()


def rubric(number: int) -> tuple[set[str], set[str]]:
    """Ids of points and misconceptions of the lab's scenario."""
    (path,) = (ROOT / "questions").glob(f"{number:02}-*/scenario.yaml")
    pack = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {point["id"] for point in pack["points"]}, {wrong["id"] for wrong in pack["misconceptions"]}


def facts(number: int) -> Iterator[tuple[str, object]]:
    __import__(f"labs.catalog.text{number:02}")
    yield from sys.modules[f"labs.catalog.text{number:02}"].FACTS.items()


def test_the_labs_of_this_release_are_found() -> None:
    assert {1, 5, 6} <= set(NUMBERS)
    assert list(NUMBERS) == sorted(NUMBERS)


def test_an_unknown_lab_names_those_there_are() -> None:
    with pytest.raises(UnknownLab) as caught:
        catalog.load(99)
    assert "1" in caught.value.cause
    with pytest.raises(UnknownLab):
        catalog.info(0)


@pytest.mark.parametrize("number", NUMBERS)
def test_info_is_the_labs_own_and_needs_no_client(number: int) -> None:
    assert catalog.load(number).info is catalog.info(number)
    script = f"import sys; from labs import catalog; catalog.info({number}); sys.exit('kafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("number", NUMBERS)
def test_ids_are_well_formed_and_unique(number: int) -> None:
    info = catalog.info(number)
    assert info.number == number
    names = [question.id for question in info.questions]
    assert len(set(names)) == len(names)
    assert len(set(info.observations)) == len(info.observations)
    assert all(KEBAB.fullmatch(name) for name in (*names, *info.observations, info.slug))
    assert set(info.expected) <= set(info.observations)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_question_is_answered_by_one_observation(number: int) -> None:
    answered = [fact.question for _, fact in facts(number) if fact.question]  # type: ignore[attr-defined]
    assert sorted(answered) == sorted(question.id for question in catalog.info(number).questions)


@pytest.mark.parametrize("number", NUMBERS)
def test_points_and_misconceptions_exist_in_the_rubric(number: int) -> None:
    points, wrong = rubric(number)
    for name, fact in facts(number):
        assert set(fact.points) <= points, name  # type: ignore[attr-defined]
        assert set(fact.refutes) <= wrong, name  # type: ignore[attr-defined]
        assert fact.points or fact.refutes, f"{name} proves nothing"  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", NUMBERS)
def test_questions_can_be_asked(number: int) -> None:
    for question in catalog.info(number).questions:
        assert question.text.endswith(("?", "."))
        assert (question.kind == "number") == (not question.choices)
        ids = [choice.id for choice in question.choices]
        assert len(set(ids)) == len(ids) != 1


@pytest.mark.parametrize("number", NUMBERS)
def test_starters_and_goal_use_variables_that_exist(number: int) -> None:
    info: LabInfo = catalog.info(number)
    names = variables(info.names, "kt-1-x", "host:1", Path("/w"))
    for line in info.task.starters:
        assert isinstance(prompt.parse(line, names), prompt.RunTool), line
    assert prompt.unknown_variables(info.task.goal.replace("'", ""), names) == []
