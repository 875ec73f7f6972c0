"""An image of Kafka built from what is on this machine: for where none can be pulled.

It holds the same jars and the same Java runtime as the embedded broker, two scripts with the names that the official
image has, and of the system nothing but a shell and the libraries that these need.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from labs.broker.containers.engine import BUILT, OFFICIAL
from labs.errors import BrokerError

if TYPE_CHECKING:
    import docker

    from labs.broker.jvm import Runtime

SCRIPT = """\
#!/bin/sh
# What kafka-{name}.sh of a Kafka installation does, for this image's Java.
exec /opt/java/bin/java $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $KAFKA_LOG4J_OPTS -Djava.awt.headless=true \\
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp '/opt/kafka/libs/*' {main} "$@"
"""
MAINS = {
    "server-start": "kafka.Kafka",
    "storage": "kafka.tools.StorageTool",
    "broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
}
DOCKERFILE = Path(__file__).with_name("Dockerfile")
ALSO = ("libnss_files.so.2", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1")
"""Libraries that are loaded by name: native codecs, user names."""
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


def build(client: docker.DockerClient, runtime: Runtime, told: Callable[[str], None]) -> str:
    """Build BUILT; returns its name. Raises BrokerError."""
    import docker

    with tempfile.TemporaryDirectory(prefix="kafka-tutor-image-") as folder:
        told("Putting the image together")
        context(Path(folder), runtime)
        told(f"Building {BUILT}")
        try:
            client.images.build(path=folder, tag=BUILT, rm=True, forcerm=True)
        except (docker.errors.DockerException, OSError) as error:
            raise BrokerError(
                "The image cannot be built", str(error)[:300], f"Pull {OFFICIAL} instead, where there is a network."
            ) from error
    return BUILT


def context(folder: Path, runtime: Runtime) -> None:
    """Write all that the Dockerfile copies. Raises BrokerError."""
    home = runtime.java.program.resolve().parent.parent
    shutil.copyfile(DOCKERFILE, folder / "Dockerfile")
    shutil.copytree(home, folder / "java", symlinks=True)
    (folder / "libs").mkdir()
    for jar in runtime.jars:
        shutil.copy2(jar, folder / "libs")
    (folder / "bin").mkdir()
    for name, main in MAINS.items():
        script = folder / "bin" / f"kafka-{name}.sh"
        script.write_text(SCRIPT.format(name=name, main=main), encoding="ascii")
        script.chmod(0o755)
    system(folder / "system", home)


def system(root: Path, java_home: Path) -> None:
    """A shell, `mkdir`, and the libraries of these and of Java. Raises BrokerError where this is no Linux with glibc."""
    programs = [Path(found).resolve() for name in ("sh", "mkdir") if (found := shutil.which(name))]
    native = [java_home / "bin" / "java", *java_home.rglob("*.so")]
    try:
        needed = {path for program in (*programs, *native) for path in libraries(program)}
    except (OSError, subprocess.SubprocessError) as error:
        raise BrokerError(
            "The image cannot be built here", f"ldd does not work: {error}.", f"Pull {OFFICIAL} instead."
        ) from error
    needed |= set(_by_name(needed))
    (root / "bin").mkdir(parents=True)
    (root / "tmp").mkdir(mode=0o1777)
    for program, name in zip(programs, ("sh", "mkdir"), strict=True):
        shutil.copy2(program, root / "bin" / name)
    for path in sorted(needed):
        if path.is_relative_to(java_home):
            continue
        target = root / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)


def libraries(program: Path) -> Iterator[Path]:
    """The shared libraries of a program, the loader included, under the names by which they are looked for."""
    done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, timeout=20, check=False)
    for line in done.stdout.splitlines():
        if found := _LIBRARY.search(line):
            yield Path(found[1])


def _by_name(known: Iterable[Path]) -> Iterator[Path]:
    folders = {path.parent for path in known}
    for name in ALSO:
        yield from (folder / name for folder in folders if (folder / name).exists())
