"""What a pack by others may bring: a few kinds of small files, and text that a terminal shows as text.

Nothing of a pack is read before this has looked at its folder: links, sockets, deep or many or large files never get as
far as a parser, and what is read once (`snapshot`) is what is checked and what is kept.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labs import added
from tutor import text as safe
from tutor.scenarios.document import MAX_TEXT_BYTES, MAX_YAML_BYTES, Document
from tutor.scenarios.faults import Broken, Fault, KeyPath
from tutor.scenarios.packs import ANSWERS, DEBRIEF, MAX_EXAMPLES, MODEL_ANSWER, Pack
from tutor.scenarios.track import SCENARIO

MAX_FILES = 120
MAX_BYTES = 2 * 1024 * 1024
"""Of all files of a pack together."""
MAX_FOLDERS = 4
"""Folders within folders: `lab/templates/reference/` needs three."""
MAX_STRING = 8_000
"""Characters of one text in `scenario.yaml`."""
MAX_ENTRIES = 40
"""Entries of one list in `scenario.yaml`: what a grade costs grows with them."""
TODO = "TODO"
"""What `new pack` leaves where something is to be written."""

_KINDS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(re.escape(SCENARIO)), MAX_YAML_BYTES),
    (re.compile(rf"{re.escape(MODEL_ANSWER)}|{re.escape(DEBRIEF)}|README\.md|LICENSE(\.md|\.txt)?"), MAX_TEXT_BYTES),
    (re.compile(rf"{ANSWERS}/[a-z]+-[0-9]+\.md"), MAX_TEXT_BYTES),
    (re.compile(r"lab/lab\.py"), MAX_YAML_BYTES),
    (
        re.compile(r"lab/templates/([A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+\.(py|properties|yaml|json|txt|sql|md)"),
        MAX_TEXT_BYTES,
    ),
)
"""The files a pack may have, with their largest sizes."""
_SKIPPED = ("__pycache__",)

Snapshot = Mapping[str, bytes]
"""Path in the pack → content."""


def snapshot(folder: Path) -> Snapshot:
    """Every file of a pack, read once. Raises Broken with all that is wrong with them."""
    faults: list[Fault] = []
    files: dict[str, bytes] = {}
    room = MAX_BYTES
    for path, name in _walk(folder, faults):
        if len(files) == MAX_FILES:
            faults.append(Fault(folder, 0, "", f"there are more than {MAX_FILES} files, the limit"))
            break
        data = _read(path, name, faults)
        room -= len(data)
        files[name] = data
        if room < 0:
            faults.append(Fault(folder, 0, "", f"its files are larger than {safe.size(MAX_BYTES)} together, the limit"))
            break
    if faults:
        raise Broken(*faults)
    return files


def folder_faults(folder: Path) -> tuple[Fault, ...]:
    """What is wrong with the files of a pack, whatever is in them."""
    try:
        snapshot(folder)
    except Broken as broken:
        return broken.faults
    return ()


def _walk(folder: Path, faults: list[Fault], depth: int = 0, prefix: str = "") -> Iterator[tuple[Path, str]]:
    """Regular files of allowed names; hidden ones (`.git`) are passed over, everything else is a fault."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        faults.append(Fault(folder, 0, "", f"the folder cannot be read: {error.strerror}"))
        return
    for entry in found[: 2 * MAX_FILES]:
        path, name = folder / entry.name, f"{prefix}{entry.name}"
        if entry.name.startswith(".") or entry.name in _SKIPPED:
            continue
        if entry.is_symlink():
            faults.append(Fault(path, 0, "", "this is a link: a pack holds its files itself"))
        elif entry.is_dir():
            if depth == MAX_FOLDERS - 1:
                faults.append(Fault(path, 0, "", f"folders are nested more than {MAX_FOLDERS - 1} deep, the limit"))
            else:
                yield from _walk(path, faults, depth + 1, f"{name}/")
        elif not entry.is_file(follow_symlinks=False):
            faults.append(Fault(path, 0, "", "this must be a file"))
        elif not _limit(name):
            faults.append(Fault(path, 0, "", "a pack has no file of this name in this place"))
        else:
            yield path, name
    if len(found) > 2 * MAX_FILES:
        faults.append(Fault(folder, 0, "", f"there are more than {MAX_FILES} files, the limit"))


