"""One fault of kafka-python 3.0.12 is mended in the programs that labs run: it would make a right program hang by chance.

A consumer that joins before it knows its topic's partitions joins again at once. When its poll() times out during that
second join, the client forgets it: no partitions and no heartbeats, for ever. Short time-outs on a busy machine meet this
often.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

MODULE = "kafka.coordinator.consumer"


def install() -> None:
    """Mend the client now where it is imported, or as soon as it is. Safe to call twice."""
    if MODULE in sys.modules:
        mend(sys.modules[MODULE])
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def mend(module: ModuleType) -> None:
    """Have a join that has begun stay wanted until it is done."""
    coordinator = getattr(module, "ConsumerCoordinator", None)
    original = getattr(coordinator, "_on_join_prepare_async", None)
    if coordinator is None or original is None or getattr(original, "mended", False):
        return

    async def prepare(self: Any, *args: Any, **options: Any) -> Any:
        self.request_rejoin()
        return await original(self, *args, **options)

    prepare.mended = True  # type: ignore[attr-defined]
    coordinator._on_join_prepare_async = prepare


class _Finder(importlib.abc.MetaPathFinder):
    """Watches for the import of the module, and mends it right afterwards."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The ordinary spec with a loader that mends; None for every other module."""
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Loads as the ordinary loader does, then mends."""

    def __init__(self, ordinary: importlib.abc.Loader) -> None:
        self._ordinary = ordinary

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the ordinary loader does."""
        return self._ordinary.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then mend it."""
        self._ordinary.exec_module(module)
        mend(module)
