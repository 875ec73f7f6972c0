"""The AOT cache (JEP 514): Kafka's classes loaded and linked ahead of time, half of a start saved."""

from __future__ import annotations

import platform
import shutil
from hashlib import sha256
from pathlib import Path

from labs.broker.jvm import Runtime
from labs.dirs import Dirs

CACHE = "kafka.aot"
KEPT = 2
"""Caches kept, newest first, 70 MB each: two installations may share one directory."""


def cache_key(runtime: Runtime) -> str:
    """Sixteen hexadecimal digits that change with all that makes a JVM refuse a cache: itself, its flags, its jars."""
    parts = [
        runtime.java.version,
        str(runtime.java.program),
        platform.system(),
        platform.machine(),
        *runtime.flags,
        *runtime.quiet_flags(),
    ]
    for jar in runtime.jars:
        stat = jar.stat()
        parts.append(f"{jar} {stat.st_size} {stat.st_mtime_ns}")
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


class AotStore:
    """Where the caches are."""

    def __init__(self, dirs: Dirs) -> None:
        self.root = dirs.cache / "aot"

    def path(self, runtime: Runtime) -> Path:
        """Where the cache for this runtime is, or will be."""
        return self.root / cache_key(runtime) / CACHE

    def find(self, runtime: Runtime) -> Path | None:
        """The cache for this runtime; None where there is none, or the Java is too old for it."""
        if not runtime.java.can_cache:
            return None
        path = self.path(runtime)
        return path if path.is_file() else None

    def discard(self, runtime: Runtime) -> None:
        """Forget a cache that does harm."""
        self.path(runtime).unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove all but the newest caches."""
        caches = sorted(self.root.glob(f"*/{CACHE}"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in caches[KEPT:]:
            shutil.rmtree(old.parent, ignore_errors=True)
