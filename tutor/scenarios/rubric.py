"""The rubric that the grader model was trained on, and whether a pack still says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from tutor.scenarios.document import Document, read_yaml
from tutor.scenarios.faults import Broken, Fault
from tutor.scenarios.packs import Pack
from tutor.scenarios.rules import sections
from tutor.scenarios.track import SCENARIO

RUBRIC = Path("grader", "data", "points.yaml")
"""Relative to the folder of the packs."""


class Entry(msgspec.Struct, frozen=True):
    """A point or a misconception of the rubric."""

    definition: str = msgspec.field(name="def")
    source: str = ""


class ScenarioRubric(msgspec.Struct, frozen=True):
    """What one scenario is graded on."""

    title: str
    points: dict[str, Entry]
    misconceptions: dict[str, Entry]


def read_rubric(root: Path) -> Mapping[int, ScenarioRubric]:
    """The rubric beside the packs of `root`, by scenario; empty where there is none. Raises Broken."""
    file = root / RUBRIC
    if not file.exists():
        return {}
    document = read_yaml(file, root, text_keys=False)
    try:
        return msgspec.convert(document.value.get("scenarios"), dict[int, ScenarioRubric])
    except (msgspec.ValidationError, AttributeError) as error:
        raise Broken(document.fault(("scenarios",), f"this is no rubric: {error}")) from error


def rubric_faults(pack: Pack, rubric: ScenarioRubric) -> Iterator[Fault]:
    """Points and misconceptions that are missing, made up, or worded otherwise than the model has learnt them."""
    document = read_yaml(pack.folder / SCENARIO, pack.folder)
    for section, entries in sections(pack.scenario):
        wanted: dict[str, Entry] = getattr(rubric, section)
        have = {entry.id: index for index, entry in enumerate(entries)}
        for name in wanted.keys() - have.keys():
            yield document.fault((section,), f"{name} of the rubric is missing")
        for name, index in have.items():
            yield from _entry_faults(document, (section, index), wanted.get(name), entries[index])


def _entry_faults(document: Document, path: tuple[str, int], wanted: Entry | None, have: object) -> Iterator[Fault]:
    if wanted is None:
        yield document.fault((*path, "id"), f"the rubric ({RUBRIC}) has no such id")
        return
    for key in ("definition", "source"):
        if getattr(have, key) != getattr(wanted, key):
            yield document.fault(
                (*path, key), f"must be, word for word, what the model was trained on: {getattr(wanted, key)}"
            )
