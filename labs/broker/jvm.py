"""Command lines of Java processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.broker.interface import OnProgress, ignore_progress
from labs.broker.jars import Jars
from labs.broker.java import Java, find_java
from labs.dirs import Dirs

SHARED_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
"""One collector thread and the quick compiler: two thirds of the defaults' start time. The same in training and use.
A heap that ran out ends the process, instead of leaving one that answers no more."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A Java with its class path: what every Kafka process here is started from."""

    java: Java
    jars: tuple[Path, ...]
    flags: tuple[str, ...] = SHARED_FLAGS
    """What makes it quick."""
    aot: Path | None = None
    """The AOT cache to use."""

    def command(
        self,
        main: str,
        arguments: Sequence[str] = (),
        *,
        heap_mb: int,
        defines: Sequence[tuple[str, str]] = (),
    ) -> list[str]:
        """The argument vector."""
        cache = [f"-XX:AOTCache={self.aot}"] if self.aot else []
        properties = [f"-D{name}={value}" for name, value in (("java.awt.headless", "true"), *defines)]
        class_path = ":".join(map(str, self.jars))
        return [
            str(self.java.program),
            f"-Xmx{heap_mb}m",
            *self.flags,
            *cache,
            *self.quiet_flags(),
            *properties,
            "-cp",
            class_path,
            main,
            *arguments,
        ]

    def quiet_flags(self) -> list[str]:
        """Keep the JVM's own remarks and files from the learner: Kafka's are the ones that matter."""
        # UsePerfData would leave a file in /tmp when the process is killed.
        quiet = ["-Xlog:disable", "-XX:-PrintWarnings", "-XX:-UsePerfData"]
        if self.java.feature >= 24:
            quiet += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        return quiet


def load_runtime(
    dirs: Dirs, environ: Mapping[str, str] | None = None, on_progress: OnProgress = ignore_progress
) -> Runtime:
    """Java and the verified jars; the jars are downloaded where they are missing.

    Raises JavaUnavailable, JarsUnavailable, JarMismatch, EnvironmentFault.
    """
    java = find_java(environ)
    return Runtime(java, tuple(Jars(dirs, environ).ensure(on_progress)))
