"""A formatted log directory: made once by Kafka's own StorageTool, then copied for each node."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from labs.broker.download import disk_fault
from labs.broker.interface import ClusterSpec, OnProgress, Progress, ignore_progress
from labs.broker.jvm import Runtime
from labs.broker.locks import waiting_lock
from labs.broker.settings import (
    NodePlan,
    Ports,
    cluster_uuid,
    meta_properties,
    node_properties,
    properties_text,
)
from labs.broker.supervised import java_environment
from labs.dirs import Dirs
from labs.errors import BrokerStartFailed

BOOTSTRAP = "bootstrap.checkpoint"
"""The feature levels a new cluster begins with: the same for every node of every cluster."""
FORMAT_TIMEOUT = 120.0
ANY_PORTS = Ports(1, 2)  # written into the settings that StorageTool reads, and into nothing that it makes


class Template:
    """The formatted directory of one set of jars."""

    def __init__(self, dirs: Dirs, lock_digest: str) -> None:
        self._file = dirs.cache / "templates" / lock_digest / BOOTSTRAP

    @property
    def ready(self) -> bool:
        """Whether it has been made."""
        return self._file.is_file()

    def ensure(self, runtime: Runtime, on_progress: OnProgress = ignore_progress) -> None:
        """Make it where it is missing. Raises BrokerStartFailed, EnvironmentFault."""
        if self.ready:
            return
        on_progress(Progress("format", "Preparing Kafka's storage"))
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            waiting = Progress("format", "Another kafka-tutor is preparing Kafka's storage")
            with waiting_lock(self._file.parent.with_suffix(".lock"), lambda: on_progress(waiting)):
                if not self.ready:
                    self._clear()
                    self._make(runtime)
        except OSError as error:
            raise disk_fault(error, self._file.parent) from error

    def _clear(self) -> None:
        """Remove what an attempt that was killed left."""
        for left in self._file.parent.glob("tmp*"):
            shutil.rmtree(left, ignore_errors=True)

    def _make(self, runtime: Runtime) -> None:
        with tempfile.TemporaryDirectory(dir=self._file.parent) as scratch:
            work = Path(scratch)
            plan = NodePlan(1, ANY_PORTS, work / "data", work / "log")
            settings = work / "server.properties"
            settings.write_text(properties_text(node_properties(plan, [plan], ClusterSpec())), encoding="ascii")
            command = runtime.command(
                "kafka.tools.StorageTool", ["format", "-t", cluster_uuid(), "-c", str(settings)], heap_mb=128
            )
            _run(command)
            (work / "data" / BOOTSTRAP).replace(self._file)

    def copy_to(self, data_dir: Path, cluster_id: str, node_id: int) -> None:
        """Give a node its formatted directory, with an identity of its own."""
        data_dir.mkdir(parents=True)
        shutil.copyfile(self._file, data_dir / BOOTSTRAP)
        identity = meta_properties(cluster_id, node_id, cluster_uuid())
        (data_dir / "meta.properties").write_text(identity, encoding="ascii")


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FORMAT_TIMEOUT,
            check=False,
            env=java_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"It did not end within {FORMAT_TIMEOUT:.0f} s") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise _failed(lines[-1] if lines else f"It ended with status {done.returncode}")


def _failed(why: str) -> BrokerStartFailed:
    return BrokerStartFailed(
        "Kafka's storage could not be prepared",
        f"Kafka's StorageTool failed: {why}.",
        "Run: kafka-tutor doctor",
    )
