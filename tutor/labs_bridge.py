"""The labs as the sessions see them: `Labs` on top of `labs.runner`, with a broker that is warm before it is needed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from labs import catalog
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import Cluster, ClusterProvider, ClusterSpec, OnProgress, Progress
from labs.broker.training import BackgroundTraining
from labs.clusters import FreshClusters, Lease
from labs.contract import Event, LabInfo
from labs.dirs import Dirs
from labs.errors import LearnerError
from labs.external.provider import ExternalProvider
from labs.runner import LabRunner
from tutor.sessions.ports import LabRun

WARM = ClusterSpec()
"""What is kept warm; a lab that asks for anything else gets a cluster of its own."""
SLICE = 0.05
"""Seconds between two looks while somebody waits for the warm broker."""
CLOSE_SECONDS = 15.0


class _Closed(LearnerError):
    """The app ends while the broker starts."""


class WarmClusters:
    """A ClusterSource that keeps one broker with the default settings ready. Safe from any thread."""

    def __init__(self, provider: ClusterProvider, on_ready: Callable[[], None] = lambda: None) -> None:
        """`on_ready` is called once, on the starting thread, after the first broker is up."""
        self._provider = provider
        self._own = FreshClusters(provider)
        self._on_ready = on_ready
        self._guard = threading.Lock()
        self._warm: Future[Cluster] | None = None
        self._thread: threading.Thread | None = None
        self._latest = Progress("start", "Starting Kafka")
        self._closing = False

    def warm_up(self) -> None:
        """Begin to start the broker where none is starting or healthy; returns at once."""
        self._starting()

    def state(self) -> str:
        """`cold`, `starting: …`, `ready` or `failed: …`."""
        with self._guard:
            future = self._warm
        if future is None:
            return "cold"
        if not future.done():
            return f"starting: {_told(self._latest)}"
        if error := future.exception():
            return f"failed: {error.title if isinstance(error, LearnerError) else error}"
        return "ready" if future.result().failure() is None else "failed: Kafka has stopped"

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        """The warm broker, as soon as it is up, or one of the lab's own. Raises BrokerError, and what `on_progress` raises."""
        if spec != WARM and not self._provider.shared:
            return self._own.lease(spec, on_progress)
        future = self._starting()
        while True:
            on_progress(self._latest)
            try:
                return Lease(future.result(timeout=SLICE), shared=True)
            except FutureTimeout:
                if future.done():  # it ended just now, or the TimeoutError is its own
                    return Lease(future.result(), shared=True)

    def release(self, lease: Lease) -> None:
        """Keep the warm broker for the next lab unless it died; stop any other."""
        if not lease.shared:
            self._own.release(lease)

    def close(self) -> None:
        """Stop the warm broker, also one that is just starting. Safe to call twice."""
        with self._guard:
            self._closing = True
            thread, future, self._warm = self._thread, self._warm, None
        if thread is not None:
            thread.join(CLOSE_SECONDS)
        if future is not None and future.done() and future.exception() is None:
            future.result().stop()

    def _starting(self) -> Future[Cluster]:
        """The start in progress or done; a new one where there is none, or it failed, or its broker died."""
        with self._guard:
            old = self._warm
            if old is not None and not _lost(old):
                return old
            self._warm = future = Future[Cluster]()
            self._latest = Progress("start", "Starting Kafka")
            self._thread = threading.Thread(target=self._start, args=(future, old), name="warm-broker", daemon=True)
            self._thread.start()
            return future

    def _start(self, future: Future[Cluster], old: Future[Cluster] | None) -> None:
        try:
            if old is not None and old.exception() is None:
                old.result().stop()  # what is left of a broker that died
            cluster = self._provider.start(WARM, self._progress)
        except BaseException as error:
            future.set_exception(error)
            return
        future.set_result(cluster)
        self._on_ready()

    def _progress(self, progress: Progress) -> None:
        if self._closing:
            raise _Closed("The app is closing")
        self._latest = progress


def _lost(future: Future[Cluster]) -> bool:
    return future.done() and (future.exception() is not None or future.result().failure() is not None)


def _told(progress: Progress) -> str:
    if progress.stage == "download" and progress.total > 0:
        return f"{progress.message}, {progress.done / 1e6:.0f} of {progress.total / 1e6:.0f} MB"
    return progress.message


class LabsBridge:
    """Implements `Labs`. One for the whole app."""

    def __init__(self, dirs: Dirs, provider: ClusterProvider | None = None) -> None:
        """`provider`: where clusters come from; the embedded one where it is left out."""
        self._dirs = dirs
        self._provider = provider or EmbeddedProvider(dirs)
        self._clusters = WarmClusters(self._provider, self._train)
        self._training: BackgroundTraining | None = None
        self._runs: list[LabRunner] = []
        self._guard = threading.Lock()
        self._closed = False

    def infos(self) -> Sequence[LabInfo]:
        """Every lab there is, by number."""
        return tuple(catalog.info(number) for number in catalog.numbers())

    def warm_up(self) -> None:
        """Begin to start a broker in the background; returns at once."""
        self._clusters.warm_up()

    def warm_state(self) -> str:
        """`cold`, `starting: …`, `ready` or `failed: …`, for the status line."""
        return self._clusters.state()

    def where(self) -> str:
        """The address of the learner's own cluster, where the labs run on one; empty where Kafka is started for them."""
        return self._provider.where if isinstance(self._provider, ExternalProvider) else ""

    def open(self, lab: int, sink: Callable[[Event], None]) -> LabRun:
        """A new run. Raises UnknownLab, LabBusy, EnvironmentFault."""
        run = LabRunner(catalog.load(lab), self._clusters, self._dirs, sink)
        with self._guard:
            self._runs = [*(old for old in self._runs if not old.closed), run]
        return run

    def close(self) -> None:
        """End every run and stop every broker this app started. Safe to call twice."""
        with self._guard:
            self._closed = True
            runs, self._runs = self._runs, []
            training, self._training = self._training, None
        for run in runs:
            run.stop()
        if training is not None:
            training.stop()
        for run in runs:
            run.close()
        self._clusters.close()

    def _train(self) -> None:
        """Make the cache for faster starts, at the lowest priority, where it is missing."""
        if not isinstance(self._provider, EmbeddedProvider):
            return
        with contextlib.suppress(LearnerError, OSError):  # Kafka starts without it, in a few seconds
            training = self._provider.train_in_background()
            with self._guard:
                if not self._closed:
                    self._training = training
                    return
            if training is not None:
                training.stop()
