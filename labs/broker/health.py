"""What embedded Kafka needs of this machine, checked one by one, each with its remedy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labs.broker.aot import AotStore
from labs.broker.jars import JARS_VARIABLE, Jars
from labs.broker.java import find_java
from labs.broker.jvm import Runtime
from labs.broker.ports import free_ports
from labs.broker.runs import stale_runs
from labs.broker.settings import HOST
from labs.dirs import HOME_VARIABLE, Dirs
from labs.errors import LearnerError

MEMORY_MB = 700
"""One broker (310 MB), one tool beside it (150 MB), the app (150 MB), and room to breathe."""
DISK_MB = 400
"""Jars (46 MB), AOT cache (71 MB, twice while it is made), data and logs of labs."""
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One line of `doctor`."""

    name: str
    ok: bool
    found: str
    """What was found, as a short sentence."""
    remedy: str = ""
    """The one command or step that mends it; empty where all is well."""


def check_health(dirs: Dirs, environ: Mapping[str, str] | None = None) -> list[HealthItem]:
    """All checks, in the order in which a start needs them. Changes nothing; takes well under a second."""
    env = os.environ if environ is None else environ
    checks: tuple[Callable[[], HealthItem], ...] = (
        lambda: _java(env),
        lambda: _jars(dirs, env),
        lambda: _aot(dirs, env),
        _port,
        _memory,
        lambda: _disk(dirs),
        lambda: _writable(dirs),
        lambda: _leftovers(dirs),
    )
    return [check() for check in checks]


def _java(env: Mapping[str, str]) -> HealthItem:
    try:
        java = find_java(env)
    except LearnerError as error:
        return HealthItem("Java", False, error.cause, error.next_step)
    return HealthItem("Java", True, f"Java {java.version} at {java.program}")


def _jars(dirs: Dirs, env: Mapping[str, str]) -> HealthItem:
    jars = Jars(dirs, env)
    missing = jars.missing()
    total = len(jars.lock.jars)
    if not missing:
        return HealthItem("Kafka's jars", True, f"{total} jars, {jars.lock.size / 1e6:.0f} MB, in {jars.directory}")
    size = sum(jar.size for jar in missing) / 1e6
    found = f"{len(missing)} of {total} jars ({size:.0f} MB) are missing in {jars.directory}"
    if env.get(JARS_VARIABLE):
        return HealthItem("Kafka's jars", False, found, f"unset {JARS_VARIABLE}")
    return HealthItem("Kafka's jars", False, found, "kafka-tutor doctor --fix")


def _aot(dirs: Dirs, env: Mapping[str, str]) -> HealthItem:
    name = "Fast start"
    try:
        java = find_java(env)
    except LearnerError:
        return HealthItem(name, False, "No Java to make a cache with", "See Java above")
    jars = Jars(dirs, env)
    if not java.can_cache:
        return HealthItem(name, True, f"Java {java.version} has no AOT cache (25 has): Kafka starts in a few seconds")
    if jars.missing():
        return HealthItem(name, True, "Its cache is made in the background once the jars are here")
    path = AotStore(dirs).find(Runtime(java, tuple(jars.paths())))
    if path is None:
        return HealthItem(
            name, True, "Its cache is not made yet; the app makes it in the background, or: kafka-tutor doctor --fix"
        )
    return HealthItem(name, True, f"AOT cache, {path.stat().st_size / 1e6:.0f} MB, {path}")


def _port() -> HealthItem:
    try:
        (port,) = free_ports(1)
    except LearnerError as error:
        return HealthItem("Loopback port", False, error.cause, error.next_step)
    return HealthItem("Loopback port", True, f"{HOST}:{port} is free")


def _memory() -> HealthItem:
    available = _available_memory() / 1e6
    found = f"{available:.0f} MB available, {MEMORY_MB} MB needed for one broker"
    if available >= MEMORY_MB:
        return HealthItem("Memory", True, found)
    return HealthItem("Memory", False, found, "Close other programs, or give the container more memory")


def _available_memory() -> float:
    """Bytes; in a container, what its limit leaves."""
    import psutil

    machine = float(psutil.virtual_memory().available)
    try:
        limit, used = CGROUP_LIMIT.read_text().strip(), CGROUP_USED.read_text().strip()
        return min(machine, float(limit) - float(used))
    except (OSError, ValueError):  # no cgroups here, or "max"
        return machine


def _disk(dirs: Dirs) -> HealthItem:
    where = _existing(dirs.cache)
    free = shutil.disk_usage(where).free / 1e6
    found = f"{free:.0f} MB free at {where}, {DISK_MB} MB needed"
    if free >= DISK_MB:
        return HealthItem("Disk", True, found)
    return HealthItem("Disk", False, found, f"Free some space, or set {HOME_VARIABLE} to a directory on another disk")


def _writable(dirs: Dirs) -> HealthItem:
    for directory in (dirs.data, dirs.cache, dirs.state):
        where = _existing(directory)
        try:
            with tempfile.TemporaryFile(dir=where):
                pass
        except OSError as error:
            found = f"{where} cannot be written ({error.strerror})"
            return HealthItem("Directories", False, found, f"Set {HOME_VARIABLE} to a directory of yours")
    return HealthItem("Directories", True, f"data {dirs.data}, cache {dirs.cache}, state {dirs.state}")


def _existing(directory: Path) -> Path:
    """The directory, or the nearest one above it that exists."""
    return next(path for path in (directory, *directory.parents) if path.exists())


def _leftovers(dirs: Dirs) -> HealthItem:
    stale = stale_runs(dirs)
    if not stale:
        return HealthItem("Left by a crash", True, "Nothing")
    found = f"{len(stale)} run(s) of a crashed app in {dirs.state / 'runs'}; the next start of a broker removes them"
    return HealthItem("Left by a crash", False, found, "kafka-tutor doctor --fix")
