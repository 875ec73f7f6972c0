"""What a node in a container is told: its properties, its files and its command. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from labs.broker.interface import ClusterSpec
from labs.broker.settings import HOST, NodePlan, node_properties

CLIENT, CONTROLLER, INTERNAL = 9092, 9093, 9094
"""Ports inside: clients come through the first, which is mapped to a port of this machine's loopback."""
MOUNT = "/kafka-tutor"
"""The node's folder, inside: data, log, properties."""
FIRST_ADDRESS = 10
"""Node N gets the address FIRST_ADDRESS + N of the run's network."""
FLAGS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData"
START = f"""\
set -e
mkdir -p {MOUNT}/data {MOUNT}/tmp
if [ ! -e {MOUNT}/data/meta.properties ]; then
  KAFKA_HEAP_OPTS=-Xmx128m /opt/kafka/bin/kafka-storage.sh format -t "$CLUSTER_ID" -c {MOUNT}/server.properties
fi
exec /opt/kafka/bin/kafka-server-start.sh {MOUNT}/server.properties
"""
"""Both images have these two scripts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is found by the others."""

    id: int
    address: str
    """Inside the run's network; `localhost` for a node that is alone."""


def places(count: int, subnet: str = "") -> list[Place]:
    """Addresses of the nodes; fixed ones, because not every engine has names in its networks."""
    if count == 1:
        return [Place(1, "localhost")]
    base = IPv4Network(subnet).network_address
    return [Place(number, str(base + FIRST_ADDRESS + number)) for number in range(1, count + 1)]


def properties(plan: NodePlan, plans: Sequence[NodePlan], where: Sequence[Place], spec: ClusterSpec) -> dict[str, str]:
    """As an embedded node's, but for listeners and directories. The spec's settings win."""
    own = next(place for place in where if place.id == plan.id)
    return {
        **node_properties(plan, plans, ClusterSpec(spec.nodes)),
        "listeners": f"PLAINTEXT://0.0.0.0:{CLIENT},CONTROLLER://0.0.0.0:{CONTROLLER},INTERNAL://0.0.0.0:{INTERNAL}",
        "advertised.listeners": (
            f"PLAINTEXT://{HOST}:{plan.ports.client},CONTROLLER://{own.address}:{CONTROLLER},"
            f"INTERNAL://{own.address}:{INTERNAL}"
        ),
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT",
        "inter.broker.listener.name": "INTERNAL",
        "controller.quorum.voters": ",".join(f"{place.id}@{place.address}:{CONTROLLER}" for place in where),
        "log.dirs": f"{MOUNT}/data",
        **spec.settings,
    }


def environment(spec: ClusterSpec, cluster_id: str, log_name: str) -> Mapping[str, str]:
    """For the scripts in the image."""
    log = f"-Dlog4j2.configurationFile={MOUNT}/log4j2.properties -Dkafka.tutor.log={MOUNT}/logs/{log_name}"
    return {
        "CLUSTER_ID": cluster_id,
        "KAFKA_HEAP_OPTS": f"-Xmx{spec.heap_mb}m",
        "KAFKA_JVM_PERFORMANCE_OPTS": FLAGS,
        "KAFKA_LOG4J_OPTS": f"{log} -Djava.io.tmpdir={MOUNT}/tmp",
        "LOG_DIR": f"{MOUNT}/tmp",
    }


def folder_of(plan: NodePlan) -> Path:
    """The node's folder on this machine; `plan.data_dir` is in it."""
    return plan.data_dir.parent
