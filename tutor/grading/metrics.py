"""How well grades agree with people's: the usual measures, in numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVELS = 11
"""Scores 0 to 10."""


class Found(msgspec.Struct, frozen=True):
    """Of things to find: precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float


class Agreement(msgspec.Struct, frozen=True):
    """Scores of a grader against a person's."""

    answers: int
    qwk: float
    """Quadratic weighted kappa of the scores rounded to whole numbers."""
    spearman: float
    mean_error: float
    bias: float
    """Grader minus person."""
    wrong_passes: int
    """≥ 6 where the person says ≤ 3."""
    wrong_fails: int
    """≤ 3 where the person says ≥ 6."""


def agreement(given: Sequence[float], human: Sequence[float]) -> Agreement:
    """Compare; correlations of fewer than three answers are 0."""
    a, b = np.asarray(given, dtype=np.float64), np.asarray(human, dtype=np.float64)
    return Agreement(
        answers=len(a),
        qwk=round(quadratic_kappa(a, b), 3),
        spearman=round(rank_correlation(a, b), 3),
        mean_error=round(float(np.abs(a - b).mean()), 2) if len(a) else 0.0,
        bias=round(float((a - b).mean()), 2) if len(a) else 0.0,
        wrong_passes=int(((a >= 6) & (b <= 3)).sum()),
        wrong_fails=int(((a <= 3) & (b >= 6)).sum()),
    )


def quadratic_kappa(given: Floats, human: Floats) -> float:
    """1 for the same scores, 0 for chance."""
    if len(given) < 3:
        return 0.0
    a, b = (np.clip(np.rint(values), 0, LEVELS - 1).astype(int) for values in (given, human))
    seen = np.zeros((LEVELS, LEVELS))
    np.add.at(seen, (a, b), 1)
    levels = np.arange(LEVELS)
    cost = (levels[:, None] - levels[None, :]) ** 2
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    expected = float((cost * chance).sum())
    return 1.0 - float((cost * seen).sum()) / expected if expected else 0.0


def rank_correlation(given: Floats, human: Floats) -> float:
    """Spearman's, ties at their mean rank."""
    if len(given) < 3:
        return 0.0
    a, b = _ranks(given), _ranks(human)
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread else 0.0


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Floats = (ends - (counts - 1) / 2.0)[inverse]
    return ranks


def found(pairs: Iterable[tuple[set[str], set[str]]]) -> Found:
    """Over all answers: what was said to be there, and what is there."""
    right = said = there = 0
    for given, human in pairs:
        right += len(given & human)
        said += len(given)
        there += len(human)
    precision = right / said if said else 0.0
    recall = right / there if there else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Found(round(precision, 3), round(recall, 3), round(f1, 3))
