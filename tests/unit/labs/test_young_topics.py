"""A topic that was just made: some of several brokers have not heard of it yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labs.client import Kafka
from labs.waits import Deadline

ROW = {"partition_index": 0, "leader_id": 1, "replica_nodes": [1], "isr_nodes": [1], "error_code": 0}
KNOWN = {"error_code": 0, "partitions": [ROW]}
UNKNOWN = {"error_code": 3, "partitions": []}


class Brokers(Kafka):
    """Answers one after the other, each from another broker; the last one from then on."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        super().__init__("127.0.0.1:1", Deadline(30))
        self.answers = list(answers)
        self.asked = 0

    def _call(self, what: str, _job: Callable[[Any], Any]) -> Any:
        if not what.startswith("describe"):
            return None
        self.asked += 1
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


def test_a_topic_that_was_just_made_is_asked_for_again() -> None:
    kafka = Brokers(UNKNOWN, UNKNOWN, KNOWN)
    kafka.create_topic("orders")
    assert [row.id for row in kafka.partitions("orders")] == [0]
    assert kafka.asked == 3


def test_a_topic_that_nobody_made_here_is_unknown_at_once() -> None:
    kafka = Brokers(UNKNOWN, KNOWN)
    assert kafka.partitions("orders") == ()
    assert kafka.asked == 1


def test_a_topic_that_was_deleted_here_is_unknown_at_once() -> None:
    kafka = Brokers(UNKNOWN, KNOWN)
    kafka.create_topic("orders")
    kafka.delete_topics(["orders"])
    assert kafka.partitions("orders") == ()
    assert kafka.asked == 1
