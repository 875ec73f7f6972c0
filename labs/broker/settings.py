"""The configuration of an embedded node: broker properties and logging, as text."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.broker.interface import ClusterSpec, Listener

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """The loopback ports of one node."""

    client: int
    controller: int
    extra: int = 0
    """Of the spec's own listener; 0 where it has none."""


@dataclass(frozen=True, slots=True)
class NodePlan:
    """All that tells one node from the others of its cluster."""

    id: int
    ports: Ports
    data_dir: Path
    log_file: Path


ALWAYS: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    # A typo in a topic name must be an error, not a new topic with one partition.
    "auto.create.topics.enable": "false",
    # What production makes you wait for, and a lab should not.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "500",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "200",
    "group.share.min.session.timeout.ms": "1000",
    "group.share.min.heartbeat.interval.ms": "200",
    "group.share.min.record.lock.duration.ms": "1000",
    "log.initial.task.delay.ms": "500",
    "log.retention.check.interval.ms": "1000",
    "log.segment.delete.delay.ms": "500",
    "log.cleaner.backoff.ms": "500",
    "offsets.retention.check.interval.ms": "5000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    # One partition each: there is one learner, and 50 partitions cost a second at the start.
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # Small: a laptop runs three of these beside an editor.
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
    "num.recovery.threads.per.data.dir": "1",
    "group.coordinator.threads": "1",
    "share.coordinator.threads": "1",
    "log.cleaner.dedupe.buffer.size": "4194304",
}
"""Properties of every embedded node."""

ONE_NODE: Mapping[str, str] = {
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "default.replication.factor": "1",
}

THREE_NODES: Mapping[str, str] = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    # A dead broker is noticed after 3 s instead of 9 s.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "controller.quorum.election.timeout.ms": "300",
}


def cluster_uuid() -> str:
    """A fresh id as Kafka writes them: 16 random bytes, URL-safe base64, not beginning with a dash."""
    while True:
        text = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):  # StorageTool and shells take a leading dash for an option
            return text


def node_properties(plan: NodePlan, nodes: Sequence[NodePlan], spec: ClusterSpec) -> dict[str, str]:
    """The properties of one node; the spec's settings win over the lab defaults."""
    listeners = f"PLAINTEXT://{HOST}:{plan.ports.client},CONTROLLER://{HOST}:{plan.ports.controller}"
    if spec.listener is not None:
        listeners += f",{spec.listener.name}://{HOST}:{plan.ports.extra}"
    return {
        **ALWAYS,
        **(ONE_NODE if len(nodes) == 1 else THREE_NODES),
        **_protocols(spec.listener),
        "node.id": str(plan.id),
        "listeners": listeners,
        "advertised.listeners": listeners,
        "controller.quorum.voters": ",".join(f"{node.id}@{HOST}:{node.ports.controller}" for node in nodes),
        "log.dirs": str(plan.data_dir),
        **spec.settings,
    }


def _protocols(listener: Listener | None) -> dict[str, str]:
    if listener is None:
        return {}
    own = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", listener.name: listener.protocol}
    return {"listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in own.items())}


def properties_text(properties: Mapping[str, str]) -> str:
    """A Java properties file."""
    return "".join(f"{key}={_escaped(value)}\n" for key, value in properties.items())


def _escaped(value: str) -> str:
    """A value that java.util.Properties reads back unchanged."""
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if text[:1] == " ":
        text = "\\" + text
    return "".join(char if ord(char) < 127 else _unicode_escape(char) for char in text)


def _unicode_escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def meta_properties(cluster_id: str, node_id: int, directory_id: str) -> str:
    """The identity file of a formatted log directory."""
    return f"cluster.id={cluster_id}\ndirectory.id={directory_id}\nnode.id={node_id}\nversion=1\n"


BROKER_LOGGING = """\
status = OFF
appenders = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = ${sys:kafka.tutor.log}
appender.file.append = true
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d] %p %m (%c)%n%throwable
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = file
# Dumps of all settings: thousands of lines between the ones a learner looks for.
logger.config.name = org.apache.kafka.common.config
logger.config.level = WARN
logger.broker.name = kafka.server.KafkaConfig
logger.broker.level = WARN
logger.clients.name = org.apache.kafka.clients
logger.clients.level = WARN
logger.snapshots.name = org.apache.kafka.snapshot
logger.snapshots.level = WARN
"""
"""log4j2 configuration of a node: one file, kept for the learner."""

TOOL_LOGGING = """\
status = OFF
appenders = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = WARN
rootLogger.appenderRef.stderr.ref = stderr
"""
"""log4j2 configuration of the command-line tools: warnings on stderr, as in a Kafka installation."""
