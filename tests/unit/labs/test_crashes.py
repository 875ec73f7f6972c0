"""Crash points, from a trace."""

from __future__ import annotations

import json
from pathlib import Path

from labs import crashes
from labs.crashes import Point, Source
from labs.launcher import Mark

NEXT, SQL, COMMIT, OFFSET = "KafkaConsumer.__next__", "Connection.execute", "Connection.commit", "KafkaConsumer.commit"
LINES = {NEXT: 3, SQL: 5, COMMIT: 6, OFFSET: 7}


def rows(*calls: str, thread: int = 1) -> list[dict[str, object]]:
    """A trace of calls, one after the other, each with both its sides."""
    return [
        {"side": side, "call": call, "file": "consumer.py", "line": LINES[call], "thread": thread}
        for call in calls
        for side in ("before", "after")
    ]


def test_points_are_the_places_between_two_calls() -> None:
    once = (NEXT, SQL, COMMIT, OFFSET)
    found = crashes.points(rows(*once, *once, *once, NEXT))
    assert [(point.after.call, point.at.call, point.met) for point in found] == [
        (NEXT, SQL, 3),
        (SQL, COMMIT, 3),
        (COMMIT, OFFSET, 3),
        (OFFSET, NEXT, 3),
    ]
    assert all(point.after.side == "after" and point.at.side == "before" for point in found)


def test_work_is_struck_in_its_middle_and_again_at_once() -> None:
    point = Point(Mark("after", SQL), Mark("before", COMMIT), 3)
    assert (point.moment.nth, point.again.nth) == (2, 1)
    assert Point(point.after, point.at, 1).moment.nth == 1


def test_polling_in_vain_is_no_crash_point_but_repeated_work_is() -> None:
    assert crashes.points(rows(NEXT, NEXT, NEXT)) == []
    assert len(crashes.points(rows(SQL, SQL))) == 1


def test_threads_do_not_mix() -> None:
    mixed = [row for pair in zip(rows(SQL, COMMIT), rows(NEXT, OFFSET, thread=2), strict=True) for row in pair]
    assert [(point.after.call, point.at.call) for point in crashes.points(mixed)] == [(SQL, COMMIT), (NEXT, OFFSET)]


def test_a_call_made_within_another_one_is_a_place_of_its_own() -> None:
    trace = [*rows(NEXT)[:1], *rows(SQL)]
    (point,) = crashes.points(trace)
    assert (point.after.side, point.after.call, point.at.call) == ("before", NEXT, SQL)
    assert Source(Path("consumer.py")).place(point).startswith("within line 3")


def test_a_program_is_busy_inside_a_call_unless_it_waits() -> None:
    assert crashes.busy([]) == (0, False)
    assert crashes.busy(rows(NEXT, SQL)) == (2, False)
    assert crashes.busy(rows(NEXT, SQL)[:-1]) == (1, True)
    assert crashes.busy(rows(SQL, NEXT)[:-1]) == (2, False)


def test_rounds_of_waiting_are_counted() -> None:
    assert crashes.waits(rows(NEXT, SQL, NEXT)) == 2
    assert crashes.waits(rows(NEXT)[1:]) == 0


def test_an_unfinished_line_of_a_trace_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    assert crashes.read_trace(path) == []
    path.write_text(json.dumps({"n": 1}) + "\n" + '{"n": 2, "si')
    assert crashes.read_trace(path) == [{"n": 1}]


def test_a_place_is_told_by_the_programs_own_lines(tmp_path: Path) -> None:
    (tmp_path / "consumer.py").write_text("import db\n\ndb.commit()\nconsumer.commit()  # " + "x" * 100 + "\n")
    (tmp_path / "helper.py").write_text("db.execute(...)\n")
    source = Source(tmp_path / "consumer.py")
    after, at = Mark("after", COMMIT, "consumer.py", 3), Mark("before", OFFSET, "consumer.py", 4)
    told = source.place(Point(after, at, 1))
    assert told.startswith("after line 3 `db.commit()`, before line 4 `consumer.commit()")
    assert told.endswith("…`")
    assert source.place(Point(at, at, 1)).startswith("within line 4")
    other = Mark("before", SQL, "helper.py", 1)
    assert "helper.py line 1 `db.execute(...)`" in source.place(Point(after, other, 1))
    gone = Mark("before", "Connection.close", "gone.py", 9)
    assert "gone.py line 9 `Connection.close`" in source.place(Point(after, gone, 1))
