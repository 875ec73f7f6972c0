"""Question packs read from their folders. One broken pack never hides the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from tutor.errors import PackError, UnknownScenario
from tutor.scenarios.document import MAX_TEXT_BYTES, Document, parse_yaml, read_text, read_yaml
from tutor.scenarios.faults import Broken, Fault
from tutor.scenarios.model import ExampleAnswer, Scenario
from tutor.scenarios.track import SCENARIO, TRACK, TrackEntry, pack_folders, questions_root, read_track

MODEL_ANSWER = "model_answer.md"
DEBRIEF = "debrief.md"
ANSWERS = "answers"
MAX_EXAMPLES = 50

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Example:
    """An example answer and what it must score."""

    name: str
    """File name without its ending: `strong-1`."""
    front: ExampleAnswer
    text: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A scenario with the texts around it."""

    scenario: Scenario
    model_answer: str
    """Markdown; shown only after an attempt."""
    debrief: str
    """Markdown."""
    examples: tuple[Example, ...]
    folder: Path

    @property
    def id(self) -> int:
        """Number of the scenario."""
        return self.scenario.id

    @property
    def slug(self) -> str:
        """Slug of the scenario."""
        return self.scenario.slug


@dataclass(frozen=True, slots=True)
class PackSet:
    """All packs that could be read, in the order of the track, and what is wrong with the others."""

    packs: tuple[Pack, ...]
    faults: tuple[Fault, ...] = ()


def load_pack(folder: Path) -> Pack:
    """Read one pack. Raises PackError with the first fault; `faults_of` lists all."""
    try:
        return _read_pack(folder)
    except Broken as broken:
        more = len(broken.faults) - 1
        cause = f"{broken.faults[0]}{f' (and {more} more)' if more else ''}"
        raise PackError(
            f"The question pack {folder.name} cannot be read", cause, f"kafka-tutor check {folder}"
        ) from broken


def faults_of(folder: Path) -> tuple[Fault, ...]:
    """Every fault that keeps the pack from being read; empty where it can be read."""
    try:
        _read_pack(folder)
    except Broken as broken:
        return broken.faults
    return ()


def load_all(root: Path | None = None) -> PackSet:
    """Every pack below `root` (the shipped ones by default). Raises nothing for broken packs: see `faults`."""
    base = questions_root() if root is None else root
    faults: list[Fault] = []
    packs: dict[int, Pack] = {}
    for folder in _ordered_folders(base, faults):
        try:
            pack = _read_pack(folder)
        except Broken as broken:
            faults.extend(broken.faults)
            continue
        if pack.id in packs:
            message = f"scenario {pack.id} is also in {packs[pack.id].folder.name}: this one is left out"
            faults.append(Fault(folder / SCENARIO, 0, "id", message))
            continue
        packs[pack.id] = pack
    return PackSet(tuple(packs.values()), tuple(faults))


def find(packset: PackSet, ref: str | int) -> Pack:
    """The pack of a number (`4`, `"04"`) or slug. Raises UnknownScenario with near matches."""
    wanted = str(ref).strip().lower()
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None
    for pack in packset.packs:
        if pack.id == number or pack.slug == wanted:
            return pack
    raise _unknown(packset, wanted, number)


def _unknown(packset: PackSet, wanted: str, number: int | None) -> UnknownScenario:
    shown = wanted if len(wanted) <= 60 else wanted[:60] + "…"
    for fault in packset.faults:
        name = fault.file.parent.name
        if name.partition("-")[2] == wanted or (number is not None and name.startswith(f"{number:02d}-")):
            return UnknownScenario(f"Scenario {shown} cannot be read", str(fault), "kafka-tutor check")
    near = _near(packset, wanted)
    if near:
        cause = "Near matches: " + ", ".join(f"{pack.id} {pack.slug}" for pack in near) + "."
    else:
        cause = "There are: " + ", ".join(f"{pack.id} {pack.slug}" for pack in packset.packs) + "."
    return UnknownScenario(f"There is no scenario {shown!r}", cause, "kafka-tutor scenarios")


def _near(packset: PackSet, wanted: str) -> list[Pack]:
    from rapidfuzz import fuzz, process

    names = {index: f"{pack.slug} {pack.scenario.title.lower()}" for index, pack in enumerate(packset.packs)}
    hits = process.extract(wanted, names, scorer=fuzz.partial_ratio, limit=3, score_cutoff=65)
    return [packset.packs[index] for _, _, index in hits]


