"""The reference solution beside the learner's own: closed until a pass, or until they give up."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs import handouts, workspace
from labs.contract import LabInfo, Whose
from labs.errors import SolutionLocked

COMMANDS = "commands"
"""What stands for a file where the fix is typed at the prompt."""
TWO_COLUMNS = 110
"""Columns from which two texts fit side by side."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One file, or the commands: the learner's beside the reference's."""

    name: str
    yours: str
    reference: str

    @property
    def same(self) -> bool:
        """Whether there is nothing to compare."""
        return self.yours.strip() == self.reference.strip()


class Solutions:
    """Remembers what the learner had when it passed, or when they gave up."""

    def __init__(self, info: LabInfo) -> None:
        self._info = info
        self._typed: list[str] = []
        self._pairs: tuple[Pair, ...] | None = None

    @property
    def open(self) -> bool:
        """Whether it may be read."""
        return self._pairs is not None

    def typed(self, line: str) -> None:
        """A command of the learner's has succeeded."""
        self._typed.append(line.strip())

    def begin_anew(self) -> None:
        """The broken situation is back: what was typed before mends nothing. What is open stays open."""
        self._typed.clear()

    def unlock(self, texts: Mapping[str, str]) -> None:
        """A pass, or giving up; the first time counts. `texts`: the learner's files."""
        if self._pairs is None:
            self._pairs = tuple(self._made(texts))

    def pairs(self) -> tuple[Pair, ...]:
        """What may be read. Raises SolutionLocked."""
        if self._pairs is None:
            raise SolutionLocked(
                "The reference solution is still closed",
                "It opens when every check passes, or when you give up, which is recorded.",
                "Type `verify` to see what is missing, `hint` for a hint, or `give up`.",
            )
        return self._pairs

    def _made(self, texts: Mapping[str, str]) -> list[Pair]:
        number, task = self._info.number, self._info.task
        pairs = [
            Pair(name, texts.get(name, ""), handouts.text(number, f"reference/{name}"))
            for name in task.files
            if handouts.has(number, f"reference/{name}")
        ]
        if task.solution:
            pairs.append(Pair(COMMANDS, "\n".join(self._typed), "\n".join(task.solution)))
        return pairs


def texts_of(info: LabInfo, folder: Path) -> dict[str, str]:
    """The learner's files as they are now."""
    return {name: workspace.read(folder, name) for name in info.task.files}


def whose(info: LabInfo, texts: Mapping[str, str]) -> Whose:
    """Whether files are still those that were handed out, or the reference's, or the learner's own."""
    for prefix, owner in (("", "template"), ("reference/", "reference")):
        names = [name for name in texts if handouts.has(info.number, f"{prefix}{name}")]
        if names and all(texts[name] == handouts.text(info.number, f"{prefix}{name}") for name in names):
            return "template" if owner == "template" else "reference"
    return "yours"


# --- as lines --------------------------------------------------------------------------------------------------------


def lines(pair: Pair, width: int) -> list[str]:
    """The two as lines of at most `width` columns: side by side where there is room, else what differs."""
    if pair.same:
        return [f"{pair.name}: yours is the reference's.", *pair.reference.splitlines()]
    return side_by_side(pair, width) if width >= TWO_COLUMNS else difference(pair)


def difference(pair: Pair) -> list[str]:
    """A unified diff: `-` yours, `+` the reference's. Whole files, because they are short."""
    yours, reference = pair.yours.splitlines(), pair.reference.splitlines()
    context = max(len(yours), len(reference))
    found = difflib.unified_diff(yours, reference, f"{pair.name} (yours)", f"{pair.name} (reference)", "", "", context)
    return [line.rstrip("\n") for line in found]


def side_by_side(pair: Pair, width: int) -> list[str]:
    """Two columns, `|` between those that are equal and `≠` between those that are not; long lines go on below."""
    room = (width - 3) // 2
    rows = [("yours", "reference", " "), ("-" * room, "-" * room, " ")]
    yours, reference = pair.yours.splitlines(), pair.reference.splitlines()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, yours, reference, autojunk=False).get_opcodes():
        rows += _rows(yours[a:b], reference[c:d], "|" if tag == "equal" else "≠")
    return [line for left, right, mark in rows for line in _columns(left, right, mark, room)]


def _rows(left: Sequence[str], right: Sequence[str], mark: str) -> list[tuple[str, str, str]]:
    height = max(len(left), len(right))
    padded = [[*side, *[""] * (height - len(side))] for side in (left, right)]
    return [(one, other, mark) for one, other in zip(*padded, strict=True)]


def _columns(left: str, right: str, mark: str, room: int) -> list[str]:
    parts = [[text[at : at + room] for at in range(0, len(text), room)] or [""] for text in (left, right)]
    return [f"{one:<{room}} {sign} {other}".rstrip() for one, other, sign in _rows_of(parts[0], parts[1], mark)]


def _rows_of(left: Sequence[str], right: Sequence[str], mark: str) -> list[tuple[str, str, str]]:
    rows = _rows(left, right, " ")
    return [(rows[0][0], rows[0][1], mark), *rows[1:]]
