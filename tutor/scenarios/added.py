"""Packs by others come and go: checked, and kept as a copy in the learner's data directory."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock

from labs import added as added_labs
from tutor.errors import EnvironmentFault, PackError, UsageError
from tutor.scenarios.check import Report, check
from tutor.scenarios.document import read_yaml
from tutor.scenarios.faults import Broken, Fault
from tutor.scenarios.intake import Snapshot, folder_faults, snapshot, value_faults
from tutor.scenarios.library import clashes, content_faults, folders, read_added
from tutor.scenarios.packs import Pack, faults_of, load_all, load_pack
from tutor.scenarios.proof import GradeAnswer
from tutor.scenarios.track import SCENARIO

Labs = Mapping[int, frozenset[str]]
"""Observation ids of every lab there is."""
WAIT = 30.0
"""Seconds for another command that changes the packs."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What `add` has done."""

    pack: Pack
    replaced: bool
    """An older version of the same pack was there."""
    report: Report


def check_pack(folder: Path, labs: Labs, grade: GradeAnswer | None) -> Report:
    """Check one pack before it is added or handed on: its files first, then all that is in them. Raises UsageError."""
    _need_pack(folder)
    if faults := folder_faults(folder):
        return Report((), faults)
    if faults := (*faults_of(folder), *_early(folder)):
        return Report((), tuple(sorted(set(faults))))
    pack = load_pack(folder)
    own = content_faults(pack)
    observations = {**labs, pack.id: frozenset[str]()} if pack.scenario.lab == pack.id else labs
    report = check((folder,), observations, None if own else grade)
    return Report(report.packs, tuple(sorted({*report.faults, *own})))


def _need_pack(folder: Path) -> None:
    if not os.path.lexists(folder / SCENARIO):
        title = f"There is no question pack in {folder}"
        raise UsageError(title, f"A pack is a folder with a {SCENARIO}.", "kafka-tutor new pack NAME makes one.")


def _at(fault: Fault, copy: Path, source: Path) -> Fault:
    """The fault of the copy, as one of the file that its author knows."""
    inside = fault.file.is_relative_to(copy)
    return msgspec.structs.replace(fault, file=source / fault.file.relative_to(copy)) if inside else fault


def _early(folder: Path) -> tuple[Fault, ...]:
    """What is still to be written, also where a pack cannot be read yet."""
    try:
        return tuple(value_faults(read_yaml(folder / SCENARIO, folder))) if faults_of(folder) else ()
    except Broken:
        return ()


def add(source: Path, packs: Path, labs: Labs, grade: GradeAnswer | None) -> Addition:
    """Check a pack and keep a copy of it. Raises PackError with the first fault, UsageError, EnvironmentFault."""
    name = source.resolve().name
    _need_pack(source)
    try:
        packs.mkdir(parents=True, exist_ok=True)
        with FileLock(packs / ".lock", timeout=WAIT), _kept_apart(packs, name, snapshot(source)) as copy:
            report = check_pack(copy, labs, grade)
            old = _same(copy, packs) if report.ok else None
            if faults := report.faults or tuple(clashes(load_pack(copy), _others(packs, old))):
                raise Broken(*(_at(fault, copy, source) for fault in faults))
            _exchange(copy, packs / copy.name, old)
    except Broken as broken:
        raise _refused(source, broken.faults) from broken
    except OSError as error:
        raise EnvironmentFault(
            "The pack cannot be kept", f"{error.filename}: {error.strerror}", "Make room or rights there."
        ) from error
    return Addition(load_pack(packs / name), old is not None, report)


def _refused(source: Path, faults: Sequence[Fault]) -> PackError:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return PackError(f"The pack {source.name} is not added", f"{faults[0]}{more}", f"kafka-tutor pack check {source}")


@contextlib.contextmanager
def _kept_apart(packs: Path, name: str, files: Snapshot) -> Iterator[Path]:
    """A copy of what was read, in a hidden folder beside the packs; what is left of it at the end goes."""
    for left in packs.glob(".incoming-*"):
        shutil.rmtree(left, ignore_errors=True)  # of an `add` that was killed
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=packs, ignore_cleanup_errors=True) as place:
        for path, data in files.items():
            file = Path(place) / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        yield Path(place) / name


def _same(copy: Path, packs: Path) -> Path | None:
    """The folder of the version that is there already, by the uuid."""
    uuid = load_pack(copy).scenario.uuid
    return next((folder for folder in folders(packs) if _uuid(folder) == uuid), None)


def _uuid(folder: Path) -> str:
    """Of a pack that may be broken."""
    try:
        return str(read_yaml(folder / SCENARIO, folder).value.get("uuid"))
    except (Broken, AttributeError):
        return ""


def _others(packs: Path, but: Path | None) -> Sequence[Pack]:
    own = load_all().packs
    found = read_added(packs, {pack.id: pack for pack in own}).packs
    return [*own, *(pack for pack in found if pack.folder != but)]


def _exchange(copy: Path, place: Path, old: Path | None) -> None:
    """Put the new one in its place; an old one, or what is left of one, goes."""
    for folder in {place, old or place}:
        if os.path.lexists(folder):
            folder.rename(copy.parent / f"{folder.name}.old")
    copy.rename(place)


def find_added(name: str, packs: Path) -> Path:
    """The folder of an added pack by its number, slug or folder name, broken or not. Raises UsageError."""
    for folder in folders(packs):
        number, _, slug = folder.name.partition("-")
        if name in (folder.name, number, slug):
            return folder
    there = ", ".join(folder.name for folder in folders(packs)) or "none"
    raise UsageError(f"No pack {name!r} was added", f"There are: {there}.", "kafka-tutor pack list")


def remove(name: str, packs: Path) -> Path:
    """Forget an added pack and the trust in its lab; returns where it was. Raises UsageError, EnvironmentFault."""
    folder = find_added(name, packs)
    try:
        with FileLock(packs / ".lock", timeout=WAIT):
            added_labs.write_trust(packs, folder.name, None)
            if folder.is_symlink():
                folder.unlink()
            else:
                shutil.rmtree(folder)
    except OSError as error:
        raise EnvironmentFault(
            "The pack cannot be removed", f"{error.filename}: {error.strerror}", f"Remove {folder} by hand."
        ) from error
    return folder
