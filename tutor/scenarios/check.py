"""Check packs as a whole: what `kafka-tutor check` reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tutor.errors import UsageError
from tutor.scenarios.faults import Broken, Fault
from tutor.scenarios.packs import Pack, faults_of, load_pack
from tutor.scenarios.proof import ExampleResult, GradeAnswer, prove
from tutor.scenarios.rubric import read_rubric, rubric_faults
from tutor.scenarios.rules import World, pack_faults
from tutor.scenarios.track import SCENARIO, TRACK, pack_folders, questions_root, read_track


class PackReport(msgspec.Struct, frozen=True):
    """One pack."""

    id: int
    slug: str
    folder: str
    points: int
    misconceptions: int
    examples: int
    graded: tuple[ExampleResult, ...]
    """Empty where nothing was graded."""
    ok: bool


class Report(msgspec.Struct, frozen=True):
    """All packs that were checked, and every fault found."""

    packs: tuple[PackReport, ...]
    """Those that could be read."""
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """For programs: `{"ok", "packs", "faults"}`."""
        packs = msgspec.to_builtins(self.packs)
        faults = [{**msgspec.structs.asdict(fault), "file": str(fault.file)} for fault in self.faults]
        return {"ok": self.ok, "packs": packs, "faults": faults}


def check(paths: Sequence[Path], labs: Mapping[int, frozenset[str]], grade: GradeAnswer | None = None) -> Report:
    """Check the packs at `paths`, or the shipped ones where none is given.

    Args:
        paths: folders of packs, folders that hold such folders, or files of a pack.
        labs: observation ids of every lab there is.
        grade: the grader that proves the example answers; None leaves that out.

    Raises:
        UsageError: where there is no pack at one of the paths.
    """
    folders = _folders(paths or (questions_root(),))
    faults: list[Fault] = [fault for path in paths or (questions_root(),) for fault in _root_faults(path)]
    packs = list(_readable(folders, faults))
    faults.extend(_clashes(packs))
    world = World(frozenset(pack.id for pack in packs) | _shipped_ids(), labs)
    reports: list[PackReport] = []
    for pack in packs:
        own = [*_pack_faults(pack, world)]
        graded, differences = prove(pack, grade) if grade else ((), ())
        own.extend(differences)
        faults.extend(own)
        reports.append(_report(pack, graded, ok=not own))
    return Report(tuple(reports), tuple(sorted(set(faults))))


def _folders(paths: Iterable[Path]) -> list[Path]:
    """The pack folders meant, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        folders = _folders_at(path)
        if not folders:
            title = f"There is no question pack in {path}"
            raise UsageError(title, f"A pack is a folder with a {SCENARIO}.", "kafka-tutor check FOLDER")
        found.update(dict.fromkeys(folders))
    return list(found)


def _folders_at(path: Path) -> tuple[Path, ...]:
    try:
        if (path / SCENARIO).exists():
            return (path,)
        if path.is_file():  # a file of a pack, or one of its answers
            return tuple(parent for parent in path.absolute().parents[:2] if (parent / SCENARIO).exists())[:1]
    except OSError:
        return ()
    return pack_folders(path)


def _readable(folders: Iterable[Path], faults: list[Fault]) -> Iterator[Pack]:
    for folder in folders:
        if broken := faults_of(folder):
            faults.extend(broken)
        else:
            yield load_pack(folder)


def _root_faults(root: Path) -> Iterator[Fault]:
    """What is wrong with a folder of packs itself: its track and its schema file."""
    if (root / TRACK).exists():
        try:
            yield from _track_faults(root)
        except Broken as broken:
            yield from broken.faults
    schema_file = root / "schema.json"
    if schema_file.exists():
        from tutor.scenarios.schema import schema_text

        if schema_file.read_text(encoding="utf-8") != schema_text():
            yield Fault(schema_file, 0, "", "the file is not what the model says: python -m tutor.scenarios.schema")


def _track_faults(root: Path) -> Iterator[Fault]:
    on_track = [entry.folder for entry in read_track(root)]
    have = [folder.name for folder in pack_folders(root)]
    for index, name in enumerate(on_track):
        if name not in have:
            yield Fault(root / TRACK, 0, f"[{index}]", f"there is no pack in the folder {name}")
    for name in have:
        if name not in on_track:
            yield Fault(root / TRACK, 0, "", f"the pack {name} is not on the track")


def _clashes(packs: Sequence[Pack]) -> Iterator[Fault]:
    """Ids, slugs and uuids that two packs share."""
    for key in ("id", "slug", "uuid"):
        first: dict[object, Pack] = {}
        for pack in packs:
            value = getattr(pack.scenario, key)
            if value in first:
                message = f"{value} is also the {key} of {first[value].folder.name}"
                yield Fault(pack.folder / SCENARIO, 0, key, message)
            first.setdefault(value, pack)


def _pack_faults(pack: Pack, world: World) -> Iterator[Fault]:
    try:
        yield from pack_faults(pack, world)
        rubric = read_rubric(pack.folder.parent).get(pack.id)
        if rubric is not None:
            yield from rubric_faults(pack, rubric)
    except Broken as broken:
        yield from broken.faults


def _shipped_ids() -> frozenset[int]:
    """Ids of the shipped scenarios, by the names of their folders: packs of others may build on them."""
    heads = (folder.name.partition("-")[0] for folder in pack_folders(questions_root()))
    return frozenset(int(head) for head in heads if head.isdigit())


def _report(pack: Pack, graded: tuple[ExampleResult, ...], *, ok: bool) -> PackReport:
    scenario = pack.scenario
    return PackReport(
        id=pack.id,
        slug=pack.slug,
        folder=str(pack.folder),
        points=len(scenario.points),
        misconceptions=len(scenario.misconceptions),
        examples=len(pack.examples),
        graded=graded,
        ok=ok,
    )
