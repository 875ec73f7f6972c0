"""What a trial of the learner's program comes to in lab 3: checks, hints and the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labs.catalog.text03 import BACKLOG
from labs.catalog.trial03 import Crash, Seen
from labs.catalog.verify03 import checks_of, figures
from labs.contract import Check
from labs.program import ProgramResult

GOOD = Seen(handled=BACKLOG, seconds=1.0, at_once=4, per_call=40.0, crash=Crash(0, 0))
SLOW = replace(GOOD, handled=60, seconds=3.6, behind=84, at_once=1, per_call=1.0, crash=None)


def ended(status: int, *errors: str) -> ProgramResult:
    return ProgramResult("failed" if status else "finished", status, 2.0, 30.0, errors)


def failing(seen: Seen) -> dict[str, Check]:
    return {check.id: check for check in checks_of(seen) if not check.ok}


def test_a_program_that_drains_its_backlog() -> None:
    assert failing(GOOD) == {}
    assert failing(replace(GOOD, result=ended(0))) == {}  # it ended, with everything done
    assert all(not check.hints for check in checks_of(GOOD))


@pytest.mark.parametrize(
    ("seen", "which", "found"),
    [
        (SLOW, ["drained", "survives"], "60 of 144 in 3.6 s: 17 a second"),
        (replace(GOOD, seconds=4.0), ["drained"], "36 a second"),
        (replace(GOOD, disordered=("c-1", "c-2")), ["order"], "2 customers, e.g. c-1"),
        (replace(GOOD, refused=7), ["bounded"], "7 calls refused"),
        (replace(GOOD, ahead=3), ["committed"], "3 records were committed before"),
        (replace(GOOD, behind=9), ["committed"], "a lag of 9"),
        (replace(GOOD, crash=Crash(54, 0)), ["survives"], "54 records lost"),
        (replace(GOOD, crash=Crash(0, 54, "The program failed: KeyError")), ["survives"], "KeyError"),
        (replace(SLOW, result=ended(1, "KeyError: 'x'")), ["drained", "runs", "survives"], "KeyError: 'x'"),
        (replace(SLOW, result=ended(0)), ["drained", "runs", "survives"], "finished after 2.0 s"),
    ],
)
def test_each_fault_has_its_check(seen: Seen, which: list[str], found: str) -> None:
    checks = failing(seen)
    assert sorted(checks) == which
    assert any(found in check.found for check in checks.values())
    assert all(len(check.hints) == 3 for check in checks.values())


ALL = ["bounded", "committed", "drained", "order", "runs", "survives"]


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (Seen("There is no consumer.py in the workspace."), "There is no consumer.py"),
        (Seen(result=ended(1, "SyntaxError: invalid syntax")), "SyntaxError"),
        (Seen(), "no call answered"),
    ],
)
def test_a_program_that_does_nothing_passes_nothing(seen: Seen, found: str) -> None:
    checks = failing(seen)
    assert sorted(checks) == ALL
    assert found in checks["runs"].found
    assert all(len(check.hints) == 3 for check in checks.values())


def test_slowness_is_explained_by_what_was_seen() -> None:
    assert "1 call at once, 1.0 records in each" in failing(SLOW)["drained"].hints[1]
    assert "refused 7" in failing(replace(SLOW, refused=7))["drained"].hints[1]
    assert "committed without having been handled" in failing(replace(SLOW, ahead=7))["drained"].hints[1]


def test_the_learners_figures_stand_beside_the_others() -> None:
    others = {"the reference": {"rate": 900.0, "at_once": 4, "per_call": 40.0, "disordered": 0}}
    head, reference, yours = figures(others, SLOW)
    assert head.split()[0] == "records/s"
    assert reference.split()[-4:] == ["900", "4", "40.0", "0"]
    assert yours.split() == ["yours", "17", "1", "1.0", "0"]
    assert figures(others, Seen("There is no consumer.py in the workspace.")) == []
