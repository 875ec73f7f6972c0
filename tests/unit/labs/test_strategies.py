"""The programs that labs hand out: they compile, and have the marks by which they are crashed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from labs import handouts, strategies
from labs.catalog.text09 import PLACES, STRATEGIES
from labs.errors import EnvironmentFault
from labs.strategies import Cell


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_is_marked_at_every_place(strategy: str) -> None:
    assert set(strategies.marked(handouts.text(9, f"strategies/{strategy}.py"))) == set(PLACES)
    for place in PLACES:
        moment = Cell(strategy, place).moment()
        assert moment.at.side == "after"
        assert moment.at.line > 0


@pytest.mark.parametrize(
    "path", sorted(handouts.ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(handouts.ROOT))
)
def test_every_handout_is_a_program(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize(("number", "name"), [(2, "consumer.py"), (9, "handler.py")])
def test_the_reference_goes_over_the_learners_file(tmp_path: Path, number: int, name: str) -> None:
    handouts.hand_out(number, tmp_path, name)
    handed_out = (tmp_path / name).read_text()
    handouts.hand_out_reference(number, tmp_path, name)
    assert (tmp_path / name).read_text() != handed_out


def test_a_missing_handout_is_explained() -> None:
    with pytest.raises(EnvironmentFault):
        handouts.text(2, "no-such.py")


@pytest.mark.parametrize(
    ("words", "worst"),
    [
        (["once", "once"], "once"),
        (["once", "lost"], "lost"),
        (["twice", "lost"], "twice"),
        (["wrong sum", "lost"], "wrong sum"),
    ],
)
def test_the_worst(words: list[str], worst: str) -> None:
    assert strategies.worst(words) == worst


def test_the_table_of_cells() -> None:
    words = {Cell(strategy, place): f"{strategy[:3]}" for strategy in STRATEGIES for place in PLACES}
    lines = strategies.lines("The debit", words)
    assert lines[0] == "The debit, killed right after …"
    assert len(lines) == 2 + len(PLACES)
    assert lines[2].split()[-5:] == ["at_", "at_", "ded", "kaf", "out"]
