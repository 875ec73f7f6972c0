"""The world of one run: its cluster, its names, its files, and what goes on in the background."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable

from labs import fitness, housekeeping, uncleaned, workspace
from labs.broker.interface import Progress
from labs.client import Kafka
from labs.clusters import ClusterSource, Lease, Told
from labs.contract import Emit, Lab, LabContext, LiveLab, Output, Step
from labs.dirs import Dirs
from labs.errors import KafkaRefused, LabNotRunning, LearnerError
from labs.external.connection import EXTERNAL
from labs.facts import Facts
from labs.housekeeping import Leftovers
from labs.session_file import Session, lab_paths, this_process, write_session
from labs.tools import ToolRunner
from labs.uncleaned import Left
from labs.waits import Deadline, StopFlag

CLEAN_SECONDS = 20.0
JOIN_SECONDS = 5.0


class World:
    """Made anew by `start` whenever it was cleaned, or its broker died."""

    def __init__(
        self,
        lab: Lab,
        clusters: ClusterSource,
        dirs: Dirs,
        emit: Emit,
        opened_at: str,
        new_prefix: Callable[[int], str],
        elapsed: Callable[[], float],
    ) -> None:
        self._lab = lab
        self._clusters = clusters
        self._dirs = dirs
        self._emit = emit
        self._opened_at = opened_at
        self._new_prefix = new_prefix
        self._elapsed = elapsed
        self._paths = lab_paths(dirs, lab.info.number)
        self.flag = StopFlag(self.failure)
        """Ends every wait of this run."""
        self._lease: Lease | None = None
        self._ctx: LabContext | None = None
        self._background: tuple[threading.Thread, StopFlag] | None = None
        self._arranged = False

    @property
    def prefix(self) -> str:
        """What every name starts with; empty before there is a cluster."""
        return self._ctx.prefix if self._ctx else ""

    @property
    def broker(self) -> str:
        """What it runs on, for people."""
        if self._lease is None:
            return "no broker"
        cluster = self._lease.cluster
        kind = f", {cluster.access.protocol}" if cluster.provider == EXTERNAL else ""
        return f"{cluster.provider}, {len(cluster.nodes)} node{'s' if len(cluster.nodes) != 1 else ''}{kind}"

    def redact(self, text: str) -> str:
        """The text without the secrets of the cluster."""
        return self._lease.cluster.access.redact(text) if self._lease else text

    @property
    def context(self) -> LabContext:
        """All that the lab may touch. Raises LabNotRunning before it is arranged, BrokerDied."""
        if self._lease is not None:
            self.flag.check()
        if self._ctx is None or not self._arranged:
            number = self._lab.info.number
            raise LabNotRunning(
                f"Lab {number} has not started", "There is nothing to look at yet.", "Predict, then let it run."
            )
        return self._ctx

    def failure(self) -> str | None:
        """Why the cluster is no longer usable."""
        return self._lease.cluster.failure() if self._lease else None

    def start(self) -> LabContext:
        """A cluster and the broken situation, where they are not there yet."""
        if self._arranged and self._ctx is not None and self.failure() is None:
            return self._ctx
        self.clean()
        workspace.make(self._paths.workspace)
        ctx = self._ctx = self._new_context(self._healthy_lease())
        self._write_session(ctx)
        self._lab.arrange(ctx)
        self._arranged = True
        self._write_session(ctx)
        self._start_background(ctx)
        return ctx

    def clean(self) -> Leftovers:
        """Remove what this run has in the cluster, and its files. Returns what would not go. Never raises LearnerError."""
        left = Leftovers((), (), ())
        self._stop_background()
        self._arranged = False
        if self._ctx is not None:
            self._ctx.kafka.close()  # a call that a stop has left goes on: what it makes would come after the removing
        if self._ctx is not None and self.failure() is None:
            left = self._clean_cluster(self._ctx)
        self._drop_context()
        housekeeping.forget(self._paths)
        return left

    def close(self) -> None:
        """Clean, and give the cluster back."""
        self.flag.stop()
        try:
            if self._lease is not None and self._lease.shared:
                self.clean()
        finally:
            self._stop_background()
            self._drop_context()
            self._drop_lease()
            housekeeping.forget(self._paths)

    # --- details -----------------------------------------------------------------------------------------------------

    def _healthy_lease(self) -> Lease:
        if self._lease is not None and self._lease.cluster.failure() is None:
            return self._lease
        self._drop_lease()
        told = Told(lambda text: self._emit(Step("arrange", text)))

        def on_progress(progress: Progress) -> None:
            self.flag.check()
            told(progress)

        self._lease = self._clusters.lease(self._lab.info.cluster, on_progress)
        self.flag.check()
        if self._lease.cluster.provider == EXTERNAL:
            told(Progress("ready", fitness.told(self._lease.cluster)))  # once, also where the provider has said it
            housekeeping.settle_debts(self._dirs, self._lease.cluster)
        for doubt in fitness.require(self._lab.info, self._lease.cluster):
            self._emit(Step("arrange", doubt))
        return self._lease

    def _new_context(self, lease: Lease) -> LabContext:
        cluster = lease.cluster
        return LabContext(
            cluster,
            Kafka.at(cluster, self.flag),
            ToolRunner.at(cluster, self._dirs),
            self._new_prefix(self._lab.info.number),
            self._paths.workspace,
            Facts(self._paths.facts),
            self._emit,
            self.flag,
            self._elapsed,
        )

    def _write_session(self, ctx: LabContext) -> None:
        session = Session(
            self._lab.info.number,
            ctx.prefix,
            this_process(),
            ctx.cluster.provider,
            ctx.cluster.bootstrap_servers,
            ctx.cluster.nodes,
            self._opened_at,
            self._arranged,
            ctx.cluster.access.protocol != "PLAINTEXT",
        )
        write_session(self._paths, session)

    def _start_background(self, ctx: LabContext) -> None:
        if not isinstance(self._lab, LiveLab):
            return
        lab = self._lab
        flag = StopFlag(parent=self.flag)
        kafka = Kafka.at(ctx.cluster, flag)
        own = dataclasses.replace(ctx, kafka=kafka, stop=flag)

        def run() -> None:
            try:
                with kafka:
                    lab.background(own)
            except LearnerError:
                return  # stopped, or the broker is gone: whoever works in the foreground tells it

        thread = threading.Thread(target=run, name=f"lab-{lab.info.number}-background", daemon=True)
        self._background = (thread, flag)
        thread.start()

    def _stop_background(self) -> None:
        if self._background is not None:
            thread, flag = self._background
            self._background = None
            flag.stop()
            thread.join(JOIN_SECONDS)

    def _clean_cluster(self, ctx: LabContext) -> Leftovers:
        deadline = Deadline(CLEAN_SECONDS, self.failure)
        try:
            with Kafka.at(ctx.cluster, deadline) as kafka:
                with contextlib.suppress(KafkaRefused):  # the learner may have removed what it looks for
                    self._lab.clean(dataclasses.replace(ctx, kafka=kafka, stop=deadline))
                left = housekeeping.remove(kafka, ctx.prefix, deadline)
        except LearnerError as error:
            self._emit(Output(f"Not everything could be removed: {error.title}", "err"))
            left = Leftovers((f"{ctx.prefix}-*",), (), ())
        if left and ctx.cluster.provider == EXTERNAL:  # that one goes, data and all
            owed = Left(self._lab.info.number, ctx.cluster.provider, ctx.cluster.bootstrap_servers, ctx.prefix)
            uncleaned.note(self._dirs, owed)
            self._emit(Output(f"Still on your cluster: {left}. Later: kafka-tutor lab clean", "err"))
        return left

    def _drop_context(self) -> None:
        if self._ctx is not None:
            self._ctx.kafka.close()
            self._ctx = None

    def _drop_lease(self) -> None:
        if self._lease is not None:
            lease, self._lease = self._lease, None
            self._clusters.release(lease)
