"""What a pack must keep beyond its schema: references, bands and texts that say something. Every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tutor.scenarios.document import MAX_TEXT_BYTES, Document, read_text, read_yaml
from tutor.scenarios.faults import Fault, KeyPath
from tutor.scenarios.model import Misconception, Point, Scenario
from tutor.scenarios.packs import ANSWERS, Example, Pack, front_matter
from tutor.scenarios.track import SCENARIO, TrackEntry

PASS = 6.0
"""Score of an answer that an interviewer passes."""
FIGURES = 3
"""Different numbers that a situation must hold at least."""

Section = tuple[str, tuple[Point | Misconception, ...]]


@dataclass(frozen=True, slots=True)
class World:
    """What the references of a pack may point to."""

    scenarios: frozenset[int]
    """Ids that prerequisites may name."""
    labs: Mapping[int, frozenset[str]]
    """Observation ids of every lab there is; empty where a lab does not list them."""


def pack_faults(pack: Pack, world: World) -> Iterator[Fault]:
    """All faults of a pack that could be read. Raises Broken only where its files have changed meanwhile."""
    document = read_yaml(pack.folder / SCENARIO, pack.folder)
    for rule in (_folder_name, _texts, _situation, _must, _sentences):
        yield from rule(document, pack)
    yield from _references(document, pack.scenario, world)
    yield from _bands(pack)
    for example in pack.examples:
        yield from _example(pack, example)


def plain(text: str) -> str:
    """Letters and digits only, lower case: two texts that differ by less say the same."""
    return " ".join(re.findall(r"\w+", text.lower()))


def sections(scenario: Scenario) -> tuple[Section, Section]:
    """Points and misconceptions with the keys they stand under."""
    return ("points", scenario.points), ("misconceptions", scenario.misconceptions)


def _folder_name(document: Document, pack: Pack) -> Iterator[Fault]:
    expected = TrackEntry(id=pack.id, slug=pack.slug).folder
    if pack.folder.resolve().name != expected:
        yield document.fault(("slug",), f"the folder of scenario {pack.id} {pack.slug} must be called {expected}")


def _texts(document: Document, pack: Pack) -> Iterator[Fault]:
    """No text may be the definition again: feedback and statements must add something."""
    for section, entries in sections(pack.scenario):
        for index, entry in enumerate(entries):
            definition = plain(entry.definition)
            for path, text in _entry_texts(entry):
                if plain(text) == definition:
                    yield document.fault((section, index, *path), "this only repeats the definition")


def _entry_texts(entry: Point | Misconception) -> Iterator[tuple[KeyPath, str]]:
    feedback = ("missed", entry.missed) if isinstance(entry, Point) else ("correction", entry.correction)
    yield (feedback[0],), feedback[1]
    yield ("follow_up",), entry.follow_up
    for name, texts in (("keywords", entry.keywords), ("accept", entry.accept), ("reject", entry.reject)):
        yield from (((name, index), text) for index, text in enumerate(texts))


def _situation(document: Document, pack: Pack) -> Iterator[Fault]:
    figures = set(re.findall(r"\d+(?:[.,]\d+)*", pack.scenario.situation))
    if len(figures) < FIGURES:
        yield document.fault(("situation",), f"a situation needs figures: {len(figures)} found, {FIGURES} wanted")


def _must(document: Document, pack: Pack) -> Iterator[Fault]:
    if not any(point.must for point in pack.scenario.points):
        yield document.fault(("points",), "no point has `must: true`: then any long answer would pass")
    for index, point in enumerate(pack.scenario.points):
        if point.id.startswith("m_"):
            yield document.fault(("points", index, "id"), "ids that begin with m_ are kept for misconceptions")


def _sentences(document: Document, pack: Pack) -> Iterator[Fault]:
    """One statement can decide one way only."""
    for section, entries in sections(pack.scenario):
        for index, entry in enumerate(entries):
            accepted = {plain(text) for text in entry.accept}
            for position, text in enumerate(entry.reject):
                if plain(text) in accepted:
                    yield document.fault((section, index, "reject", position), "this statement is accepted, too")


def _references(document: Document, scenario: Scenario, world: World) -> Iterator[Fault]:
    if scenario.lab is not None and scenario.lab not in world.labs:
        yield document.fault(("lab",), f"there is no lab {scenario.lab}")
    for index, number in enumerate(scenario.prerequisites):
        if number == scenario.id or number not in world.scenarios:
            yield document.fault(("prerequisites", index), f"there is no other scenario {number}")
    for section, entries in sections(scenario):
        for position, entry in enumerate(entries):
            for index, ref in enumerate(entry.labs):
                if message := _lab_fault(ref, world):
                    yield document.fault((section, position, "labs", index), message)


def _lab_fault(ref: str, world: World) -> str:
    number, _, observation = ref.partition(".")
    known = world.labs.get(int(number))
    if known is None:
        return f"there is no lab {number}"
    if known and observation not in known:
        return f"lab {number} has no observation {observation} (it has {', '.join(sorted(known))})"
    return ""


def _bands(pack: Pack) -> Iterator[Fault]:
    have = {example.front.band for example in pack.examples}
    for band in ("strong", "middling", "weak"):
        if band not in have:
            yield Fault(pack.folder / ANSWERS, 0, "", f"there is no {band} example answer ({band}-1.md)")


def _example(pack: Pack, example: Example) -> Iterator[Fault]:
    file = pack.folder / ANSWERS / f"{example.name}.md"
    front, _ = front_matter(file, read_text(file, MAX_TEXT_BYTES, pack.folder))
    low, high = example.front.score
    if not 0 <= low <= high <= 10:
        yield front.fault(("score",), "must be the lowest and the highest right score, within 0 to 10")
    if example.front.band == "strong" and low < PASS:
        yield front.fault(("score",), f"a strong answer passes: its lowest score must be {PASS:g} or more")
    if example.front.band == "weak" and high >= PASS:
        yield front.fault(("score",), f"a weak answer fails: its highest score must be below {PASS:g}")
    if not example.name.startswith(example.front.band):
        yield front.fault(("band",), f"the file name must begin with the band: {example.front.band}-1.md")
    yield from _unknown_ids(front, "covers", example.front.covers, {point.id for point in pack.scenario.points})
    yield from _unknown_ids(front, "holds", example.front.holds, {wrong.id for wrong in pack.scenario.misconceptions})


def _unknown_ids(front: Document, key: str, ids: tuple[str, ...], known: set[str]) -> Iterator[Fault]:
    for index, name in enumerate(ids):
        if name not in known:
            yield front.fault((key, index), f"the scenario has no {name}")
