"""Lab 5 on a real broker: a plan that guarantees the order is right, whichever it is; luck is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs.broker.interface import Cluster
from labs.dirs import Dirs
from tests.labs.lab_world import Bench, bench, fixed_by, not_fixed_by, whole_lab

pytestmark = pytest.mark.broker

HANDLE = "kafka-console-consumer --topic $TOPIC --group $GROUP --max-messages 120 --timeout-ms 20000"
GROW = "kafka-topics --alter --topic $TOPIC --partitions 6"
WRITE = "kafka-console-producer --topic $TOPIC --reader-property parse.key=true < rest.txt"


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(5, cluster, kafka_dirs) as lab:
        yield lab


def commands(*lines: str) -> object:
    def run(lab: Bench) -> None:
        for line in lines:
            lab.type(line)

    return run


@pytest.mark.long
def test_the_whole_lab(cluster: Cluster, kafka_dirs: Dirs) -> None:
    whole_lab(5, cluster, kafka_dirs)


@pytest.mark.long
def test_handling_first_then_growing_then_writing_is_right(lab: Bench) -> None:
    fixed_by(lab, commands(HANDLE, GROW, WRITE))  # type: ignore[arg-type]


@pytest.mark.long
def test_writing_all_before_growing_is_right_too(lab: Bench) -> None:
    fixed_by(lab, commands(WRITE, GROW))  # type: ignore[arg-type]


@pytest.mark.long
def test_going_on_in_a_new_topic_is_right_once_the_old_one_is_handled(lab: Bench) -> None:
    create = "kafka-topics --create --topic ${TOPIC}-v2 --partitions 6"
    write = WRITE.replace("$TOPIC", "${TOPIC}-v2")
    fixed_by(lab, commands(HANDLE, create, write))  # type: ignore[arg-type]
    found = not_fixed_by(lab, commands(create, write), ["order-kept"])  # type: ignore[arg-type]
    assert found["order-kept"].found.startswith("60 orders")


def test_growing_under_way_is_not_right(lab: Bench) -> None:
    found = not_fixed_by(lab, commands(GROW, WRITE), ["order-kept"])  # type: ignore[arg-type]
    assert found["order-kept"].found.startswith("30 orders")
    assert "is not handled yet" in found["order-kept"].hints[1]


@pytest.mark.long
def test_handling_it_afterwards_does_not_help(lab: Bench) -> None:
    handle_all = HANDLE.replace("120", "240")  # half of them could be any half
    found = not_fixed_by(lab, commands(GROW, WRITE, handle_all), ["order-kept"])  # type: ignore[arg-type]
    assert "was handled at" in found["order-kept"].hints[1]


@pytest.mark.long
def test_handling_by_another_group_does_not_count(lab: Bench) -> None:
    other = HANDLE.replace("$GROUP", "$GROUP-test --from-beginning")
    not_fixed_by(lab, commands(other, GROW, WRITE), ["order-kept"])  # type: ignore[arg-type]


@pytest.mark.long
def test_one_step_alone_is_not_right(lab: Bench) -> None:
    not_fixed_by(lab, commands(HANDLE), ["complete", "partitions"])  # type: ignore[arg-type]
    not_fixed_by(lab, commands(GROW), ["complete"])  # type: ignore[arg-type]
    not_fixed_by(lab, commands(WRITE), ["partitions"])  # type: ignore[arg-type]


@pytest.mark.long
def test_writing_twice_is_seen(lab: Bench) -> None:
    found = not_fixed_by(lab, commands(HANDLE, GROW, WRITE, WRITE), ["complete", "order-kept"])  # type: ignore[arg-type]
    assert "120 of them more than once" in found["complete"].found


def test_writing_without_keys_is_seen(lab: Bench) -> None:
    lab.run.reset()
    rest = (lab.run.context.workspace / "rest.txt").read_text(encoding="utf-8")
    values = "".join(f"{line.partition(chr(9))[2]}\n" for line in rest.splitlines())
    (lab.run.context.workspace / "bare.txt").write_text(values, encoding="utf-8")
    lab.type(GROW)
    lab.type("kafka-console-producer --topic $TOPIC < bare.txt")
    assert "order-kept" in lab.failing()
