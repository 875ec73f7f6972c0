"""What Java's load generators print, read."""

from __future__ import annotations

import pytest

from labs.javaload import INTERVAL_MS, WARM, Verifiable, _EnoughError, _Pace
from labs.tools import ToolRunner
from labs.waits import StopFlag

LINE = "{} records sent, {} records/sec (0.96 MB/sec), 8.2 ms avg latency, 61.0 ms max latency."
SUM = "600 records sent, 207.18 records/sec (0.83 MB/sec), 14.23 ms avg latency, 27.00 ms max latency, 13 ms 50th, 25 ms 95th."


def pace(wanted: float = 0.0) -> tuple[_Pace, list[float]]:
    rates: list[float] = []
    return _Pace(StopFlag(), 0.5, wanted, rates.append), rates


def feed(watch: _Pace, rate: float, times: int) -> None:
    for _ in range(times):
        watch.line(LINE.format(int(rate * INTERVAL_MS / 1000), rate), "out")


def test_the_first_intervals_warm_up_and_the_rest_counts_until_it_is_enough() -> None:
    watch, rates = pace()
    feed(watch, 10.0, int(WARM / 0.1))
    assert watch.rates == []
    feed(watch, 500.0, 4)
    watch.check()
    feed(watch, 700.0, 2)
    with pytest.raises(_EnoughError):
        watch.check()
    assert watch.rates == [500.0] * 4 + [700.0] * 2
    assert rates[-1] == 700.0


@pytest.mark.parametrize(("rate", "times"), [(100.0, 5), (600.0, 25), (2000.0, 5)])
def test_a_pace_near_the_wanted_one_is_given_more_time(rate: float, times: int) -> None:
    watch, _ = pace(wanted=1000.0)
    feed(watch, rate, int(WARM / 0.1) + times - 1)
    watch.check()
    feed(watch, rate, 2)
    with pytest.raises(_EnoughError):
        watch.check()


def test_the_sum_at_the_end_is_no_interval() -> None:
    watch, rates = pace()
    watch.line(SUM, "out")
    assert rates == []


def test_the_cause_is_told_and_the_stack_is_not() -> None:
    watch, _ = pace()
    for line in (
        'Exception in thread "main" org.apache.kafka.common.KafkaException: Failed to construct kafka producer',
        "\tat org.apache.kafka.clients.producer.KafkaProducer.<init>(KafkaProducer.java:1)",
        "Caused by: org.apache.kafka.common.config.ConfigException: Must set acks to all",
        "[2026-11-23] WARN something",
    ):
        watch.line(line, "err")
    from labs.javaload import _last

    assert _last(watch.errors) == "ConfigException: Must set acks to all"


def test_acknowledgements_and_refusals_are_told_apart() -> None:
    counts: list[int] = []
    load = Verifiable(ToolRunner(""), (), counts.append)
    load._line('{"name":"startup_complete"}', "out")
    for number in range(100):
        load._line(f'{{"name":"producer_send_success","value":"{number}","offset":{number}}}', "out")
    load._line('{"name":"producer_send_error","value":"100","message":"timed out"}', "out")
    load._line("not json", "out")
    assert load.acknowledged == set(range(100))
    assert load.refused == 1
    assert load.error == "timed out"
    assert counts == [100]
