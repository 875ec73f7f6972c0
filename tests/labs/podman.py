"""A container engine for tests: the one that is named, or a Podman of our own that ends with the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs.broker.containers import engine
from labs.errors import BrokerError
from tests.labs.witness import eventually

# runc, because Debian's Podman prefers a runtime that it does not bring along; limits that small machines allow.
SETTINGS = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=1024:2048"]
"""


@contextmanager
def container_engine(folder: Path) -> Iterator[str]:
    """Its address. Skips where there is none, which fails in CI."""
    if named := os.environ.get("DOCKER_HOST"):
        yield named
        return
    if not (shutil.which("podman") and shutil.which("runc")):
        pytest.skip("no container engine: apt-get install podman runc")
    socket, settings = folder / "podman.sock", folder / "containers.conf"
    settings.write_text(SETTINGS)
    environment = {**os.environ, "CONTAINERS_CONF": str(settings)}
    with (folder / "podman.log").open("wb") as log:
        command = ["podman", "system", "service", "--time=0", f"unix://{socket}"]
        service = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        eventually(lambda: answers(f"unix://{socket}"), "Podman's service answers")
        yield f"unix://{socket}"
    finally:
        service.terminate()
        service.wait()


def answers(url: str) -> bool:
    """Whether an engine listens there."""
    try:
        engine.connect(url).close()
    except BrokerError:
        return False
    return True