def _ordered_folders(base: Path, faults: list[Fault]) -> Sequence[Path]:
    """Folders on the track first, in its order; then the others by name. Adds what is wrong with the track."""
    folders = pack_folders(base)
    try:
        track = read_track(base)
    except Broken as broken:
        faults.extend(broken.faults)
        return folders
    known = {folder.name: folder for folder in folders}
    ordered = [known.pop(entry.folder) for entry in track if entry.folder in known]
    faults.extend(_missing(base, track, {folder.name for folder in ordered}))
    return [*ordered, *known.values()]


def _missing(base: Path, track: Sequence[TrackEntry], found: set[str]) -> Iterator[Fault]:
    for index, entry in enumerate(track):
        if entry.folder not in found:
            yield Fault(base / TRACK, 0, f"[{index}]", f"there is no pack in the folder {entry.folder}")


def _read_pack(folder: Path) -> Pack:
    """Read a pack; raises Broken with the faults of all its files."""
    faults: list[Fault] = []
    scenario = _try(faults, lambda: _read_scenario(folder))
    model_answer = _try(faults, lambda: _read_markdown(folder / MODEL_ANSWER, folder))
    debrief = _try(faults, lambda: _read_markdown(folder / DEBRIEF, folder))
    files = _example_files(folder, faults)
    examples = [_try(faults, partial(_read_example, file, folder)) for file in files]
    if scenario is None or model_answer is None or debrief is None or faults:
        raise Broken(*faults)
    return Pack(scenario, model_answer, debrief, tuple(e for e in examples if e is not None), folder)


def _try(faults: list[Fault], read: Callable[[], _T]) -> _T | None:
    """The value, or None with its faults noted: so all files are looked at."""
    try:
        return read()
    except Broken as broken:
        faults.extend(broken.faults)
        return None


def _read_scenario(folder: Path) -> Scenario:
    document = read_yaml(folder / SCENARIO, folder)
    scenario = _decode(document, Scenario)
    if faults := tuple(_double_ids(document, scenario)):
        raise Broken(*faults)
    return scenario


def _decode(document: Document, kind: type[_T]) -> _T:
    """Decode fast; only where that fails look for every fault. Raises Broken."""
    try:
        return msgspec.convert(document.value, kind)
    except msgspec.ValidationError as error:
        from tutor.scenarios.validate import schema_faults  # costs 60 ms, and whole packs never need it

        faults = tuple(schema_faults(document, {"$ref": f"#/$defs/{kind.__name__}"}))
        raise Broken(*(faults or (document.fault((), str(error)),))) from error


def _double_ids(document: Document, scenario: Scenario) -> Iterator[Fault]:
    for section in ("points", "misconceptions"):
        seen: set[str] = set()
        for index, entry in enumerate(getattr(scenario, section)):
            if entry.id in seen:
                yield document.fault((section, index, "id"), f"{entry.id} is there twice")
            seen.add(entry.id)


def _read_markdown(file: Path, folder: Path) -> str:
    text = read_text(file, MAX_TEXT_BYTES, folder).strip()
    if not text:
        raise Broken(Fault(file, 1, "", "the file is empty"))
    return text


def _example_files(folder: Path, faults: list[Fault]) -> list[Path]:
    try:
        files = sorted(file for file in (folder / ANSWERS).iterdir() if file.suffix == ".md")
    except OSError:
        files = []
    if not files:
        faults.append(
            Fault(folder / ANSWERS, 0, "", "there is no example answer (strong-1.md, middling-1.md, weak-1.md)")
        )
    if len(files) > MAX_EXAMPLES:
        faults.append(Fault(folder / ANSWERS, 0, "", f"there are more than {MAX_EXAMPLES} example answers, the limit"))
    return files[:MAX_EXAMPLES]


def _read_example(file: Path, folder: Path) -> Example:
    front, text = front_matter(file, read_text(file, MAX_TEXT_BYTES, folder))
    return Example(file.stem, _decode(front, ExampleAnswer), text)


def front_matter(file: Path, text: str) -> tuple[Document, str]:
    """The YAML between the two `---` lines of an example answer, and the text below. Raises Broken."""
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "---"][:2]
    if len(ends) < 2 or ends[0] != 0:
        raise Broken(Fault(file, 1, "", "the file must begin with a front matter between two lines of ---"))
    # The first --- becomes an empty line, so that the lines YAML counts are the lines of the file.
    document = parse_yaml(file, "\n".join(["", *lines[1 : ends[1]]]))
    body = "\n".join(lines[ends[1] + 1 :]).strip()
    if not body:
        raise Broken(Fault(file, ends[1] + 1, "", "there is no answer below the front matter"))
    return document, body
