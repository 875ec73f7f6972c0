"""The Kafka client, typed: the only module that imports `kafka`.

Every call blocks on a thread of its own (`labs.waits.Worker`), so that a stop or the death of the broker ends it at once.
Faults of the client come out as `KafkaRefused`.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import kafka
from kafka import ConsumerRebalanceListener, TopicPartition, errors
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec, OffsetTimestamp
from kafka.net.sasl.oauth import AbstractTokenProvider
from kafka.structs import OffsetAndMetadata

from labs.broker.interface import Cluster
from labs.client_rows import held_rows, log_dir_rows, member_row, ongoing_rows, partition_row, record_row, refused
from labs.connected import Connected, Faults
from labs.contract import StopToken
from labs.errors import KafkaRefused, LabError
from labs.oauth import with_provider
from labs.quirks import construct, resume_join
from labs.values import Group, Offsets, Out, Partition, Rebalances, Record, Sent
from labs.waits import SLICE, wait_until

CONNECT_MS = 10_000
POLL_MS = 50
"""How long one poll waits at the broker: also the longest that a stop has to wait for it."""
FAULTS = Faults(
    errors.KafkaError,
    transient=(
        errors.CoordinatorNotAvailableError,  # a fresh broker is still making __consumer_offsets
        errors.CoordinatorLoadInProgressError,
        errors.NotCoordinatorError,
        errors.NotLeaderForPartitionError,
        errors.LeaderNotAvailableError,
        errors.NotControllerError,
        errors.NodeNotReadyError,
        errors.UnknownBrokerIdError,  # the node it talked to has died and left the metadata
        errors.KafkaConnectionError,
        errors.RequestTimedOutError,
        errors.KafkaTimeoutError,
    ),
)
PATIENCE = 20.0
"""Seconds in which an admin call is repeated after a fault that passes."""
YOUNG = 5.0
"""Seconds after its making in which a topic may be unknown to some of several brokers."""
STALLED = 60.0
"""Seconds without a record after which a reader gives up."""


class Kafka(Connected):
    """Admin calls, and what is made of them. Raises KafkaRefused, LabStopped, BrokerDied."""

    def __init__(self, bootstrap_servers: str, stop: StopToken, options: Mapping[str, Any] | None = None) -> None:
        self.bootstrap_servers = bootstrap_servers
        self._options = {
            "bootstrap_servers": bootstrap_servers.split(","),
            "bootstrap_timeout_ms": CONNECT_MS,
            **with_provider(options or {}, AbstractTokenProvider),
        }
        self._made: dict[str, float] = {}
        make = functools.partial(construct, kafka.KafkaAdminClient, self._options)
        super().__init__("kafka-admin", stop, FAULTS, make, lambda admin: admin.close(), PATIENCE)

    @classmethod
    def at(cls, cluster: Cluster, stop: StopToken) -> Self:
        """A client of that cluster, let in with what it asks for."""
        return cls(cluster.bootstrap_servers, stop, cluster.access.client)

    # --- topics ------------------------------------------------------------------------------------------------------

    def create_topic(
        self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None, replication: int = -1
    ) -> None:
        """Create a topic and wait until every partition has a leader. `replication` -1: the broker's default."""
        self.create_topics([name], partitions, configs, replication)

    def create_topics(
        self, names: Sequence[str], partitions: int = 1, configs: Mapping[str, str] | None = None, replication: int = -1
    ) -> None:
        """Create several topics that are alike, in one call."""
        row = {"num_partitions": partitions, "replication_factor": replication, "configs": dict(configs or {})}
        self._create(dict.fromkeys(names, row))

    def create_topic_on(self, name: str, assignments: Mapping[int, Sequence[int]]) -> None:
        """Create a topic with its replicas where you say: partition → node ids, the first of them leads."""
        self._create({name: {"assignments": {partition: list(nodes) for partition, nodes in assignments.items()}}})

    def _create(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        self._call(
            f"create topic {', '.join(rows)}", lambda admin: admin.create_topics(dict(rows), wait_for_metadata=True)
        )
        self._made.update(dict.fromkeys(rows, time.monotonic()))

    def topics(self, prefix: str = "") -> list[str]:
        """Names of the topics that start with the prefix, sorted."""
        return sorted(name for name in self._call("list topics", lambda a: a.list_topics()) if name.startswith(prefix))

    def topic_id(self, topic: str) -> str:
        """The id that a topic keeps for its life; empty where there is no such topic."""
        return next((str(entry["topic_id"]) for entry in self._describe(topic)), "")

    def partitions(self, topic: str) -> tuple[Partition, ...]:
        """The partitions of a topic, by number; none where there is no such topic."""
        rows = [row for entry in self._describe(topic) for row in entry["partitions"]]
        return tuple(sorted(map(partition_row, rows), key=lambda partition: partition.id))

    def _describe(self, topic: str) -> list[Mapping[str, Any]]:
        while True:
            found = self._call(f"describe topic {topic}", lambda admin: admin.describe_topics([topic]))
            known = [entry for entry in found if not entry["error_code"]]
            if known or time.monotonic() - self._made.get(topic, -YOUNG) >= YOUNG:
                return known
            self._stop.wait(SLICE)  # each call asks some broker, and not every one has heard of the topic yet

    def add_partitions(self, topic: str, total: int) -> None:
        """Raise the number of partitions, and wait until the new ones have leaders."""
        self._call(f"add partitions to {topic}", lambda admin: admin.create_partitions({topic: total}))
        wait_until(lambda: self._all_led(topic, total), self._stop, 15.0, f"the new partitions of {topic}")

    def _all_led(self, topic: str, total: int) -> bool:
        rows = self.partitions(topic)
        return len(rows) == total and all(row.leader >= 0 for row in rows)

    def delete_topics(self, names: Sequence[str]) -> None:
        """Delete topics; those that are gone already are fine."""
        for name in names:
            self._made.pop(name, None)
        if names:
            self._call("delete topics", lambda admin: admin.delete_topics(list(names), raise_errors=False))

    def config(self, name: str, kind: str = "topic") -> dict[str, str]:
        """Every setting of a topic (or a `broker`), defaults included."""
        resource, what = ConfigResource(ConfigResourceType[kind.upper()], name), f"describe the settings of {name}"
        found = self._call(what, lambda admin: admin.describe_configs([resource], config_filter="all"))
        return {key: row["value"] or "" for key, row in found[kind][name].items()}

    def set_config(self, name: str, settings: Mapping[str, str | None], kind: str = "topic") -> None:
        """Change settings of a topic (or a `group`); None takes one back. The others stay."""
        wanted = {key: ("DELETE", None) if value is None else value for key, value in settings.items()}
        resource = ConfigResource(ConfigResourceType[kind.upper()], name, wanted)
        found = self._call(f"change the settings of {name}", lambda admin: admin.alter_configs([resource]))
        if (answer := found[kind][name]) != "OK":
            raise KafkaRefused(f"Kafka refused to change {name}", answer, error="InvalidConfigurationError")

    # --- offsets -----------------------------------------------------------------------------------------------------

    def log_start(self, topic: str) -> dict[int, int]:
        """The first offset that can be read, per partition."""
        return self._offsets(topic, OffsetSpec.EARLIEST)

    def log_end(self, topic: str, isolation: str = "read_uncommitted") -> dict[int, int]:
        """The offset that the next record gets, per partition; with `read_committed`: where an open transaction begins."""
        return self._offsets(topic, OffsetSpec.LATEST, isolation)

    def offsets_at(self, topic: str, timestamp_ms: int) -> dict[int, int]:
        """The first offset written at or after a time, per partition; the log end where there is none."""
        ends = self.log_end(topic)
        found = self._offsets(topic, OffsetTimestamp(timestamp_ms))
        return {p: found[p] if found[p] >= 0 else ends[p] for p in ends}

    def _offsets(self, topic: str, spec: Any, isolation: str = "read_uncommitted") -> dict[int, int]:
        specs = {TopicPartition(topic, row.id): spec for row in self.partitions(topic)}
        what = f"read the offsets of {topic}"
        if not specs:
            raise refused(what, errors.UnknownTopicOrPartitionError(topic))
        found = self._call(what, lambda admin: admin.list_partition_offsets(specs, isolation))
        return {tp.partition: found[tp].offset for tp in sorted(found)}

    def delete_records(self, topic: str, before: Offsets) -> None:
        """Move the log start: records below the given offsets can no longer be read."""
        wanted = {TopicPartition(topic, p): offset for p, offset in before.items()}
        self._call(f"delete records of {topic}", lambda admin: admin.delete_records(wanted))

    def sizes(self, topic: str) -> dict[int, int]:
        """Bytes of the log on disk, per partition, on the leader or wherever it is largest."""
        found = self._call("describe log directories", lambda admin: admin.describe_log_dirs([topic]))
        sizes: dict[int, int] = {}
        for row in log_dir_rows(found, topic):
            sizes[row["partition_index"]] = max(row["partition_size"], sizes.get(row["partition_index"], 0))
        return dict(sorted(sizes.items()))

    # --- groups ------------------------------------------------------------------------------------------------------

    def groups(self, prefix: str = "") -> dict[str, Group]:
        """The groups whose names start with the prefix, without their members."""
        rows = self._call("list groups", lambda admin: admin.list_groups())
        found = {row["group_id"]: Group(row["group_id"], row["group_state"], row["group_type"].lower()) for row in rows}
        return {name: found[name] for name in sorted(found) if name.startswith(prefix)}

    def group(self, name: str) -> Group:
        """One group with its members; its state is `Dead` where it does not exist."""
        listed = self.groups(name).get(name)
        if listed is None or listed.protocol != "classic":
            return listed or Group(name, "Dead", "classic")
        row = self._call(f"describe group {name}", lambda admin: admin.describe_groups([name])[name])
        return Group(name, row["group_state"], "classic", tuple(map(member_row, row["members"])))

    def committed(self, group: str, topic: str) -> dict[int, int | None]:
        """Committed offsets per partition of the topic; None where the group has none."""
        found = self._call(f"read the offsets of group {group}", lambda admin: admin.list_group_offsets({group: None}))
        at = {tp.partition: row.offset for tp, row in found[group].items() if tp.topic == topic and row.offset >= 0}
        return {partition.id: at.get(partition.id) for partition in self.partitions(topic)}

    def set_committed(self, group: str, topic: str, offsets: Offsets) -> None:
        """Commit for a group from outside. Raises KafkaRefused (`UnknownMemberIdError`) while it has members."""
        wanted = {TopicPartition(topic, p): OffsetAndMetadata(offset, "", -1) for p, offset in offsets.items()}

        def job(admin: Any) -> None:
            for error in admin.alter_group_offsets(group, wanted).values():
                if error.errno:
                    raise error

        self._call(f"set the offsets of group {group}", job)

    def delete_groups(self, names: Sequence[str]) -> dict[str, str]:
        """Delete groups; returns those that stayed and why (`NonEmptyGroupError` …). Missing ones are fine."""
        found = self._call("delete groups", lambda admin: admin.delete_groups(list(names))) if names else {}
        return {name: answer for name, answer in found.items() if answer not in ("OK", "GroupIdNotFoundError")}

    def evict(self, group: str) -> None:
        """Remove every member, also those whose process is gone and whose session still lasts."""
        gone = [kafka.admin.MemberToRemove(member_id=member.id) for member in self.group(group).members]
        if gone:
            self._call(f"remove the members of {group}", lambda admin: admin.remove_group_members(group, gone))

    def transactions(self, prefix: str) -> dict[str, str]:
        """Transactional ids that start with the prefix, and their state (`Ongoing`, `CompleteCommit` …)."""
        return ongoing_rows(self._call("list transactions", lambda admin: admin.list_transactions()), prefix)

    # --- reading and writing -----------------------------------------------------------------------------------------

    def producer(self, **settings: Any) -> Producer:
        """A producer; settings as kafka-python names them. Close it, or use it in a `with`."""
        return Producer({**self._options, **settings}, self._stop)

    def consumer(self, group: str | None = None, rebalances: Rebalances | None = None, **settings: Any) -> Consumer:
        """A consumer; settings as kafka-python names them. Close it, or use it in a `with`."""
        base = {"enable_auto_commit": False, "fetch_max_wait_ms": POLL_MS, "heartbeat_interval_ms": 200}
        return Consumer({**self._options, **base, "group_id": group, **settings}, self._stop, rebalances)

    def produce(self, topic: str, records: Iterable[Out], **settings: Any) -> list[Sent]:
        """Write records with a producer of their own, and wait for the acknowledgements."""
        with self.producer(**settings) as producer:
            return producer.send_all(topic, records)

    def read_group(
        self,
        group: str,
        topic: str,
        reset: str,
        on_records: Callable[[Sequence[Record]], None] = lambda _: None,
        *,
        commit: bool = True,
    ) -> list[Record]:
        """Start a member of a group, read to the end of the topic as it is now, leave. `reset`: auto.offset.reset."""
        with self.consumer(group, auto_offset_reset=reset) as consumer:
            records = consumer.read_to(topic, self.log_end(topic), on_records)
            if commit:
                consumer.commit()
            return records

    def read_all(self, topic: str, start: Offsets | None = None, end: Offsets | None = None) -> list[Record]:
        """Read a topic without any group, from its start to its end as it is now. In order within each partition."""
        end = dict(end or self.log_end(topic))
        start = {**self.log_start(topic), **(start or {})}
        with self.consumer() as consumer:
            consumer.assign(topic, {p: start[p] for p in end})
            return consumer.read_to(topic, end)


class Producer(Connected):
    """A producer on a thread of its own."""

    def __init__(self, settings: Mapping[str, Any], stop: StopToken) -> None:
        make = functools.partial(construct, kafka.KafkaProducer, settings)
        super().__init__("kafka-producer", stop, FAULTS, make, lambda producer: producer.close(timeout=1))

    def send_all(self, topic: str, records: Iterable[Out]) -> list[Sent]:
        """Send records, flush, and return where each went."""

        def job(producer: Any) -> list[Sent]:
            futures = [producer.send(topic, value=r.value, key=r.key, partition=r.partition) for r in records]
            producer.flush()
            return [Sent(meta.partition, meta.offset) for meta in (future.get(timeout=30) for future in futures)]

        return self._call(f"write to {topic}", job)

    def metrics(self) -> dict[str, float]:
        """The `producer-metrics`: `records-per-request-avg`, `batch-size-avg` …"""
        return dict(self._call("read the producer's metrics", lambda p: p.metrics()).get("producer-metrics", {}))

    def begin(self) -> None:
        """Begin a transaction; the first call registers the transactional id and fences older producers of it."""

        def job(producer: Any) -> None:
            if not getattr(producer, "_tutor_registered", False):
                producer.init_transactions()
                producer._tutor_registered = True
            producer.begin_transaction()

        self._call("begin a transaction", job)

    def commit(self) -> None:
        """Commit the transaction."""
        self._call("commit the transaction", lambda producer: producer.commit_transaction())

    def abort(self) -> None:
        """Abort the transaction."""
        self._call("abort the transaction", lambda producer: producer.abort_transaction())


class Consumer(Connected):
    """A consumer on a thread of its own."""

    def __init__(self, settings: Mapping[str, Any], stop: StopToken, rebalances: Rebalances | None) -> None:
        self._listener = None if rebalances is None else _listener(rebalances)
        make = functools.partial(construct, kafka.KafkaConsumer, settings)
        super().__init__("kafka-consumer", stop, FAULTS, make, lambda c: c.close(autocommit=False, timeout_ms=1500))

    def subscribe(self, *topics: str) -> None:
        """Join the group for these topics; members get their partitions while they poll."""

        def job(consumer: Any) -> None:
            consumer.subscribe(topics=list(topics), listener=self._listener)
            for topic in topics:  # known before the first join, or the client joins a second time to make up for it
                consumer.partitions_for_topic(topic)

        self._call("subscribe", job)

    def assign(self, topic: str, start: Offsets) -> None:
        """Read these partitions from these offsets, without a group's assignment."""

        def job(consumer: Any) -> None:
            consumer.assign([TopicPartition(topic, p) for p in start])
            for p, offset in start.items():
                consumer.seek(TopicPartition(topic, p), offset)

        self._call(f"read {topic}", job)

    def poll(self, max_records: int | None = None) -> list[Record]:
        """What is there within POLL_MS, in the order in which the client hands it out."""

        def job(consumer: Any) -> list[Record]:
            resume_join(consumer)
            found = consumer.poll(timeout_ms=POLL_MS, max_records=max_records)
            return [record_row(row) for rows in found.values() for row in rows]

        return self._call("poll", job)

    def assignment(self) -> list[tuple[str, int]]:
        """(topic, partition) of all that it holds, sorted."""
        return held_rows(self._call("assignment", lambda c: c.assignment()))

    def positions(self, topic: str) -> dict[int, int]:
        """The offset it reads next, per partition that it holds and whose position is settled."""

        def job(consumer: Any) -> dict[int, int]:
            held = [tp for tp in consumer.assignment() if tp.topic == topic]
            found = {tp.partition: consumer.position(tp, timeout_ms=POLL_MS) for tp in held}
            return {p: offset for p, offset in found.items() if offset is not None}

        return self._call(f"positions in {topic}", job)

    def read_to(
        self, topic: str, end: Offsets, on_records: Callable[[Sequence[Record]], None] = lambda _: None
    ) -> list[Record]:
        """Read until every partition in `end` is held and its position is there. Subscribes where nothing is assigned."""
        records: list[Record] = []
        if not self.assignment():
            self.subscribe(topic)
        last = time.monotonic()
        while not self._has_reached(topic, end):
            if batch := self.poll():
                last = time.monotonic()
                records += batch
                on_records(batch)
            elif time.monotonic() - last > STALLED:
                raise LabError(f"Nothing more of {topic} came for {STALLED:.0f} s", "", "Type `reset` to begin again.")
        return records

    def _has_reached(self, topic: str, end: Offsets) -> bool:
        at = self.positions(topic)
        return all(p in at and at[p] >= offset for p, offset in end.items())

    def commit(self) -> None:
        """Commit the positions."""
        self._call("commit", lambda consumer: consumer.commit())


def _listener(rebalances: Rebalances) -> ConsumerRebalanceListener:
    class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
        def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
            rebalances.assigned(held_rows(assigned))

        def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
            rebalances.revoked(held_rows(revoked))

        def on_partitions_lost(self, lost: Iterable[Any]) -> None:
            rebalances.lost(held_rows(lost))

    return Listener()


def set_defaults(options: Mapping[str, Any]) -> None:
    """Have every client of this process that says nothing else be let in with these options."""
    wanted = with_provider(options, AbstractTokenProvider)
    for kind in (kafka.KafkaConsumer, kafka.KafkaProducer, kafka.KafkaAdminClient):
        kind.DEFAULT_CONFIG = {**kind.DEFAULT_CONFIG, **wanted}
