"""The death of a partition's leader, on real processes: followers that stand still for a moment, then SIGKILL.

What is acknowledged with `acks=1` exists once until the followers have fetched it, usually some milliseconds later. Here
the followers are stopped (SIGSTOP), as a long garbage collection or a lost network stops them, so that this moment is
long enough to be hit every time.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labs.broker.interface import Cluster
from labs.client import Kafka
from labs.contract import LabContext, StopToken
from labs.errors import BrokerError
from labs.facts import read_json, write_json
from labs.waits import SLICE, held, wait_until

ANSWER_SECONDS = 60.0
HEAL_SECONDS = 30.0
Wait = Callable[[], None]


# --- on a cluster of this process ------------------------------------------------------------------------------------


def require_processes(cluster: Cluster) -> None:
    """Raise BrokerError where the brokers are not ours to kill."""
    if not cluster.capabilities.can_kill or len(cluster.nodes) < 3:
        raise BrokerError(
            "This lab kills a broker, and these it cannot kill",
            f"It needs three brokers that were started for it; here is {cluster.provider}, "
            f"{len(cluster.nodes)} node(s).",
            "Run it on the embedded cluster: leave out -b.",
        )


def strike(cluster: Cluster, victim: int, while_alone: Wait, while_frozen: Wait) -> None:
    """Stop the other nodes, then the victim too, kill it, and let the others go on. The waits say for how long each."""
    with _frozen(cluster, [node.id for node in cluster.nodes if node.id != victim]):
        while_alone()
        with _frozen(cluster, [victim]):
            while_frozen()
            cluster.kill_node(victim)


@contextlib.contextmanager
def _frozen(cluster: Cluster, nodes: Sequence[int]) -> Iterator[None]:
    try:
        for node in nodes:
            cluster.pause_node(node)
        yield
    finally:
        for node in nodes:
            cluster.resume_node(node)


def heal(cluster: Cluster) -> None:
    """Start every node that was killed."""
    for node in cluster.nodes:
        if not node.alive:
            cluster.start_node(node.id)


# --- what the cluster says -------------------------------------------------------------------------------------------


def quorum_leader(kafka: Kafka) -> int:
    """The node that leads the metadata quorum. Where it dies, a new one has to be elected before anything else."""
    found: dict[str, Any] = kafka.use("describe the quorum", lambda admin: admin.describe_metadata_quorum())
    return int(found["topics"][0]["partitions"][0]["leader_id"])


def victim_of(kafka: Kafka, cluster: Cluster) -> int:
    """A node to be killed: not the one that leads the quorum."""
    head = quorum_leader(kafka)
    return min(node.id for node in cluster.nodes if node.id != head)


def create_led_by(kafka: Kafka, topic: str, leader: int, cluster: Cluster) -> None:
    """A topic with one partition on all nodes, led by that one."""
    others = sorted(node.id for node in cluster.nodes if node.id != leader)
    kafka.create_topic_on(topic, {0: [leader, *others]})


def wait_in_sync(kafka: Kafka, topics: Sequence[str], replicas: int, stop: StopToken) -> None:
    """Wait until every partition has so many replicas in sync."""
    wait_until(
        lambda: all(len(row.in_sync) >= replicas for topic in topics for row in kafka.partitions(topic)),
        stop,
        HEAL_SECONDS,
        f"{replicas} replicas in sync",
    )


# --- from another process --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """What the process that owns the cluster is asked to do."""

    id: str
    do: str
    """`heal` or `strike`."""
    victim: int = 0
    alone: float = 0.0
    """Seconds."""


class Desk:
    """Where `verify`, in whatever process, leaves requests for the one that owns the brokers, and finds the answers."""

    def __init__(self, ctx: LabContext) -> None:
        self._ctx = ctx
        self._request = _home(ctx) / "request.json"
        self._answer = _home(ctx) / "answer.json"

    def post(self, do: str, victim: int = 0, alone: float = 0.0) -> str:
        """Have it done some time soon; returns the id of the request."""
        token = secrets.token_hex(8)
        write_json(self._request, asdict(Request(token, do, victim, alone)))
        return token

    def ask(self, do: str, victim: int = 0, alone: float = 0.0) -> None:
        """Have it done, and wait until it is. Raises BrokerError with what went wrong."""
        token = self.post(do, victim, alone)
        answer: dict[str, Any] = {}

        def answered() -> bool:
            answer.update(read_json(self._answer) or {})
            return answer.get("id") == token

        wait_until(answered, self._ctx.stop, ANSWER_SECONDS, "the process that runs the lab")
        if error := answer.get("error"):
            raise BrokerError("A broker could not be killed or started", error, "Type `reset`.")

    def serve(self) -> None:
        """Do what is asked until `stop` ends it."""
        done = ""
        while True:
            found = read_json(self._request)
            if isinstance(found, dict) and found.get("id") != done:
                done = str(found["id"])
                error = self._obey(Request(**found))
                self._ctx.stop.check()  # after the end of the lab its files are gone, and must not come back
                write_json(self._answer, {"id": done, "error": error})
            self._ctx.stop.wait(SLICE)

    def _obey(self, request: Request) -> str:
        cluster, stop = self._ctx.cluster, self._ctx.stop
        try:
            if request.do == "heal":
                heal(cluster)
            else:
                strike(cluster, request.victim, lambda: stop.wait(request.alone), lambda: None)
        except BrokerError as error:
            return error.cause or error.title
        return ""


@contextlib.contextmanager
def alone(ctx: LabContext) -> Iterator[None]:
    """One at a time: two verifies that kill a broker each would leave none that counts. Raises what `stop` raises."""
    with held(_home(ctx) / "strike.lock", ctx.stop):
        yield


def _home(ctx: LabContext) -> Path:
    return ctx.workspace.parent
