"""The lock of the jars: which files Kafka runs from, each with its size and SHA-256.

`python -m labs.broker.lock` writes it anew from the coordinates below, with whatever repository jgo uses.
"""

from __future__ import annotations

import functools
import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KAFKA_VERSION = "4.3.1"
LOG4J_VERSION = "2.25.4"  # the one that Kafka 4.3.1 asks for itself

RESOLVED = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    "net.sourceforge.argparse4j:argparse4j:0.7.0",  # ProducerPerformance parses its options with it
    f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J_VERSION}",  # without a binding Kafka logs nothing
    f"org.apache.logging.log4j:log4j-core:{LOG4J_VERSION}",
)
"""Coordinates taken with all that they need."""

ALONE = (f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",)
"""Coordinates taken without their dependencies: kafka-tools asks for Jetty and Jersey, which no tool here uses."""

LOCK_FILE = Path(__file__).with_name("jars.lock.json")


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    """One locked jar."""

    group: str
    artifact: str
    version: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""

    @property
    def filename(self) -> str:
        """Its name in a repository and in our cache."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """Where it lies below the base of a Maven repository."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.filename}"


@dataclass(frozen=True, slots=True)
class Lock:
    """All jars, sorted by file name: also the order of the class path."""

    jars: tuple[Jar, ...]

    @property
    def size(self) -> int:
        """Bytes of all jars together."""
        return sum(jar.size for jar in self.jars)

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change whenever any jar does."""
        text = "\n".join(f"{jar.filename} {jar.sha256}" for jar in self.jars)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def parse_lock(text: str) -> Lock:
    """A lock from its JSON text."""
    rows = json.loads(text)["jars"]
    return Lock(tuple(sorted((Jar(**row) for row in rows), key=lambda jar: jar.filename)))


def format_lock(lock: Lock) -> str:
    """The JSON text of a lock, one jar a line so that a change shows as one line."""
    rows = ",\n".join("  " + json.dumps(asdict(jar)) for jar in lock.jars)
    return f'{{"jars": [\n{rows}\n]}}\n'


@functools.cache
def committed_lock() -> Lock:
    """The lock that this version was built and tested with."""
    return parse_lock(LOCK_FILE.read_text(encoding="utf-8"))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resolve(cache: Path) -> list[Any]:
    """Every artifact, resolved by jgo."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=cache)
    # `!`: without it each coordinate would impose its own managed versions on the others,
    # and log4j's bill of materials would swap kafka-clients 4.3.1 for an older one.
    wanted = [context.create_dependency(f"{coordinate}!") for coordinate in RESOLVED]
    inputs, transitive = context.resolver.resolve(wanted)
    found = {
        (dep.groupId, dep.artifactId): dep.artifact
        for dep in [*inputs, *transitive]
        if dep.scope in (None, "compile", "runtime")
    }
    return [*found.values(), *(context.create_dependency(coordinate).artifact for coordinate in ALONE)]


def make_lock() -> Lock:
    """Resolve and download everything once, and lock what came. Needs the network."""
    with tempfile.TemporaryDirectory() as cache:
        jars = []
        for artifact in _resolve(Path(cache)):
            path = artifact.resolve()
            jars.append(
                Jar(artifact.groupId, artifact.artifactId, artifact.version, path.stat().st_size, file_sha256(path))
            )
    return Lock(tuple(sorted(jars, key=lambda jar: jar.filename)))


if __name__ == "__main__":
    LOCK_FILE.write_text(format_lock(make_lock()), encoding="utf-8")
