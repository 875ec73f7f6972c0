"""The grader card as values: `docs/grader-card.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tutor.errors import EnvironmentFault
from tutor.grading.attacks import ClassReport
from tutor.grading.bench import Bench
from tutor.grading.bootstrap import AgreementIntervals, FoundIntervals
from tutor.grading.metamorphic import VariantReport
from tutor.grading.metrics import Agreement, Found
from tutor.grading.types import GraderId

FORMAT = 2
COMMAND = "python -m tutor.grading.card"


class Scores(msgspec.Struct, frozen=True):
    """Agreement with people's scores."""

    figures: Agreement
    intervals: AgreementIntervals


class Finds(msgspec.Struct, frozen=True):
    """Points or misconceptions found."""

    figures: Found
    intervals: FoundIntervals


class Miss(msgspec.Struct, frozen=True):
    """A wrong pass or a wrong fail."""

    answer: str
    """Its id in the data."""
    score: float
    human: float


class ItemRow(msgspec.Struct, frozen=True):
    """One point or misconception over all answers to its scenario."""

    scenario: int
    id: str
    there: int
    """Answers that have it, by the person."""
    said: int
    """Answers that the grader finds it in."""
    right: int
    """… rightly."""

    @property
    def precision(self) -> float | None:
        """None where it was never said."""
        return round(self.right / self.said, 2) if self.said else None

    @property
    def recall(self) -> float | None:
        """None where no answer has it."""
        return round(self.right / self.there, 2) if self.there else None


class View(msgspec.Struct, frozen=True):
    """One way of measuring."""

    name: str
    how: str
    scores: Scores
    kinds: dict[str, Scores]
    scenarios: dict[str, Scores]
    points: Finds
    misconceptions: Finds
    certain_misconceptions: Finds
    wrong_passes: tuple[Miss, ...]
    wrong_fails: tuple[Miss, ...]
    items: tuple[ItemRow, ...]
    """Points and misconceptions, in the order of the rubrics."""


class Baseline(msgspec.Struct, frozen=True):
    """A simpler way to score the same answers."""

    name: str
    figures: Agreement
    points_f1: float | None = None
    misconceptions_f1: float | None = None


class Data(msgspec.Struct, frozen=True):
    """What it was measured on."""

    answers: int
    scored: str
    """Hash of the scored answers."""
    corpus: str
    """Hash of the labelled texts that the models learnt from."""
    texts: int
    rubrics: str
    """Hash of all definitions."""
    apart: str
    """Hash of the scored answers that nothing is fitted on."""


class Card(msgspec.Struct, frozen=True):
    """Everything."""

    format: int
    grader: GraderId
    data: Data
    views: tuple[View, ...]
    apart: View
    """On answers that nothing was fitted on."""
    other_seeds: dict[str, Agreement]
    """Cross-validation over answers again, with other folds."""
    baselines: tuple[Baseline, ...]
    attacks: tuple[ClassReport, ...]
    metamorphic: tuple[VariantReport, ...]
    speed: Bench


def save(card: Card, file: Path) -> None:
    """Write it, indented."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n")


def load(file: Path) -> Card:
    """Read it. Raises EnvironmentFault."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Card)
    except (OSError, msgspec.MsgspecError) as error:
        raise EnvironmentFault("The grader card cannot be read", f"{file}: {error}", COMMAND) from error
