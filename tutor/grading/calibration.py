"""What was fitted on scored answers: how sure signals make the grader, and how findings make a score."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from tutor.errors import GraderUnavailable
from tutor.grading.linear import Linear
from tutor.scenarios.model import Misconception, Point, Scenario

FORMAT = 3


class Thresholds(msgspec.Struct, frozen=True):
    """Probabilities from which something is said."""

    covered: float
    """A point is covered."""
    partial: float
    """A point is covered in part."""
    held: float
    """A misconception is put to the learner."""
    certain: float
    """… and said without a question mark, even where no authored rule agrees."""


class FamilyCalibration(msgspec.Struct, frozen=True):
    """For the definitions that the word model has learnt, or for those that it has not."""

    points: Linear
    misconceptions: Linear


class KeywordCalibration(msgspec.Struct, frozen=True):
    """For the keyword grader."""

    point: float
    """Probability of a point whose keywords are found."""
    misconception: float
    """Probability of a misconception whose keywords are found."""
    score: Linear


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything fitted by `python -m tutor.grading.calibrate`."""

    format: int
    model: str
    """Hash of the model file."""
    corpus: str
    """Hash of the labelled texts."""
    words: str
    """Hash of the word model and of the model of word order."""
    answers: str
    """Hash of the scored answers and of the notes."""
    rubric: dict[str, str]
    """Scenario number → hash of its definitions."""
    weighing: str
    """Hash of the rubrics' weights, keywords and authored statements."""
    rules: str
    """Hash of the code that reads and judges."""
    trained: FamilyCalibration
    untrained: FamilyCalibration
    thresholds: Thresholds
    score: Linear
    """On the features of `scoring.FEATURES`."""
    contrary: Linear
    """On the features of `contrary.FEATURES`."""
    dimension_power: float
    """A dimension's score is 10 × share of its points to this power."""
    keywords: KeywordCalibration


def rubric_hash(scenario: Scenario) -> str:
    """Changes with every id or definition of the rubric."""
    items: tuple[Point | Misconception, ...] = (*scenario.points, *scenario.misconceptions)
    lines = (f"{item.id}\t{item.definition}" for item in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def outdated(calibration: Calibration, scenarios: Iterable[Scenario]) -> tuple[int, ...]:
    """Numbers of the scenarios whose rubric has changed since the calibration."""
    known: Mapping[str, str] = calibration.rubric
    return tuple(item.id for item in scenarios if known.get(str(item.id)) not in (None, rubric_hash(item)))


def save(calibration: Calibration, file: Path) -> None:
    """Write it for people too: indented, in the order of the fields."""
    rounded = _rounded(msgspec.to_builtins(calibration))
    file.write_bytes(msgspec.json.format(msgspec.json.encode(rounded), indent=2) + b"\n")


def load(file: Path) -> Calibration:
    """Read it. Raises GraderUnavailable."""
    try:
        calibration = msgspec.json.decode(file.read_bytes(), type=Calibration)
    except (OSError, msgspec.MsgspecError) as error:
        raise GraderUnavailable(
            "The grader's calibration cannot be read", f"{file}: {error}", "python -m tutor.grading.calibrate"
        ) from error
    if calibration.format != FORMAT:
        raise GraderUnavailable(
            "The grader's calibration is of another version",
            f"{file} has format {calibration.format}, this program reads {FORMAT}.",
            "python -m tutor.grading.calibrate",
        )
    return calibration


def _rounded(value: object) -> object:
    """Six figures are plenty, and the same on every machine."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
