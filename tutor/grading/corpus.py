"""The labelled texts under `questions/grader/data`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from tutor.errors import EnvironmentFault
from tutor.grading.normalise import plain

Row = TypeVar("Row")


class Statement(msgspec.Struct, frozen=True):
    """One sentence and its stance on a point; other stances may be missing from `also` and `also_deny`."""

    scenario: int
    point: str
    label: str
    text: str
    also: tuple[str, ...] = ()
    also_deny: tuple[str, ...] = ()
    style: str = ""


class Passage(msgspec.Struct, frozen=True):
    """A passage with complete labels."""

    scenario: int
    text: str
    asserts: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    style: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A whole answer as a person scored it."""

    id: str
    scenario: int
    kind: str
    answer: str
    human_score: float
    points_covered: tuple[str, ...] = ()
    misconceptions: tuple[str, ...] = ()


class Labelled(msgspec.Struct, frozen=True):
    """A text and what it asserts and denies."""

    text: str
    asserts: frozenset[str]
    denies: frozenset[str]


class Corpus(msgspec.Struct, frozen=True):
    """All labelled texts."""

    texts: Mapping[int, tuple[Labelled, ...]]
    """By scenario: statements, then passages."""
    fillers: tuple[str, ...]
    notes: tuple[str, ...]
    """Lines that people typed in a hurry: for the model of word order, not labelled."""
    answers: tuple[Answer, ...]
    digest: str
    """Hash of the labelled texts and fillers."""


def read(folder: Path) -> Corpus:
    """Read everything below `questions/grader/data`. Raises EnvironmentFault with file and line."""
    texts: dict[int, list[Labelled]] = {}
    for file in sorted(_text_files(folder), key=lambda file: (file.parent.name != "statements", file.name)):
        for number, labelled in _labelled(file):
            texts.setdefault(number, []).append(labelled)
    return Corpus(
        {number: tuple(items) for number, items in sorted(texts.items())},
        _lines(folder / "fillers.txt"),
        _lines(folder / "notes.txt"),
        tuple(read_answers(folder / "dev_answers.jsonl")),
        corpus_digest(folder),
    )


def _lines(file: Path) -> tuple[str, ...]:
    return tuple(line for line in file.read_text(encoding="utf-8").splitlines() if line.strip())


def corpus_digest(folder: Path) -> str:
    """Hash of all labelled texts and fillers."""
    files = (*_text_files(folder), folder / "fillers.txt")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _text_files(folder: Path) -> list[Path]:
    return sorted([*(folder / "statements").glob("*.jsonl"), *(folder / "passages").glob("*.jsonl")])


def read_answers(file: Path) -> list[Answer]:
    """The scored answers of a JSON Lines file. Raises EnvironmentFault."""
    return read_rows(file, Answer)


def _labelled(file: Path) -> list[tuple[int, Labelled]]:
    if file.parent.name == "statements":
        return [(row.scenario, _statement(row)) for row in read_rows(file, Statement)]
    return [
        (row.scenario, Labelled(plain(row.text), frozenset(row.asserts), frozenset(row.denies)))
        for row in read_rows(file, Passage)
    ]


def _statement(row: Statement) -> Labelled:
    asserts, denies = set(row.also), set(row.also_deny)
    if row.label == "assert":
        asserts.add(row.point)
    elif row.label == "deny":
        denies.add(row.point)
    return Labelled(plain(row.text), frozenset(asserts), frozenset(denies))


def read_rows(file: Path, kind: type[Row]) -> list[Row]:
    """The rows of a JSON Lines file. Raises EnvironmentFault with file and line."""
    rows: list[Row] = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            rows.append(msgspec.json.decode(line, type=kind))
        except msgspec.MsgspecError as error:
            raise EnvironmentFault(f"{file.name} cannot be read", f"{file}:{number}: {error}", "") from error
    return rows
