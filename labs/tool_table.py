"""Which `kafka-*.sh` is which class, and how each is told its cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Tool:
    """One command-line tool of Kafka."""

    main: str
    """Its main class."""
    summary: str
    """What it is for, in a few words."""
    bootstrap: str = "--bootstrap-server"
    """The option that names the cluster; empty where the tool asks none."""
    config: str = "--command-config"
    """The option that names a client .properties file; empty where the tool takes none."""
    subcommand_first: bool = False
    """Whether options come after the subcommand."""


_TOOLS = "org.apache.kafka.tools"

TOOLS: dict[str, Tool] = {
    "kafka-acls": Tool(f"{_TOOLS}.AclCommand", "access rules: list, add, remove"),
    "kafka-broker-api-versions": Tool(f"{_TOOLS}.BrokerApiVersionsCommand", "which requests each broker understands"),
    "kafka-client-metrics": Tool(f"{_TOOLS}.ClientMetricsCommand", "which metrics clients push to the brokers"),
    "kafka-cluster": Tool(f"{_TOOLS}.ClusterTool", "cluster id, endpoints, unregister a broker", subcommand_first=True),
    "kafka-configs": Tool("kafka.admin.ConfigCommand", "settings of topics, brokers, groups, users"),
    "kafka-console-consumer": Tool(f"{_TOOLS}.consumer.ConsoleConsumer", "read records"),
    "kafka-console-producer": Tool(f"{_TOOLS}.ConsoleProducer", "write records, a line each"),
    "kafka-console-share-consumer": Tool(
        f"{_TOOLS}.consumer.ConsoleShareConsumer", "read records as a member of a share group"
    ),
    "kafka-consumer-groups": Tool(
        f"{_TOOLS}.consumer.group.ConsumerGroupCommand", "groups: members, offsets, lag, reset"
    ),
    "kafka-consumer-perf-test": Tool(f"{_TOOLS}.ConsumerPerformance", "how fast records are read"),
    "kafka-delegation-tokens": Tool(f"{_TOOLS}.DelegationTokenCommand", "delegation tokens"),
    "kafka-delete-records": Tool(f"{_TOOLS}.DeleteRecordsCommand", "delete records below an offset"),
    "kafka-dump-log": Tool(f"{_TOOLS}.DumpLogSegments", "what is in a segment file", bootstrap="", config=""),
    "kafka-e2e-latency": Tool(f"{_TOOLS}.EndToEndLatency", "time from producer to consumer"),
    "kafka-features": Tool(f"{_TOOLS}.FeatureCommand", "feature levels of the cluster"),
    "kafka-get-offsets": Tool(f"{_TOOLS}.GetOffsetShell", "first, last or dated offsets of partitions"),
    "kafka-groups": Tool(f"{_TOOLS}.GroupsCommand", "all groups of all kinds"),
    "kafka-jmx": Tool(f"{_TOOLS}.JmxTool", "metrics by JMX", bootstrap="", config=""),
    "kafka-leader-election": Tool(f"{_TOOLS}.LeaderElectionCommand", "elect leaders"),
    "kafka-log-dirs": Tool(f"{_TOOLS}.LogDirsCommand", "sizes of partitions on disk"),
    "kafka-metadata-quorum": Tool(f"{_TOOLS}.MetadataQuorumCommand", "the controllers and their lag"),
    "kafka-producer-perf-test": Tool(f"{_TOOLS}.ProducerPerformance", "how fast records are written"),
    "kafka-reassign-partitions": Tool(
        f"{_TOOLS}.reassign.ReassignPartitionsCommand", "move partitions between brokers"
    ),
    "kafka-replica-verification": Tool(
        f"{_TOOLS}.ReplicaVerificationTool", "whether replicas agree", bootstrap="--broker-list", config=""
    ),
    "kafka-server-start": Tool("kafka.Kafka", "run a broker from a .properties file of yours", bootstrap="", config=""),
    "kafka-share-consumer-perf-test": Tool(f"{_TOOLS}.ShareConsumerPerformance", "how fast a share group reads"),
    "kafka-share-groups": Tool(f"{_TOOLS}.consumer.group.ShareGroupCommand", "share groups: members, offsets, reset"),
    "kafka-storage": Tool("kafka.tools.StorageTool", "format a log directory", bootstrap="", config=""),
    "kafka-streams-application-reset": Tool(f"{_TOOLS}.StreamsResetter", "reset a Kafka Streams application"),
    "kafka-streams-groups": Tool(f"{_TOOLS}.streams.StreamsGroupCommand", "Kafka Streams groups"),
    "kafka-topics": Tool(f"{_TOOLS}.TopicCommand", "topics: list, create, describe, alter, delete"),
    "kafka-transactions": Tool(f"{_TOOLS}.TransactionsCommand", "transactions: list, describe, find hanging, abort"),
    "kafka-verifiable-consumer": Tool(f"{_TOOLS}.VerifiableConsumer", "read, and report each step as JSON"),
    "kafka-verifiable-producer": Tool(f"{_TOOLS}.VerifiableProducer", "write, and report each step as JSON"),
    "kafka-verifiable-share-consumer": Tool(
        f"{_TOOLS}.VerifiableShareConsumer", "read as a share group, and report each step as JSON"
    ),
}
"""Every `kafka-*.sh` whose class is in the jars, by its name without `.sh`."""


def tool_name(typed: str) -> str:
    """The name in TOOLS for what was typed: `kafka-topics`, `kafka-topics.sh`, `bin/kafka-topics.sh`."""
    return PurePath(typed).name.removesuffix(".sh")


def nearest(name: str) -> list[str]:
    """Up to three tools whose names look like it, best first."""
    from rapidfuzz import fuzz, process

    found = process.extract(name, list(TOOLS), processor=_essence, scorer=fuzz.WRatio, limit=3, score_cutoff=70)
    return [key for key, _, _ in found]


def _essence(name: object) -> str:
    """All names begin alike: what follows tells them apart."""
    return str(name).removeprefix("kafka-")
