"""What a run of two members comes to: checks, hints and the table; and what members report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labs.catalog.joins04 import Report
from labs.catalog.storm04 import Stuck, Work
from labs.catalog.text04 import INVOICES
from labs.catalog.verify04 import Found, checks_of, table
from labs.contract import Check

GOOD = Work(settled=True, handled=INVOICES, calls=INVOICES, committed=INVOICES, seconds=3.2)
STORM = replace(GOOD, rebalances=5, revoked=4, refused=4, handled=20, twice=20, calls=44, committed=0)
NOTICED = Stuck(waited=1.5)
ALL = ["all", "calm", "frozen", "hung", "once", "runs"]


def failing(found: Found) -> dict[str, Check]:
    return {check.id: check for check in checks_of(found) if not check.ok}


def test_all_is_well() -> None:
    found = checks_of(Found(GOOD, NOTICED, NOTICED))
    assert sorted(check.id for check in found) == ALL
    assert all(check.ok and not check.hints for check in found)


@pytest.mark.parametrize(
    ("work", "which", "found"),
    [
        (STORM, ["all", "calm", "once"], "5 rebalances"),
        (replace(GOOD, twice=3, calls=27), ["once"], "3 of 24"),
        (replace(GOOD, committed=20), ["all"], "24 handled, 20 committed"),
        (replace(GOOD, handled=20, committed=20), ["all"], "20 handled, 20 committed"),
        (replace(GOOD, rebalances=1), ["calm"], "1 rebalances"),
        (replace(GOOD, fault="member-1: The program failed: ValueError"), ["all", "runs"], "ValueError"),
        (Work("After 10 s 1 of 2 processes were members"), ["all", "calm", "once", "runs"], "1 of 2 processes"),
    ],
)
def test_each_fault_of_the_work_has_its_check(work: Work, which: list[str], found: str) -> None:
    checks = failing(Found(work, NOTICED, NOTICED))
    assert sorted(checks) == which
    assert any(found in check.found for check in checks.values())
    assert all(len(check.hints) == 3 and all(check.hints) for check in checks.values())


def test_a_group_that_waits_for_ever_is_no_fix() -> None:
    checks = failing(Found(GOOD, Stuck(), Stuck()))
    assert sorted(checks) == ["frozen", "hung"]
    assert "max_poll_interval_ms" in checks["hung"].hints[1]
    assert "session_timeout_ms" in checks["frozen"].hints[1]


def test_what_is_committed_must_have_been_handled() -> None:
    checks = failing(Found(GOOD, replace(NOTICED, lost=2), NOTICED))
    assert sorted(checks) == ["all"]
    assert "2 committed that had not been handled" in checks["all"].found


def test_without_a_program_nothing_is_tried() -> None:
    checks = failing(Found(Work("There is none."), fault="There is none."))
    assert sorted(checks) == ALL
    assert "There is none." in checks["runs"].found


def test_the_table_has_a_line_for_each_program() -> None:
    head, one, two = table({"as it is": STORM, "yours": GOOD})
    assert head.split()[:2] == ["rebalances", "commits"]
    assert one.split()[-6:] == ["5", "4", "20", "20", "0", "3.2"]
    assert two.split()[-6:] == ["0", "0", "24", "0", "24", "3.2"]


# --- what members report ---------------------------------------------------------------------------------------------


def event(name: str, *partitions: int, **more: object) -> str:
    rows = [{"topic": "t", "partition": partition, "count": 2} for partition in partitions]
    return json.dumps({"timestamp": 1, "name": name, "partitions": rows, **more})


def test_a_member_reports_what_it_holds_gives_up_and_reads() -> None:
    report = Report()
    report.line(json.dumps({"name": "startup_complete"}))
    for line in (
        event("partitions_assigned", 0, 1, 2),
        event("records_consumed", 0, 2),
        event("partitions_revoked", 2),
    ):
        report.line(line)
    assert (report.started, report.held, report.gave_up, report.read) == (True, {0, 1}, {2}, 4)
    report.line(event("partitions_assigned"))
    assert report.held == {0, 1}


@pytest.mark.parametrize("line", ["", "no JSON", '{"name": "offsets_committed", "offsets": []}', "{}"])
def test_other_lines_are_no_report(line: str) -> None:
    report = Report()
    report.line(line)
    assert report == Report()
