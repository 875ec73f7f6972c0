"""When orders are out of order, and when nothing but luck keeps them."""

from labs.commit_log import Commit
from labs.ordering import Event, event_of, events_of, handled_at, lines, out_of_order, outgoing, overtakings, timeline
from labs.values import Record


def event(order: str, stage: int, partition: int = 0, offset: int = 0, at: int = 0) -> Event:
    return Event(order, stage, "orders", partition, offset, at)


def test_timeline_runs_in_waves() -> None:
    assert timeline(["a", "b", "c"], (0, 1), 2) == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("c", 0), ("c", 1)]


def test_records_and_lines_carry_the_same_values() -> None:
    happened = timeline(["a", "b"], (0, 3), 2)
    records = outgoing(happened, key=True)
    assert lines(happened) == "".join(f"{r.key.decode()}\t{r.value.decode()}\n" for r in records if r.key and r.value)
    assert all(out.key is None for out in outgoing(happened, key=False))


def test_an_event_comes_back_from_its_record() -> None:
    out = outgoing([("a", 2)], key=True)[0]
    assert event_of(Record("t", 3, 7, 99, out.key, out.value)) == Event("a", 2, "t", 3, 7, 99)


def test_records_that_hold_no_event_are_passed_over() -> None:
    values = [None, b"", b"x", b"{}", b"[]", b'{"order": 1, "event": "lost"}', b'{"event": "paid"}', b"\xff"]
    assert events_of(Record("t", 0, i, 0, None, value) for i, value in enumerate(values)) == []


def test_out_of_order_is_a_later_stage_before_an_earlier_one() -> None:
    handled = [event("a", 0), event("b", 1), event("a", 1), event("b", 0), event("c", 2), event("c", 2)]
    assert out_of_order(handled) == {"b"}


def test_one_partition_needs_no_commit() -> None:
    assert overtakings([event("a", 0, 1, 0), event("a", 1, 1, 9)], []) == []


def test_one_partition_written_the_wrong_way_round() -> None:
    assert len(overtakings([event("a", 0, 1, 9), event("a", 1, 1, 0)], [])) == 1


def test_across_partitions_the_earlier_one_must_be_handled_before_the_later_one_is_written() -> None:
    events = [event("a", 0, 0, offset=4, at=10), event("a", 1, 3, offset=0, at=50)]
    assert overtakings(events, [Commit("orders", 0, 5, 50)]) == []
    assert overtakings(events, [Commit("orders", 0, 5, 40)]) == []
    late = overtakings(events, [Commit("orders", 0, 5, 51)])
    assert [pair.handled_ms for pair in late] == [51]
    never = overtakings(events, [Commit("orders", 0, 4, 20), Commit("orders", 1, 9, 20), Commit("orders", 0, None, 20)])
    assert [pair.handled_ms for pair in never] == [None]


def test_another_topic_is_another_place() -> None:
    events = [event("a", 0, 0, 0, 10), Event("a", 1, "orders-v2", 0, 5, 20)]
    assert len(overtakings(events, [])) == 1
    assert overtakings(events, [Commit("orders", 0, 1, 15)]) == []


def test_the_first_commit_beyond_an_event_counts() -> None:
    commits = [
        Commit("orders", 0, 3, 10),
        Commit("orders", 0, 8, 20),
        Commit("orders", 0, 0, 30),
        Commit("orders", 0, 9, 40),
    ]
    assert handled_at(event("a", 0, 0, offset=5), commits) == 20