def _limit(name: str) -> int:
    return next((limit for pattern, limit in _KINDS if pattern.fullmatch(name)), 0)


def _read(path: Path, name: str, faults: list[Fault]) -> bytes:
    """The content; empty, with a fault, where it is none."""
    limit = _limit(name)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                faults.append(Fault(path, 0, "", "this must be a file"))
                return b""
            data = stream.read(limit + 1)
    except OSError as error:
        faults.append(Fault(path, 0, "", f"the file cannot be read: {error.strerror}"))
        return b""
    if len(data) > limit:
        faults.append(Fault(path, 0, "", f"the file is larger than {limit // 1024} KiB, the limit"))
        return b""
    faults.extend(_character_faults(path, data))
    return data


def _character_faults(path: Path, data: bytes) -> Iterator[Fault]:
    try:
        content = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        yield Fault(path, data[: error.start].count(b"\n") + 1, "", "the file is not UTF-8 text")
        return
    for number, line in enumerate(content.split("\n"), start=1):
        if message := odd_characters(line):
            yield Fault(path, number, "", message)
            return


def odd_characters(content: str) -> str:
    """What is wrong with the characters of a text that a terminal will show; empty where nothing is."""
    if content == safe.shown(content):
        return ""
    odd = next(new for old, new in zip(content, content, strict=True) if safe.shown(old) != old)
    return f"the character U+{ord(odd):04X} is not allowed: it can command a terminal or turn the writing direction"


# --- the values of scenario.yaml and of front matters ----------------------------------------------------------------


def value_faults(document: Document) -> Iterator[Fault]:
    """Characters, lengths and numbers of entries: also what YAML makes of `\\x1b` in quotes."""
    for path, value in _values(document.value):
        if isinstance(value, list) and len(value) > MAX_ENTRIES:
            yield document.fault(path, f"must have {MAX_ENTRIES} entries or fewer")
        if not isinstance(value, str):
            continue
        if len(value) > MAX_STRING:
            yield document.fault(path, f"must have {MAX_STRING:,} characters or fewer")
        if message := odd_characters(value):
            yield document.fault(path, message)
        elif TODO in value:
            yield document.fault(path, f"still to be written: {safe.clipped(value, 60)}")


def _values(root: Any) -> Iterator[tuple[KeyPath, Any]]:
    """Every value with its place. A document is 16 deep at most, see `document.MAX_DEPTH`."""
    stack: list[tuple[KeyPath, Any]] = [((), root)]
    while stack:
        path, value = stack.pop()
        yield path, value
        if isinstance(value, dict):
            stack.extend(((*path, key), child) for key, child in value.items())
        elif isinstance(value, list):
            stack.extend(((*path, index), child) for index, child in enumerate(value))


def number_faults(document: Document, pack: Pack) -> Iterator[Fault]:
    """Numbers below `added.FIRST` belong to what ships, and a lab is the pack's own."""
    if not added.FIRST <= pack.id <= added.LAST:
        yield document.fault(("id",), f"must be {added.FIRST} to {added.LAST}: lower numbers are kept for what ships")
    if len(pack.examples) > MAX_EXAMPLES:
        yield document.fault((), f"there are more than {MAX_EXAMPLES} example answers, the limit")
    has_lab = (pack.folder / added.LAB / added.MODULE).is_file()
    if pack.scenario.lab is not None and pack.scenario.lab != pack.id:
        message = f"must be {pack.id}, the pack's own number, or left out; `labs` of a point may name shipped ones"
        yield document.fault(("lab",), message)
    elif pack.scenario.lab is None and has_lab:
        yield document.fault(("lab",), f"the pack has a lab: write lab: {pack.id}")
    elif pack.scenario.lab is not None and not has_lab:
        yield document.fault(("lab",), f"the pack has no {added.LAB}/{added.MODULE}")
