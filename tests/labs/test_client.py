"""The Kafka client on a real broker: values, faults in words, and calls that can be left."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from labs.broker.interface import Cluster
from labs.client import Kafka
from labs.dirs import Dirs
from labs.errors import KafkaRefused, LabError, LabStopped
from labs.housekeeping import leftovers, remove, sweep
from labs.session_file import Owner, Session, lab_paths, write_session
from labs.values import Out, joined, lag
from labs.waits import Deadline, StopFlag
from tests.labs.witness import eventually

pytestmark = pytest.mark.broker


@pytest.fixture
def flag(cluster: Cluster) -> StopFlag:
    return StopFlag(cluster.failure)


@pytest.fixture
def prefix() -> str:
    return f"kt-0-{secrets.token_hex(4)}"


@pytest.fixture
def kafka(cluster: Cluster, flag: StopFlag, prefix: str) -> Iterator[Kafka]:
    with Kafka(cluster.bootstrap_servers, flag) as kafka:
        yield kafka
    with Kafka(cluster.bootstrap_servers, Deadline(60)) as last:
        assert not remove(last, prefix, Deadline(60))


def numbered(count: int, partitions: int) -> list[Out]:
    return [Out(str(i).encode(), f"k{i}".encode(), i % partitions) for i in range(count)]


def test_what_is_written_is_read(kafka: Kafka, prefix: str) -> None:
    topic = f"{prefix}-t"
    kafka.create_topic(topic, 2, {"retention.ms": "-1"})
    sent = kafka.produce(topic, numbered(10, 2))
    assert sorted((row.partition, row.offset) for row in sent) == [(p, o) for p in range(2) for o in range(5)]
    records = kafka.read_all(topic)
    assert sorted((r.partition, r.offset, r.key_text, r.text) for r in records) == sorted(
        (i % 2, i // 2, f"k{i}", str(i)) for i in range(10)
    )
    assert [r.text for r in kafka.read_all(topic, {0: 3}, {0: 5})] == ["6", "8"]
    assert kafka.config(topic)["retention.ms"] == "-1"
    assert kafka.log_start(topic) == {0: 0, 1: 0}
    assert kafka.log_end(topic) == {0: 5, 1: 5}
    assert all(size > 0 for size in kafka.sizes(topic).values())
    assert kafka.offsets_at(topic, records[0].timestamp_ms) == {0: 0, 1: 0}
    assert kafka.offsets_at(topic, records[0].timestamp_ms + 3_600_000) == {0: 5, 1: 5}


def test_a_group_and_its_members(kafka: Kafka, prefix: str) -> None:
    topic, group = f"{prefix}-t", f"{prefix}-g"
    kafka.create_topic(topic, 3)
    kafka.produce(topic, numbered(9, 3))
    assert not kafka.group(group).exists
    assert kafka.committed(group, topic) == {0: None, 1: None, 2: None}
    with kafka.consumer(group, auto_offset_reset="earliest") as member:
        assert len(member.read_to(topic, kafka.log_end(topic))) == 9
        found = kafka.group(group)
        assert found.active
        assert [m.partitions for m in found.members] == [((topic, 0), (topic, 1), (topic, 2))]
        member.commit()
        with pytest.raises(KafkaRefused) as caught:
            kafka.set_committed(group, topic, {0: 0})
        assert caught.value.error == "UnknownMemberIdError"
        assert kafka.delete_groups([group]) == {group: "NonEmptyGroupError"}
    assert kafka.group(group).state == "Empty"
    kafka.set_committed(group, topic, {0: 1})
    committed = kafka.committed(group, topic)
    assert joined(committed) == "1/3/3"
    assert lag(committed, kafka.log_end(topic), kafka.log_start(topic)) == {0: 2, 1: 0, 2: 0}
    assert kafka.delete_groups([group, f"{prefix}-no"]) == {}


def test_topics_change(kafka: Kafka, prefix: str) -> None:
    topic = f"{prefix}-t"
    kafka.create_topic(topic, 1)
    first = kafka.topic_id(topic)
    kafka.add_partitions(topic, 4)
    assert [partition.id for partition in kafka.partitions(topic)] == [0, 1, 2, 3]
    kafka.set_config(topic, {"segment.ms": "1000"})
    assert kafka.config(topic)["segment.ms"] == "1000"
    kafka.produce(topic, [Out(b"x", partition=0)] * 5)
    kafka.delete_records(topic, {0: 3})
    assert kafka.log_start(topic)[0] == 3
    kafka.delete_topics([topic])
    eventually(lambda: kafka.partitions(topic) == (), "the topic is gone")
    assert kafka.topic_id(topic) == ""
    kafka.delete_topics([topic])
    kafka.create_topic(topic, 1)
    assert kafka.topic_id(topic) != first


def test_faults_have_names_and_words(kafka: Kafka, prefix: str) -> None:
    topic = f"{prefix}-t"
    with pytest.raises(KafkaRefused) as missing:
        kafka.log_end(topic)
    assert missing.value.error == "UnknownTopicOrPartitionError"
    kafka.create_topic(topic)
    with pytest.raises(KafkaRefused) as twice:
        kafka.create_topic(topic)
    assert twice.value.error == "TopicAlreadyExistsError"
    assert "topic already exists" in twice.value.cause
    with pytest.raises(KafkaRefused, match="refused to change"):
        kafka.set_config(topic, {"retention.ms": "soon"})


def test_without_a_policy_an_invalid_offset_is_an_error(kafka: Kafka, prefix: str) -> None:
    topic, group = f"{prefix}-t", f"{prefix}-g"
    kafka.create_topic(topic)
    kafka.produce(topic, [Out(b"x", partition=0)] * 5)
    kafka.set_committed(group, topic, {0: 1})
    kafka.delete_records(topic, {0: 3})
    with pytest.raises(KafkaRefused) as caught:
        kafka.read_group(group, topic, "none")
    assert caught.value.error == "OffsetOutOfRangeError"


def test_transactions_are_committed_aborted_and_fenced(kafka: Kafka, prefix: str) -> None:
    topic, name = f"{prefix}-t", f"{prefix}-tx"
    kafka.create_topic(topic)
    with kafka.producer(transactional_id=name) as first:
        first.begin()
        first.send_all(topic, [Out(b"kept")])
        first.commit()
        first.begin()
        first.send_all(topic, [Out(b"dropped")])
        first.abort()
        with kafka.producer(transactional_id=name) as second:
            second.begin()
            with pytest.raises(KafkaRefused):
                first.begin()
                first.send_all(topic, [Out(b"zombie")])
                first.commit()
            second.abort()
    with kafka.consumer(isolation_level="read_committed") as consumer:
        consumer.assign(topic, {0: 0})
        assert [record.text for record in consumer.read_to(topic, kafka.log_end(topic))] == ["kept"]


def test_a_stop_ends_a_call_in_progress(cluster: Cluster) -> None:
    flag = StopFlag(cluster.failure)
    with Kafka(cluster.bootstrap_servers, flag) as kafka, kafka.consumer() as consumer:
        timer = threading.Timer(0.2, flag.stop)
        timer.start()
        with pytest.raises(LabStopped):
            while True:
                consumer.poll()
        timer.join()
        with pytest.raises(LabStopped):
            kafka.topics()


@pytest.fixture
def mute() -> Iterator[str]:
    """An address where somebody listens and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield "{}:{}".format(*listener.getsockname())


