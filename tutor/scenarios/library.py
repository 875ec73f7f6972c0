"""Every pack there is for a learner: those that ship, and those by others, looked at again whenever they are read.

`packs/NNN-slug/` in the data directory holds one pack each (`added.add` puts it there). One that was changed or damaged is
named and left out, and the others work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from labs import added as added_labs
from tutor.errors import PackError
from tutor.scenarios.document import MAX_TEXT_BYTES, read_text, read_yaml
from tutor.scenarios.faults import Broken, Fault
from tutor.scenarios.intake import TODO, folder_faults, number_faults, value_faults
from tutor.scenarios.packs import (
    ANSWERS,
    DEBRIEF,
    MODEL_ANSWER,
    Pack,
    PackSet,
    faults_of,
    front_matter,
    load_all,
    load_pack,
)
from tutor.scenarios.track import SCENARIO

MAX_PACKS = 200
"""Packs of others that are read at most."""


def load_library(packs: Path | None = None) -> PackSet:
    """The packs that ship, then those that were added, by number, with the faults of both.

    `packs`: where added ones are; the learner's data directory by default.
    """
    own = load_all()
    place = added_labs.root() if packs is None else packs
    others = read_added(place, {pack.id: pack for pack in own.packs}) if place else PackSet(())
    return PackSet((*own.packs, *others.packs), (*own.faults, *others.faults))


def read_added(packs: Path, taken: Mapping[int, Pack]) -> PackSet:
    """Every pack below `packs`; numbers, slugs and uuids in `taken`, or of another one, are a fault."""
    faults: list[Fault] = []
    found: list[Pack] = []
    for folder in folders(packs):
        others = (*taken.values(), *found)
        try:
            found.append(_read(folder, others))
        except Broken as broken:
            faults.extend(broken.faults)
        except PackError as error:  # it has changed while it was read
            faults.append(Fault(folder, 0, "", error.cause))
    return PackSet(tuple(sorted(found, key=lambda pack: pack.id)), tuple(faults))


def folders(packs: Path) -> Sequence[Path]:
    """The folders of added packs, by name."""
    try:
        names = sorted(entry.name for entry in packs.iterdir() if added_labs.NAME.fullmatch(entry.name))
    except OSError:
        return ()
    return [packs / name for name in names[:MAX_PACKS]]


def _read(folder: Path, others: Sequence[Pack]) -> Pack:
    """One pack, looked at as if it were new. Raises Broken."""
    if folder.is_symlink():
        raise Broken(Fault(folder, 0, "", "this is a link: add the pack with kafka-tutor pack add"))
    if faults := folder_faults(folder) or faults_of(folder):
        raise Broken(*faults)
    pack = load_pack(folder)
    if faults := (*content_faults(pack), *clashes(pack, others)):
        raise Broken(*faults)
    return pack


def content_faults(pack: Pack) -> tuple[Fault, ...]:
    """What only packs of others must keep: numbers, characters, lengths, nothing left to be written."""
    try:
        return tuple(_content_faults(pack))
    except Broken as broken:  # its files have changed meanwhile
        return broken.faults


def _content_faults(pack: Pack) -> Iterator[Fault]:
    document = read_yaml(pack.folder / SCENARIO, pack.folder)
    yield from number_faults(document, pack)
    yield from value_faults(document)
    for name in (MODEL_ANSWER, DEBRIEF, *(f"{ANSWERS}/{example.name}.md" for example in pack.examples)):
        file = pack.folder / name
        text = read_text(file, MAX_TEXT_BYTES, pack.folder)
        if name.startswith(ANSWERS):
            yield from value_faults(front_matter(file, text)[0])
        for line, written in enumerate(text.split("\n"), start=1):
            if TODO in written:
                yield Fault(file, line, "", "still to be written")


def clashes(pack: Pack, others: Sequence[Pack]) -> Iterator[Fault]:
    """A number, slug or uuid that another pack has."""
    document = read_yaml(pack.folder / SCENARIO, pack.folder)
    for key in ("id", "slug", "uuid"):
        value = getattr(pack.scenario, key)
        for other in others:
            if getattr(other.scenario, key) == value:
                yield document.fault((key,), f"{value} is also the {key} of {other.folder.name}")
