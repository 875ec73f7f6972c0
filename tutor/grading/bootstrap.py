"""How sure a figure is: 95 % intervals from answers drawn again, with a fixed seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tutor.grading.metrics import quadratic_kappa, rank_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TIMES = 1_000
SEED = 20261123
EDGES = (2.5, 97.5)


class Interval(msgspec.Struct, frozen=True):
    """95 % of the figures of drawn samples lie in it."""

    low: float
    high: float


class AgreementIntervals(msgspec.Struct, frozen=True):
    """Of the figures of `metrics.Agreement` that are no counts."""

    qwk: Interval
    spearman: Interval
    mean_error: Interval


class FoundIntervals(msgspec.Struct, frozen=True):
    """Of the figures of `metrics.Found`."""

    precision: Interval
    recall: Interval
    f1: Interval


def agreement_intervals(given: Sequence[float], human: Sequence[float], times: int = TIMES) -> AgreementIntervals:
    """For scores against a person's."""
    a, b = np.asarray(given, dtype=np.float64), np.asarray(human, dtype=np.float64)
    drawn = [
        (quadratic_kappa(a[rows], b[rows]), rank_correlation(a[rows], b[rows]), float(np.abs(a - b)[rows].mean()))
        for rows in _draws(len(a), times)
    ]
    return AgreementIntervals(*(_interval(column) for column in zip(*drawn, strict=True)))


def found_intervals(pairs: Iterable[tuple[set[str], set[str]]], times: int = TIMES) -> FoundIntervals:
    """For things to find: what was said to be there, and what is there, answer by answer."""
    counts = np.array([(len(given & human), len(given), len(human)) for given, human in pairs], dtype=np.float64)
    right, said, there = np.array([counts[rows].sum(axis=0) for rows in _draws(len(counts), times)]).T
    figures = (_ratio(right, said), _ratio(right, there), _ratio(2 * right, said + there))
    return FoundIntervals(*(_interval(figure) for figure in figures))


def _draws(count: int, times: int) -> Iterable[NDArray[np.int64]]:
    rng = np.random.default_rng(SEED)
    return (rng.integers(0, count, count) for _ in range(times))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _interval(values: Sequence[float] | Floats) -> Interval:
    low, high = np.percentile(np.asarray(values, dtype=np.float64), EDGES)
    return Interval(round(float(low), 3), round(float(high), 3))
