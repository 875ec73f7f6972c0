"""What a cluster of the learner's own lets labs do: asked of the cluster, with one topic and one group that go at once."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from labs.broker.capabilities import NAMES, OFFSETS_TOPIC, PREFIX, Capabilities, Right
from labs.broker.interface import Node
from labs.client import Kafka
from labs.errors import KafkaRefused

TRANSACTIONS_TOPIC = "__transaction_state"
SETTLE = 5.0
"""Seconds in which a new topic must have become known."""
_TOPIC = ("Delete", "Describe", "Read", "Write", "Alter", "DescribeConfigs", "AlterConfigs")
"""Rights that a topic tells of."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a probe has found out."""

    capabilities: Capabilities
    nodes: tuple[Node, ...]
    left: str = ""
    """The name of a topic or group that could be made and not be removed."""


def probe(kafka: Kafka, secured: bool) -> Found:
    """Ask. Raises KafkaRefused where not even the brokers are told."""
    nodes, allowed, version = kafka.use("describe the cluster", _cluster)
    rights = _Rights(kafka, f"{PREFIX}-probe-{secrets.token_hex(4)}")
    left = rights.look()
    settings = rights.settings(nodes)
    rights.of_cluster(allowed)
    found = Capabilities(version, len(nodes), False, settings, False, tuple(rights.missing), secured)
    return Found(found, nodes, left)


def _cluster(admin: Any) -> tuple[tuple[Node, ...], list[str] | None, str]:
    row = admin.describe_cluster()
    nodes = (
        Node(broker["broker_id"], broker["host"], broker["port"], None, None, None)
        for broker in row["brokers"]
        if not broker.get("is_fenced", False)
    )
    allowed = row.get("cluster_authorized_operations", row.get("authorized_operations"))
    version = ".".join(map(str, admin._manager.broker_version or ()))
    return tuple(sorted(nodes, key=lambda node: node.id)), allowed, version


class _Rights:
    """Tries what labs do, under a name of its own, and takes down what is refused."""

    def __init__(self, kafka: Kafka, name: str) -> None:
        self._kafka = kafka
        self._name = name
        self._found: dict[Right, None] = {}

    @property
    def missing(self) -> Iterable[Right]:
        """What is not there, each once."""
        return self._found

    def look(self) -> str:
        """Try everything; the name of what could not be removed, or nothing."""
        made = self._try(Right("Create", "topic", NAMES), self._create)
        try:
            if made:
                self._of_topic()
            self._of_group()
            self._of_transactions()
            self._of_offsets_topic()
        finally:
            left = made and not self._remove()
        return self._name if left else ""

    def settings(self, nodes: tuple[Node, ...]) -> dict[str, str] | None:
        """What the brokers are set to; None where they do not tell."""
        found: list[dict[str, str]] = []
        right = Right("DescribeConfigs", "cluster")
        if nodes:
            self._try(right, lambda: found.append(self._kafka.config(str(nodes[0].id), "broker")))
        if found and not found[0]:  # the client hands out an empty answer instead of the refusal in it
            self._miss(right)
        return (found and found[0]) or None

    def of_cluster(self, allowed: list[str] | None) -> None:
        """What the cluster's own description says."""
        if allowed is not None and "DESCRIBE" not in allowed:
            self._miss(Right("Describe", "cluster"))

    # --- one by one --------------------------------------------------------------------------------------------------

    def _create(self) -> None:
        row = {"num_partitions": 1, "replication_factor": -1, "configs": {}}
        self._kafka.use("create a topic", lambda admin: admin.create_topics({self._name: row}))

    def _of_topic(self) -> None:
        if not self._try(Right("Describe", "topic", NAMES), self._wait_for_topic):
            return
        allowed = self._described(self._name).get("authorized_operations")
        for operation in _TOPIC:
            if allowed is not None and _constant(operation) not in allowed:
                self._miss(Right(operation, "topic", NAMES))

    def _wait_for_topic(self) -> None:
        end = time.monotonic() + SETTLE
        while code := self._described(self._name)["error_code"]:
            if code == 29:  # TOPIC_AUTHORIZATION_FAILED
                raise KafkaRefused("describe a topic", error="TopicAuthorizationFailedError")
            if time.monotonic() > end:
                raise KafkaRefused("describe a topic", "It did not become known.", error="UnknownTopicOrPartitionError")
            time.sleep(0.02)

    def _described(self, topic: str) -> dict[str, Any]:
        found = self._kafka.use(f"describe {topic}", lambda admin: admin.describe_topics([topic]))
        row: dict[str, Any] = found[0]
        return row

    def _of_group(self) -> None:
        def commit() -> None:
            with _but("TopicAuthorizationFailedError", "UnknownTopicOrPartitionError"):
                self._kafka.set_committed(self._name, self._name, {0: 0})

        group = [self._name]
        self._try(Right("Read", "group", NAMES), commit)
        self._try(Right("Describe", "group", NAMES), lambda: self._kafka.use("describe", _describes(group)))
        self._try(Right("Delete", "group", NAMES), lambda: _authorized(self._kafka.delete_groups(group)))

    def _of_transactions(self) -> None:
        def describe(admin: Any) -> None:
            admin.describe_transactions([self._name])

        if self._described(TRANSACTIONS_TOPIC)["error_code"] == 3:  # UNKNOWN_TOPIC: the question would make it
            return
        right = Right("Write", "transactional-id", NAMES)
        with _but("TransactionalIdNotFoundError"):
            self._try(right, lambda: self._kafka.use("describe a transaction", describe))

    def _of_offsets_topic(self) -> None:
        row = self._described(OFFSETS_TOPIC)
        allowed = row.get("authorized_operations")
        if row["error_code"] == 29 or (not row["error_code"] and allowed is not None and "READ" not in allowed):
            self._miss(Right("Read", "topic", OFFSETS_TOPIC))

    def _remove(self) -> bool:
        right = Right("Delete", "topic", NAMES)
        if right in self._found:
            return False
        return self._try(
            right, lambda: self._kafka.use("delete a topic", lambda admin: admin.delete_topics([self._name]))
        )

    def _try(self, right: Right, job: Callable[[], object]) -> bool:
        """Whether the job is allowed. Raises KafkaRefused where it fails for another reason."""
        try:
            job()
        except KafkaRefused as error:
            if "Authorization" not in error.error:
                raise
            self._miss(right)
            return False
        return True

    def _miss(self, right: Right) -> None:
        self._found[right] = None


def _describes(group: list[str]) -> Callable[[Any], object]:
    def job(admin: Any) -> object:
        return admin.describe_groups(group)

    return job


def _authorized(refused: dict[str, str]) -> None:
    for answer in refused.values():
        if "Authorization" in answer:
            raise KafkaRefused("delete a group", error=answer)


@contextlib.contextmanager
def _but(*errors: str) -> Any:
    """Let these answers pass: they say nothing about rights."""
    try:
        yield
    except KafkaRefused as error:
        if error.error not in errors:
            raise


def _constant(operation: str) -> str:
    """`DESCRIBE_CONFIGS` of `DescribeConfigs`."""
    return "".join(f"_{char}" if char.isupper() and at else char for at, char in enumerate(operation)).upper()
