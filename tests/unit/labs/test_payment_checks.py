"""What a survey of crash points comes to: checks, hints and the table."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from labs.contract import Check
from labs.crashes import Point
from labs.launcher import Mark
from labs.payment_checks import checks
from labs.payments import Tally, new_book
from labs.survival import Row, Survey, table, thinned, unreadable
from labs.trials import Outcome

PAYMENT = new_book("t", random.Random(1)).first
ONCE, LOST, TWICE = Tally(), Tally(lost=(PAYMENT,)), Tally(twice=(PAYMENT,))
CALLS = ("Connection.commit", "KafkaConsumer.commit")
PLACE = "after line 29 `db.commit()`, before line 36 `consumer.commit()`"


def row(ledger: Tally = ONCE, gateway: Tally = ONCE, stuck: str = "") -> Row:
    return Row(PLACE, Outcome({"ledger": ledger, "gateway": gateway}, 2, stuck), CALLS)


def survey(*rows: Row, calm: Tally = ONCE, untried: int = 0) -> Survey:
    return Survey("", rows, {"ledger": calm, "gateway": calm}, untried)


def failing(found: Survey, effects: tuple[str, ...] = ("ledger", "gateway")) -> dict[str, Check]:
    return {check.id: check for check in checks(found, "consumer.py", effects) if not check.ok}


def test_a_program_that_survives() -> None:
    assert failing(survey(row(), row())) == {}
    assert all(not check.hints for check in checks(survey(row()), "consumer.py"))


@pytest.mark.parametrize(
    ("bad", "which"),
    [
        (row(ledger=LOST), ["never-lost"]),
        (row(ledger=TWICE), ["never-twice"]),
        (row(gateway=LOST), ["gateway-never-lost"]),
        (row(gateway=TWICE), ["gateway-never-twice"]),
        (row(ledger=Tally((PAYMENT,), (PAYMENT,))), ["never-lost", "never-twice"]),
        (row(ledger=Tally(odd="₹17 left account A-1")), ["never-lost"]),
        (row(stuck="IntegrityError"), ["gateway-never-lost", "never-lost"]),
    ],
)
def test_each_fault_has_its_check_which_names_the_place(bad: Row, which: list[str]) -> None:
    found = failing(survey(row(), bad))
    assert sorted(found) == which
    for check in found.values():
        assert check.found == f"1 of 2: {PLACE}"
        assert len(check.hints) == 3
        assert PLACE in check.hints[0]


def test_a_program_that_cannot_run_fails_everything_and_says_why() -> None:
    found = failing(Survey("The program failed: SyntaxError: invalid syntax"))
    assert len(found) == 5
    assert found["works"].found == "The program failed: SyntaxError: invalid syntax"
    assert all(len(check.hints) == 3 for check in found.values())


def test_doubling_without_a_crash_is_told_first() -> None:
    assert "debited: twice" in failing(survey(row(), calm=TWICE))["works"].found


def test_a_program_whose_calls_cannot_be_seen_does_not_pass() -> None:
    found = failing(survey(Row(PLACE, row().outcome, ("KafkaConsumer.poll", "KafkaConsumer.commit"))))
    assert list(found) == ["works"]
    assert "not around both" in found["works"].found


def test_the_table_has_a_line_for_each_point_and_says_what_was_left_out() -> None:
    lines = table(survey(row(ledger=TWICE), row(stuck="IntegrityError"), untried=4), ("ledger", "gateway"))
    assert lines[0].split() == ["ledger", "gateway", "killed", "crash", "point"]
    assert lines[1].split()[:3] == ["twice", "once", "2×"]
    assert "never got on: IntegrityError" in lines[2]
    assert lines[3].startswith("4 more")
    assert table(Survey("It failed."), ("ledger",)) == []


def test_many_points_are_thinned_evenly() -> None:
    points = [Point(Mark(line=n), Mark(line=n), 1) for n in range(1, 101)]
    assert thinned(points[:30]) == points[:30]
    assert len(thinned(points)) == 30
    assert thinned(points)[0] == points[0]


def test_a_file_that_cannot_be_run(tmp_path: Path) -> None:
    script = tmp_path / "consumer.py"
    assert "There is no consumer.py" in unreadable(script)
    script.write_text(" \n")
    assert "empty" in unreadable(script)
    script.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in unreadable(script)
    script.write_text("pass")
    assert unreadable(script) == ""
    script.unlink()
    script.mkdir()
    assert unreadable(script)
