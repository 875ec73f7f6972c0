"""Producer settings as learners write them."""

from __future__ import annotations

import pytest
from kafka import codec as kafka_codec

from labs import handouts
from labs.properties import CODECS, durable, parse


def test_java_s_ways_of_writing_a_line() -> None:
    text = "# a comment\n! another\n\n  acks = all\nlinger.ms:20\nbatch.size 65536\ncompression.type=l\\\n   z4\n"
    found = parse(text)
    assert found.faults == ()
    assert found.values == {"acks": "all", "linger.ms": "20", "batch.size": "65536", "compression.type": "lz4"}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("batchsize=1", "line 1: `batchsize` is no setting of a producer; did you mean batch.size?"),
        ("what is this", "`what` is no setting"),
        ("linger.ms=20ms", "linger.ms must be a whole number, without a unit, not `20ms`"),
        ("linger.ms=-1", "at least 0"),
        ("batch.size=99999999999", "at most 2,147,483,647"),
        ("acks=2", "acks must be one of all, -1, 0, 1, not `2`"),
        ("acks=", "not ``"),
        ("compression.type=zip", "one of none, gzip, snappy, lz4, zstd"),
        ("enable.idempotence=yes", "true or false"),
        ("bootstrap.servers=elsewhere:9092", "set by the load itself"),
        ("=", "is no setting"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(line: str, complaint: str) -> None:
    (fault,) = parse(line).faults
    assert complaint in fault
    assert fault.startswith("line 1: ")


def test_a_setting_twice_is_a_fault_and_the_last_counts() -> None:
    found = parse("acks=all\n# why\nacks=1\n")
    assert found.values == {"acks": "1"}
    assert found.faults == ("line 3: acks is set a second time; keep one of the two lines",)


@pytest.mark.parametrize(
    ("values", "yes"), [({}, True), ({"acks": "-1"}, True), ({"acks": "1"}, False), ({"acks": "0"}, False)]
)
def test_durable_is_what_waits_for_the_replicas_in_sync(values: dict[str, str], yes: bool) -> None:
    assert durable(values) is yes


def test_nothing_is_nothing() -> None:
    assert parse("").values == {}
    assert parse("\\").values == {}
    assert parse("\x00\x01").faults


@pytest.mark.parametrize("name", ["producer.properties", "reference/producer.properties"])
def test_the_handouts_are_good(name: str) -> None:
    found = parse(handouts.text(7, name))
    assert found.faults == ()
    assert durable(found.values)


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != "none"])
def test_what_any_codec_has_packed_can_be_read_back(codec: str) -> None:
    assert getattr(kafka_codec, f"has_{codec}")()
