"""Where the packs are, and in which order they are learnt."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tutor.scenarios.document import read_yaml
from tutor.scenarios.faults import Broken, Fault

TRACK = "track.yaml"
SCENARIO = "scenario.yaml"


class TrackEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One step of the track."""

    id: Annotated[int, Meta(ge=1, description="Number of the scenario.")]
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="Its slug.")]

    @property
    def folder(self) -> str:
        """Name of the pack's folder: `04-rebalance-storm`."""
        return f"{self.id:02d}-{self.slug}"


def questions_root() -> Path:
    """The folder of the packs that came with the installed program."""
    return Path(str(importlib.resources.files("questions")))


def pack_folders(root: Path) -> tuple[Path, ...]:
    """Every folder below `root` that holds a scenario, by name. Empty where `root` cannot be read."""
    try:
        return tuple(sorted(child for child in root.iterdir() if (child / SCENARIO).is_file()))
    except OSError:
        return ()


def read_track(root: Path) -> tuple[TrackEntry, ...]:
    """The entries of `track.yaml`, in order. Raises Broken."""
    document = read_yaml(root / TRACK, root)
    try:
        entries = msgspec.convert(document.value, tuple[TrackEntry, ...])
    except msgspec.ValidationError as error:
        from tutor.scenarios.validate import schema_faults  # only a broken file needs the slow way

        schema = {"type": "array", "items": {"$ref": "#/$defs/TrackEntry"}}
        faults = tuple(schema_faults(document, schema)) or (document.fault((), str(error)),)
        raise Broken(*faults) from error
    if faults := tuple(_double_entries(root / TRACK, entries)):
        raise Broken(*faults)
    return entries


def _double_entries(file: Path, entries: tuple[TrackEntry, ...]) -> list[Fault]:
    numbers = [entry.id for entry in entries]
    return [
        Fault(file, 0, f"[{index}].id", f"scenario {number} is on the track twice")
        for index, number in enumerate(numbers)
        if number in numbers[:index]
    ]
