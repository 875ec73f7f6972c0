"""The container engine of this machine: where it listens, what carries our label, and what a dead app has left."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from labs.broker.processes import ProcessName, is_alive, own_name
from labs.errors import BrokerError

if TYPE_CHECKING:
    import docker

RUN_LABEL = "kafka-tutor.run"
"""On every container and network: the name of the run it belongs to."""
OWNER_LABEL = "kafka-tutor.owner"
"""The process it belongs to, `PID:STARTED`."""
IMAGE_VARIABLE = "KAFKA_TUTOR_IMAGE"
OFFICIAL = "docker.io/apache/kafka:4.3.1"
BUILT = "localhost/kafka-tutor-kafka:4.3.1"
"""What `kafka-tutor lab image` builds, where nothing can be pulled."""
API = "1.40"
"""Of Docker 19.03, which Podman understands too. A named version spares a question at every connection."""
TIMEOUT = 30
"""Seconds for an answer of the engine."""
PULL_TIMEOUT = 600


def address(environ: Mapping[str, str]) -> str:
    """Where the engine listens: DOCKER_HOST, or the first socket that is there. Raises BrokerError."""
    if named := environ.get("DOCKER_HOST"):
        return named
    for path in sockets(environ):
        if path.is_socket():
            return f"unix://{path}"
    raise _unreachable("There is neither a DOCKER_HOST nor a socket of Docker or Podman.")


def sockets(environ: Mapping[str, str]) -> list[Path]:
    """Where engines usually listen."""
    own = environ.get("XDG_RUNTIME_DIR")
    home = environ.get("HOME", "")
    rootless = [Path(own) / "docker.sock", Path(own) / "podman" / "podman.sock"] if own else []
    desktop = [Path(home) / ".docker" / "run" / "docker.sock"] if home else []
    return [*rootless, *desktop, Path("/var/run/docker.sock"), Path("/run/podman/podman.sock")]


def connect(base_url: str, timeout: int = TIMEOUT) -> docker.DockerClient:
    """A client of the engine that listens there. Raises BrokerError."""
    import docker
    import requests

    client = None
    try:
        _knock(base_url)
        client = docker.from_env(version=API, timeout=timeout, environment=variables(base_url))
        client.ping()
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        if client is not None:
            client.close()
        raise _unreachable(f"{base_url}: {_short(error)}") from error
    return client


def _knock(base_url: str) -> None:
    """Raises OSError where nobody listens: the engine's library would leave its socket open."""
    if base_url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(TIMEOUT)
            door.connect(base_url.removeprefix("unix://"))


def variables(base_url: str) -> dict[str, str]:
    """The environment in which the engine's library finds that engine, with what is set for TLS."""
    return {**os.environ, "DOCKER_HOST": base_url}


def _unreachable(cause: str) -> BrokerError:
    return BrokerError(
        "No container engine answers",
        cause,
        "Start Docker; or Podman: podman system service --time=0 unix:///run/podman/podman.sock",
    )


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def owner() -> str:
    """The process that asks, for OWNER_LABEL."""
    name = own_name()
    return f"{name.pid}:{name.started}"


def owner_lives(label: str) -> bool:
    """Whether the process that a label names still runs; what cannot be read belongs to nobody that we know."""
    pid, _, started = label.partition(":")
    try:
        return is_alive(ProcessName(int(pid), float(started)))
    except ValueError:
        return True


def remove(client: docker.DockerClient, run: str) -> list[str]:
    """Remove all containers and networks of a run; returns what would not go."""
    return list(_remove(client, f"{RUN_LABEL}={run}"))


def sweep(client: docker.DockerClient) -> list[str]:
    """Remove what belongs to processes that are gone; returns the names of their runs."""
    found = client.containers.list(
        all=True, filters={"label": RUN_LABEL}, sparse=True
    )  # whole ones could be gone by now
    labels = [container.attrs.get("Labels") or {} for container in found]
    labels += [network.attrs.get("Labels") or {} for network in client.networks.list(filters={"label": RUN_LABEL})]
    dead = sorted({row[RUN_LABEL] for row in labels if not owner_lives(row.get(OWNER_LABEL, ""))})
    for run in dead:
        remove(client, run)
    return dead


def _remove(client: docker.DockerClient, label: str) -> Iterator[str]:
    import docker

    found: Iterable[object] = client.containers.list(all=True, filters={"label": label}, sparse=True)
    for container in found:
        try:
            container.remove(force=True, v=True)  # type: ignore[attr-defined]
        except docker.errors.NotFound:
            continue
        except docker.errors.DockerException as error:
            yield f"container {container.name}: {_short(error)}"  # type: ignore[attr-defined]
    for network in client.networks.list(filters={"label": label}):
        try:
            network.remove()
        except docker.errors.NotFound:
            continue
        except docker.errors.DockerException as error:
            yield f"network {network.name}: {_short(error)}"


def image(client: docker.DockerClient, environ: Mapping[str, str]) -> str:
    """The image that is used: the named one, the official one, or one that was built here. Raises BrokerError."""
    named = environ.get(IMAGE_VARIABLE)
    candidates = [named] if named else [OFFICIAL, BUILT]
    for name in candidates:
        if _is_here(client, name):
            return name
    faults = []
    for name in candidates:
        if fault := _pull(client, name):
            faults.append(fault)
        else:
            return name
    raise BrokerError("There is no image of Kafka", " ".join(faults), "Build one: kafka-tutor lab image")


def _is_here(client: docker.DockerClient, name: str) -> bool:
    import docker

    try:
        client.images.get(name)
    except docker.errors.DockerException:
        return False
    return True


def _pull(client: docker.DockerClient, name: str) -> str:
    """Why it cannot be had; empty: it is here now."""
    import docker

    if name.startswith("localhost/"):
        return f"{name} has not been built."
    try:
        client.images.pull(name)
    except docker.errors.DockerException as error:
        return f"{name} cannot be pulled: {_short(error)}"
    return ""


def user() -> str:
    """The user that a container runs as: ours, so that what it writes is ours to read and to remove."""
    return f"{os.getuid()}:{os.getgid()}"
