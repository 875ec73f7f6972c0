"""From the rows of the Kafka client to our values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labs.errors import KafkaRefused
from labs.values import Member, Partition, Record


def refused(what: str, error: Exception) -> KafkaRefused:
    """A fault of the client, as the project's own."""
    name = type(error).__name__
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Error")).lower()
    return KafkaRefused(f"Kafka refused: {what}", f"It answered: {plain}.", "Type `reset` to begin again.", error=name)


def partition_row(row: Mapping[str, Any]) -> Partition:
    """One partition of a topic description."""
    return Partition(row["partition_index"], row["leader_id"], tuple(row["replica_nodes"]), tuple(row["isr_nodes"]))


def member_row(row: Mapping[str, Any]) -> Member:
    """One member of a group description."""
    parts = (row["member_assignment"] or {}).get("assigned_partitions", [])
    held = sorted((part["topic"], number) for part in parts for number in part["partitions"])
    return Member(row["member_id"], row["client_id"], row["client_host"], tuple(held))


def record_row(row: Any) -> Record:
    """One record of a poll."""
    return Record(row.topic, row.partition, row.offset, row.timestamp, row.key, row.value)


def log_dir_rows(found: Sequence[Mapping[str, Any]], topic: str) -> list[Mapping[str, Any]]:
    """The partitions of a topic in a description of the log directories, one row a replica."""
    folders = [folder for broker in found for folder in broker["log_dirs"]]
    entries = [entry for folder in folders for entry in folder["topics"] if entry["name"] == topic]
    return [row for entry in entries for row in entry["partitions"]]


def held_rows(partitions: Iterable[Any]) -> list[tuple[str, int]]:
    """(topic, partition) of each, sorted."""
    return sorted((tp.topic, tp.partition) for tp in partitions)


def ongoing_rows(found: Mapping[Any, Sequence[Any]], prefix: str) -> dict[str, str]:
    """Transactional ids that start with the prefix, and their state, from the listings of all brokers."""
    rows = [row for listings in found.values() for row in listings]
    return {row.transactional_id: row.state.value for row in rows if row.transactional_id.startswith(prefix)}