def test_a_cluster_that_does_not_answer_is_given_up_on(mute: str) -> None:
    with Kafka(mute, Deadline(1.0), {"bootstrap_timeout_ms": 2000}) as kafka, pytest.raises(LabError):
        kafka.topics()


def test_a_join_that_the_client_forgot_goes_on(kafka: Kafka, prefix: str) -> None:
    """kafka-python 3.0.12 can lose a join half way; here it is put into that very state."""
    topic, group = f"{prefix}-t", f"{prefix}-g"
    kafka.create_topic(topic, 3)
    kafka.produce(topic, numbered(9, 3))
    with kafka.consumer(group, auto_offset_reset="earliest") as member:
        member.subscribe(topic)
        eventually(
            lambda: (member.poll() == [] and len(member.assignment()) == 3) or bool(member.assignment()), "assigned"
        )

        def forget(client: object) -> None:
            coordinator = client._coordinator  # type: ignore[attr-defined]
            coordinator.rejoining, coordinator.rejoin_needed = True, False
            client._subscription.assign_from_subscribed([])  # type: ignore[attr-defined]

        member._call("forget", forget)
        assert member.assignment() == []
        eventually(lambda: (member.poll(), len(member.assignment()))[1] == 3, "it has its partitions again")


def test_what_a_crash_left_on_a_cluster_is_swept(cluster: Cluster, kafka: Kafka, prefix: str, kafka_dirs: Dirs) -> None:
    """A member whose process is gone and an open transaction, too."""
    topic, group = f"{prefix}-t", f"{prefix}-g"
    kafka.create_topic(topic, 2)
    with (
        kafka.consumer(group, auto_offset_reset="earliest") as member,
        kafka.producer(transactional_id=f"{prefix}-tx") as producer,
    ):
        member.read_to(topic, kafka.log_end(topic))
        producer.begin()
        producer.send_all(topic, [Out(b"x")])
        assert leftovers(kafka, prefix).transactions == (f"{prefix}-tx",)
        session = Session(0, prefix, Owner(1, 0.0), "external", cluster.bootstrap_servers, (), "now")
        write_session(lab_paths(kafka_dirs, 0), session)
        assert not sweep(kafka_dirs, 0)
        assert not leftovers(kafka, prefix)
        assert not lab_paths(kafka_dirs, 0).home.exists()


class BeingUsed(Kafka):
    """Somebody else makes one more topic once the first look for topics is over."""

    late: str = ""

    def delete_topics(self, names: Sequence[str]) -> None:
        super().delete_topics(names)
        late, self.late = self.late, ""
        if late:
            self.create_topic(late)


def test_what_is_still_being_made_is_removed_too(cluster: Cluster, prefix: str, flag: StopFlag) -> None:
    with BeingUsed(cluster.bootstrap_servers, flag) as kafka:
        kafka.create_topic(f"{prefix}-t")
        kafka.late = f"{prefix}-late"
        assert not remove(kafka, prefix, Deadline(60))


def test_a_cluster_that_is_gone_is_named_by_the_sweep(
    mute: str, prefix: str, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labs.housekeeping.SWEEP_SECONDS", 0.5)
    monkeypatch.setattr("labs.client.CONNECT_MS", 2000)
    session = Session(0, prefix, Owner(1, 0.0), "external", mute, (), "now")
    write_session(lab_paths(kafka_dirs, 0), session)
    assert f"{prefix}-* at {mute}" in str(sweep(kafka_dirs, 0))
