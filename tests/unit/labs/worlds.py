"""A lab and a cluster that need no Kafka, for the parts of the framework that need none either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labs.broker.access import OPEN, Access
from labs.broker.capabilities import EVERYTHING, Capabilities
from labs.broker.interface import Cluster, ClusterSpec, Node, OnProgress, Progress
from labs.clusters import Lease
from labs.contract import Absent, Check, LabContext, LabInfo, Observation, Observed, Question, Step, Task, Value
from labs.errors import LabError

INFO = LabInfo(
    7,
    "paper",
    "A lab on paper",
    "It counts files. It settles nothing.",
    1,
    (Question("many", "How many?", "number", "files"),),
    Task("Make a file named fixed in the workspace."),
    observations=("counted",),
    expected={"counted": lambda value: value == 0.0},
    names={"TOPIC": "topic"},
)


@dataclass
class PaperLab:
    """Its world is its workspace: fixed where a file named `fixed` is in it."""

    info: LabInfo = INFO
    value: Value = 0.0
    seen: str = "counted"
    question: str = "many"
    spoiled: bool = False
    """Whether it passes untouched."""
    fixable: bool = True
    arranged: list[str] = field(default_factory=list)
    during: Callable[[LabContext], None] = lambda _: None
    """What happens in the middle of the symptom."""

    def arrange(self, ctx: LabContext) -> None:
        self.arranged.append(ctx.prefix)
        ctx.emit(Step("arrange", "An empty workspace", "mkdir work"))
        ctx.facts.put(arranged=True)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        self.during(ctx)
        ctx.stop.check()
        seen = Observation(self.seen, "Counted.", self.value, f"{self.value} files", "So.", question=self.question)
        ctx.emit(Observed(seen))
        return [seen]

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        ok = self.spoiled or (ctx.workspace / "fixed").exists()
        return [Check("fixed", "It is fixed", ok, "a file", "none", () if ok else ("a", "b", "c"))]

    def reference_fix(self, ctx: LabContext) -> None:
        ctx.emit(Step("fix", "A file", "touch fixed"))
        if self.fixable:
            (ctx.workspace / "fixed").touch()

    def clean(self, ctx: LabContext) -> None:
        raise LabError("clean was called, and there is no Kafka to clean", "", "")


@dataclass
class PartialPaperLab(PaperLab):
    """Half of it needs ink, and there is none."""

    def absent(self, ctx: LabContext) -> Absent | None:
        return Absent("ink", "The bottle is empty.", "Run: buy ink", ("signed",), ("who",))


class PaperCluster:
    """Nobody listens there."""

    provider = "embedded"
    bootstrap_servers = "127.0.0.1:1"

    def __init__(self, data_dir: Path | None = None) -> None:
        self.nodes = (Node(1, "127.0.0.1", 1, None, data_dir, None),)
        self.reason: str | None = None
        self.stopped = False
        self.access = OPEN
        self.capabilities = EVERYTHING

    def failure(self) -> str | None:
        return self.reason

    def kill_node(self, node_id: int) -> None:
        raise NotImplementedError

    def start_node(self, node_id: int) -> None:
        raise NotImplementedError

    def pause_node(self, node_id: int) -> None:
        raise NotImplementedError

    resume_node = pause_node

    def stop(self) -> None:
        self.stopped = True
        self.reason = "It was stopped."


@dataclass
class PaperSource:
    """Hands out paper clusters."""

    leases: list[PaperCluster] = field(default_factory=list)
    released: int = 0
    data_dir: Path | None = None
    access: Access = OPEN
    capabilities: Capabilities = EVERYTHING

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        on_progress(Progress("start", "Folding paper"))
        cluster = PaperCluster(self.data_dir)
        cluster.access, cluster.capabilities = self.access, self.capabilities
        self.leases.append(cluster)
        return Lease(_as_cluster(cluster), shared=False)

    def release(self, lease: Lease) -> None:
        self.released += 1
        lease.cluster.stop()


def _as_cluster(cluster: PaperCluster) -> Cluster:
    return cluster
