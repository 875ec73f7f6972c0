"""Python and the parts that embedded Kafka needs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator

from labs.dirs import Dirs
from tutor.health.finding import Finding, adopted

OLDEST = (3, 11)
_OURS = {"Disk", "Directories"}
"""`tutor.health.data` looks at these more closely: each directory, each file system."""


def python() -> Finding:
    """The interpreter."""
    version = sys.version_info[:2]
    found = f"Python {platform.python_version()} ({platform.system()} {platform.machine()}) at {sys.executable}"
    remedy = "" if version >= OLDEST else f"Install Python {OLDEST[0]}.{OLDEST[1]} or newer, then: make run"
    return Finding("Python", version >= OLDEST, found, remedy)


def rabbitmq() -> Iterator[Finding]:
    """What lab 10 has beside Kafka."""
    from labs.rabbit.health import check

    yield adopted(check(os.environ))


def kafka(where: Dirs) -> Iterator[Finding]:
    """Java, jars, start-up cache, ports, memory, and what a crash left."""
    from labs.broker.health import check_health

    for item in check_health(where):
        if item.name not in _OURS:
            yield adopted(item)
