"""The log segments of a partition as files on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".log"
DELETED = ".log.deleted"


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One segment file."""

    partition: int
    base_offset: int
    """The offset of its first record: also its file name."""
    size: int
    """Bytes."""
    deleted: bool = False
    """Renamed to `.deleted`: gone for readers, still on disk for `file.delete.delay.ms`."""


def segments(data_dirs: Iterable[Path], topic: str) -> list[Segment]:
    """The segments of a topic, sorted by partition and offset. Files that vanish meanwhile are left out."""
    found: list[Segment] = []
    for data_dir in data_dirs:
        for folder in data_dir.glob(f"{topic}-*"):
            number = folder.name.removeprefix(f"{topic}-")
            if number.isdigit():
                found += _in_folder(folder, int(number))
    return sorted(found)


def _in_folder(folder: Path, partition: int) -> list[Segment]:
    found = []
    for file in folder.glob("*.log*"):
        base, _, ending = file.name.partition(".")
        if base.isdigit() and f".{ending}" in (SUFFIX, DELETED):
            try:
                size = file.stat().st_size
            except FileNotFoundError:
                continue
            found.append(Segment(partition, int(base), size, f".{ending}" == DELETED))
    return found
