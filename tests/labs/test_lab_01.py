"""Lab 1 on a real broker: any fix that works is right, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs.broker.interface import Cluster
from labs.dirs import Dirs
from labs.errors import KafkaRefused
from tests.labs.lab_world import Bench, bench, fixed_by, not_fixed_by, whole_lab

pytestmark = pytest.mark.broker

RESET = "kafka-consumer-groups --group $GROUP --topic $TOPIC --reset-offsets --execute"
READ_ALL = "kafka-console-consumer --topic $TOPIC --group $GROUP --max-messages 300 --timeout-ms 20000"


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(1, cluster, kafka_dirs) as lab:
        yield lab


@pytest.mark.long
def test_the_whole_lab(cluster: Cluster, kafka_dirs: Dirs) -> None:
    whole_lab(1, cluster, kafka_dirs)


@pytest.mark.long
@pytest.mark.parametrize("how", ["--to-earliest", "--to-offset 0", "--shift-by -100"])
def test_any_way_of_resetting_is_right(lab: Bench, how: str) -> None:
    fixed_by(lab, lambda lab: lab.type(f"{RESET} {how}"))


def test_setting_the_offsets_by_a_program_is_right(lab: Bench) -> None:
    fixed_by(
        lab, lambda lab: lab.kafka.set_committed(lab.name("payment-service"), lab.name("payments"), {0: 0, 1: 0, 2: 0})
    )


@pytest.mark.long
def test_removing_the_groups_offsets_is_right_where_its_policy_is_earliest(lab: Bench) -> None:
    fixed_by(lab, lambda lab: lab.type("kafka-consumer-groups --delete --group $GROUP"))
    fixed_by(lab, lambda lab: lab.type("kafka-consumer-groups --delete-offsets --group $GROUP --topic $TOPIC"))


@pytest.mark.long
def test_a_group_that_went_back_and_has_read_it_all_again_is_right(lab: Bench) -> None:
    """Its committed offsets are at the end, as they were before: only their history tells the difference."""

    def reset_and_read(lab: Bench) -> None:
        lab.type(f"{RESET} --to-earliest")
        lab.type(READ_ALL)

    fixed_by(lab, reset_and_read)
    assert set(lab.kafka.committed(lab.name("payment-service"), lab.name("payments")).values()) == {100}
    with lab.kafka.consumer(lab.name("payment-service")) as member:  # also while a member idles at the end
        member.read_to(lab.name("payments"), lab.kafka.log_end(lab.name("payments")))
        assert lab.failing() == {}


def test_verify_changes_nothing(lab: Bench) -> None:
    lab.run.reset()
    lab.type(f"{RESET} --to-earliest")
    for _ in range(3):
        assert lab.failing() == {}
    assert set(lab.kafka.committed(lab.name("payment-service"), lab.name("payments")).values()) == {0}
    assert not lab.kafka.group(lab.name("payment-service")).active


@pytest.mark.long
def test_what_people_try_first_is_not_right(lab: Bench) -> None:
    earliest = "--command-property auto.offset.reset=earliest --from-beginning"
    restart = f"kafka-console-consumer --topic $TOPIC --group $GROUP {earliest} --timeout-ms 3000"

    lab.run.reset()
    assert "Processed a total of 0 messages" in lab.type(restart)
    for attempt in (
        restart.replace("$GROUP", "$GROUP-v2"),
        f"{RESET.replace(' --execute', '')} --dry-run --to-earliest",
        "kafka-topics --alter --topic $TOPIC --partitions 4",
    ):
        lab.type(attempt)
        assert list(lab.failing()) == ["rereads"], attempt


@pytest.mark.parametrize("how", ["--to-latest", "--to-offset 50"])
def test_going_back_only_in_part_is_not_right(lab: Bench, how: str) -> None:
    found = not_fixed_by(lab, lambda lab: lab.type(f"{RESET} {how}"), ["rereads"])
    at = "100/100/100" if how == "--to-latest" else "50/50/50"
    assert at in found["rereads"].found


def test_going_back_in_one_partition_is_not_right(lab: Bench) -> None:
    one = RESET.replace("$TOPIC", "$TOPIC:1")
    found = not_fixed_by(lab, lambda lab: lab.type(f"{one} --to-earliest"), ["rereads"])
    assert "100/0/100" in found["rereads"].found
    assert "not in every partition" in found["rereads"].hints[0]


def test_an_active_member_is_seen_and_the_reset_refused(lab: Bench) -> None:
    lab.run.reset()
    group, topic = lab.name("payment-service"), lab.name("payments")
    with lab.kafka.consumer(group, auto_offset_reset="earliest") as member:
        member.read_to(topic, lab.kafka.log_end(topic))
        with pytest.raises(KafkaRefused):
            lab.kafka.set_committed(group, topic, {0: 0})
        failing = lab.failing()
        assert sorted(failing) == ["inactive", "rereads"]
        assert "kafka-python" in failing["inactive"].found
        assert "is inactive, but the current state is Stable" in lab.type(f"{RESET} --to-earliest")


def test_a_deleted_topic_is_explained_and_a_reset_brings_it_back(lab: Bench) -> None:
    lab.run.reset()
    lab.type("kafka-topics --delete --topic $TOPIC")
    failing = lab.failing()
    assert list(failing) == ["still-there"]
    assert "reset" in lab.run.hint() + failing["still-there"].hints[2]
    lab.run.reset()
    assert list(lab.failing()) == ["rereads"]


def test_records_deleted_or_added_spoil_the_proof(lab: Bench) -> None:
    lab.run.reset()
    lab.kafka.delete_records(lab.name("payments"), {0: 10})
    assert "290 records" in lab.failing()["records-there"].found
