"""Labs of packs by others. They are code: none is loaded before its owner has trusted exactly these bytes by name.

A pack that was added lies in `packs/NNN-slug/` of the data directory; its lab is `lab/lab.py` there, with files to hand
out in `lab/templates/`. `packs/trust.json` holds a SHA-256 for each trusted lab. Every look compares it with the files,
and what runs is compiled from the very bytes that were compared: a change, of whatever file, takes the trust away.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

from labs.contract import Lab, LabInfo
from labs.dirs import dirs
from labs.errors import EnvironmentFault, LabError, UnknownLab

FIRST, LAST = 101, 9999
"""Numbers of scenarios and labs by others; those that ship have lower ones."""
PACKS = "packs"
TRUST = "trust.json"
LAB = "lab"
MODULE = "lab.py"
TEMPLATES = "templates"
MAX_BYTES = 1024 * 1024
"""Of all files of a lab."""
MAX_FILES = 60
NAME = re.compile(r"([1-9][0-9]{2,3})-([a-z0-9]+(?:-[a-z0-9]+)*)")
"""Folder of a pack that was added: its number and its slug."""

_loaded: dict[tuple[str, str], Lab] = {}
"""(folder, SHA-256) → the lab, so that one process runs a module once."""


@dataclass(frozen=True, slots=True)
class AddedLab:
    """The lab of an added pack, trusted or not."""

    number: int
    name: str
    """Folder of its pack: `412-lag-alert`."""
    folder: Path
    sha256: str
    """Of its files as they are now; empty where they cannot be read as a lab."""
    trusted: bool


def root() -> Path | None:
    """Where added packs are; None for a user without a home directory."""
    try:
        return dirs().data / PACKS
    except EnvironmentFault:
        return None


def found(packs: Path) -> tuple[AddedLab, ...]:
    """Every added pack that has a lab, by number."""
    trust = read_trust(packs)
    labs = [_look(number, folder, trust) for number, folder in _folders(packs)]
    return tuple(sorted(labs, key=lambda lab: (lab.number, lab.name)))


def numbers() -> tuple[int, ...]:
    """The trusted labs that can be loaded."""
    return tuple(number for number in _trusted() if not fault(number))


def fault(number: int) -> str:
    """Why a trusted lab cannot be used, for its author; empty where it can."""
    try:
        load(number)
    except LabError as error:
        return f"{error.title}: {error.cause}" if error.cause else error.title
    return ""


def load(number: int) -> Lab:
    """The lab of a trusted pack. Raises UnknownLab where it is not trusted, LabError where its code is broken."""
    lab = _trusted().get(number)
    if lab is None:
        raise UnknownLab(
            f"There is no lab {number}",
            "Labs of packs by others are code and stay off until you trust them by name.",
            "kafka-tutor pack list",
        )
    key = (str(lab.folder), lab.sha256)
    if key not in _loaded:
        _loaded[key] = _run(lab)
    return _loaded[key]


def info(number: int) -> LabInfo:
    """What is known of it before it runs. Raises as `load`."""
    return load(number).info


def template(number: int, name: str) -> Path:
    """Where a file lies that an added lab hands out."""
    lab = _trusted().get(number)
    folder = lab.folder if lab else Path(os.devnull)
    return folder / LAB / TEMPLATES / name


# --- trust -----------------------------------------------------------------------------------------------------------


def read_trust(packs: Path) -> Mapping[str, str]:
    """Name of a pack → SHA-256 of its lab. A file that cannot be read trusts nothing."""
    try:
        held = json.loads((packs / TRUST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(held, dict):
        return {}
    return {name: value for name, value in held.items() if isinstance(value, str)}


def write_trust(packs: Path, name: str, sha256: str | None) -> None:
    """Trust these bytes of a pack's lab, or no longer (None). Whole or not at all. Raises OSError."""
    held = {**read_trust(packs)}
    held.pop(name, None)
    if sha256:
        held[name] = sha256
    packs.mkdir(parents=True, exist_ok=True)
    part = packs / f"{TRUST}.{os.getpid()}"
    part.write_text(json.dumps(held, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(packs / TRUST)


def digest(files: Mapping[str, bytes]) -> str:
    """One number for all files with their names."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of the lab of the pack in `folder`, by its path in the lab; empty where there is none, a link, or too much."""
    files: dict[str, bytes] = {}
    room = MAX_BYTES
    for path in _walk(folder / LAB):
        data = _read(path, room)
        if data is None or len(files) == MAX_FILES:
            return {}
        room -= len(data)
        files[path.relative_to(folder / LAB).as_posix()] = data
    return files if MODULE in files else {}


def _walk(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        if folder.is_symlink():
            return
        for entry in sorted(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                if entry.name != "__pycache__":
                    yield from _walk(entry)
            else:
                yield entry


def _read(path: Path, most: int) -> bytes | None:
    """The bytes of a regular file; None for anything else, and where there are more than `most`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = stream.read(most + 1)
    return data if len(data) <= most else None


def _folders(packs: Path) -> Iterator[tuple[int, Path]]:
    try:
        entries = sorted(packs.iterdir())
    except OSError:
        return
    for entry in entries:
        match = NAME.fullmatch(entry.name)
        if match and not entry.is_symlink() and (entry / LAB / MODULE).is_file():
            yield int(match[1]), entry


def _look(number: int, folder: Path, trust: Mapping[str, str]) -> AddedLab:
    files = files_of(folder)
    sha256 = digest(files) if files else ""
    return AddedLab(number, folder.name, folder, sha256, bool(sha256) and trust.get(folder.name) == sha256)


def _trusted() -> dict[int, AddedLab]:
    packs = root()
    if packs is None or not read_trust(packs):  # nobody who trusts nothing pays for a look at files
        return {}
    return {lab.number: lab for lab in found(packs) if lab.trusted}


# --- running the module ----------------------------------------------------------------------------------------------


def _run(lab: AddedLab) -> Lab:
    """Run the module from the bytes that the trust is for. Raises LabError."""
    files = files_of(lab.folder)
    if digest(files) != lab.sha256:
        raise UnknownLab(f"Lab {lab.number} is changing while it is read", "", "Run the command again.")
    file = lab.folder / LAB / MODULE
    module = ModuleType(f"kafka_tutor_lab_{lab.number}_{lab.sha256[:12]}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        exec(compile(files[MODULE], str(file), "exec", dont_inherit=True), module.__dict__)
        made = cast(Lab, module.LAB)
        if made.info.number != lab.number:
            raise ValueError(f"info.number is {made.info.number}, and the pack is {lab.number}")
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise LabError(
            f"Lab {lab.number} of the pack {lab.name} cannot be loaded",
            f"{_place(error, file)}{type(error).__name__}: {error}.",
            f"Tell its author, or switch it off: kafka-tutor pack distrust {lab.name}",
        ) from error
    return made


def _place(error: BaseException, file: Path) -> str:
    """`…/lab.py:12: ` where the fault is in the module itself."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{file}:{line}: " if line else ""
