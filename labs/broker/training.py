"""Making the AOT cache: one run of a broker that does what labs do, watched by the JVM.

`python -m labs.broker.training DATA CACHE STATE` does it at the lowest priority; the app starts that in the
background and goes on with a plain start meanwhile.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from labs.broker import supervisor
from labs.broker.aot import AotStore
from labs.broker.cluster import EmbeddedCluster
from labs.broker.download import disk_fault
from labs.broker.interface import OnProgress, Progress, ignore_progress
from labs.broker.jvm import Runtime
from labs.broker.locks import waiting_lock
from labs.broker.supervised import java_environment
from labs.dirs import Dirs
from labs.errors import BrokerStartFailed, LearnerError
from labs.tools import ToolRunner

ASSEMBLY_TIMEOUT = 300.0
"""Seconds for the JVM to write the cache after the broker's end: 5 alone, much longer at the lowest priority."""
TOOL_TIMEOUT = 120.0
NODE = 1

StartCluster = Callable[[Runtime], EmbeddedCluster]

REHEARSAL: tuple[tuple[str, bytes | None], ...] = (
    ("kafka-topics --create --topic rehearsal --partitions 3", None),
    ("kafka-console-producer --topic rehearsal", b"one\ntwo\nthree\n"),
    (
        "kafka-producer-perf-test --topic rehearsal --num-records 2000 --record-size 100 --throughput -1 "
        "--transactional-id rehearsal --transaction-duration-ms 50",
        None,
    ),
    ("kafka-console-consumer --topic rehearsal --from-beginning --group rehearsal --max-messages 500", None),
    ("kafka-consumer-groups --describe --group rehearsal", None),
    ("kafka-topics --delete --topic rehearsal", None),
)
"""Topic, records, a transaction, a group that commits, its lag: the requests that every lab sends."""


def train(dirs: Dirs, runtime: Runtime, start: StartCluster, on_progress: OnProgress = ignore_progress) -> bool:
    """Make the cache where it is missing; waits for another instance that is at it.

    Returns False where this Java cannot have one. Raises BrokerError, EnvironmentFault.
    """
    store = AotStore(dirs)
    if not runtime.java.can_cache:
        return False
    try:
        target = store.path(runtime)
        target.parent.mkdir(parents=True, exist_ok=True)
        waiting = Progress("train", "Another kafka-tutor is making the cache for faster starts")
        with waiting_lock(target.with_suffix(".lock"), lambda: on_progress(waiting)):
            if not target.is_file():
                _make(dirs, runtime, start, target, on_progress)
                store.prune()
    except OSError as error:
        raise disk_fault(error, store.root) from error
    return True


def _make(dirs: Dirs, runtime: Runtime, start: StartCluster, target: Path, on_progress: OnProgress) -> None:
    part = target.with_suffix(".part")
    _clear(part)
    steps = len(REHEARSAL) + 2
    on_progress(Progress("train", "Teaching Java to start Kafka faster", 0, steps))
    recording = replace(runtime, aot=None, flags=(*runtime.flags, f"-XX:AOTCacheOutput={part}"))
    try:
        cluster = start(recording)
        try:
            _rehearse(cluster, dirs, runtime, on_progress, steps)
            on_progress(Progress("train", "Writing the cache for faster starts", steps - 1, steps))
            cluster.finish_node(NODE, ASSEMBLY_TIMEOUT)
        finally:
            cluster.stop()
        _accept(runtime, part, target)
    finally:
        _clear(part)
    on_progress(Progress("train", "Kafka starts faster from now on", steps, steps))


def _clear(part: Path) -> None:
    """Remove an unfinished cache, and the JVM's notes beside it."""
    for left in part.parent.glob(f"{part.name}*"):
        left.unlink(missing_ok=True)


def _rehearse(cluster: EmbeddedCluster, dirs: Dirs, runtime: Runtime, on_progress: OnProgress, steps: int) -> None:
    tools = ToolRunner(cluster.bootstrap_servers, dirs, runtime=runtime)
    for number, (line, stdin) in enumerate(REHEARSAL, start=1):
        on_progress(Progress("train", "Teaching Java to start Kafka faster", number, steps))
        said: list[str] = []

        def note(text: str, stream: Literal["out", "err"], said: list[str] = said) -> None:
            said.append(text)

        status = tools.run(line.split(), note, timeout=TOOL_TIMEOUT, stdin=stdin)
        if status:
            raise _failed(f"{line} ended with status {status}: {' '.join(said[-2:])}")


def _accept(runtime: Runtime, part: Path, target: Path) -> None:
    """Put the cache in place if the JVM takes it."""
    if not part.is_file():
        raise _failed("The JVM wrote no cache")
    probe = replace(runtime, aot=part, flags=(*runtime.flags, "-XX:AOTMode=on"))  # `on`: refuse to run without it
    done = subprocess.run(
        probe.command("kafka.Kafka", ["--version"], heap_mb=128),
        capture_output=True,
        timeout=60,
        check=False,
        env=java_environment(),
    )
    if done.returncode:
        raise _failed(f"The JVM refuses the cache: {done.stdout[-200:].decode(errors='replace').strip()}")
    part.replace(target)


def _failed(why: str) -> BrokerStartFailed:
    return BrokerStartFailed(
        "The cache for faster starts could not be made", f"{why}.", "Kafka starts without it, in a few seconds."
    )


class BackgroundTraining:
    """A training in a process of its own, that ends with this one."""

    def __init__(self, dirs: Dirs, environ: Mapping[str, str]) -> None:
        guard_end, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__, "--guard", str(guard_end), *_command(dirs)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(guard_end,),
                env=dict(environ),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(guard_end)

    @property
    def running(self) -> bool:
        """Whether it is still at it."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int | None:
        """Its exit status; None where it is not done in that time."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def stop(self) -> None:
        """End it, unfinished work thrown away. Safe to call twice."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        self._process.wait()


def _command(dirs: Dirs) -> list[str]:
    return [sys.executable, "-m", "labs.broker.training", str(dirs.data), str(dirs.cache), str(dirs.state)]


def main(arguments: Sequence[str]) -> int:
    """Train at the lowest priority; waits for another instance that is at it."""
    from labs.broker.embedded import EmbeddedProvider

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(19)
    try:
        EmbeddedProvider(Dirs(*map(Path, arguments))).train()
    except LearnerError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
