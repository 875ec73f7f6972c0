"""Small regressions with known signs, in numpy: a coefficient that would have the wrong sign is left out.

The signs make the score monotone: evidence for a point can only raise it, evidence for a misconception only lower it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tutor.grading.linear import Linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_STEPS = 25
_TOLERANCE = 1e-7


def logistic(value: Array) -> Array:
    """0 to 1."""
    result: Array = 1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0)))
    return result


def fit_logistic(features: Array, target: Array, signs: Sequence[int], ridge: float) -> Linear:
    """Probability of `target`; `signs`: 1, -1, or 0 for any, one a feature."""
    return _fit(features, signs, lambda columns: _newton(columns, target, ridge))


def fit_ridge(features: Array, target: Array, signs: Sequence[int], ridge: float) -> Linear:
    """Least squares."""
    return _fit(features, signs, lambda columns: _least_squares(columns, target, ridge))


def _fit(features: Array, signs: Sequence[int], solve: Callable[[Array], Array]) -> Linear:
    """Fit on standardised features, again without the worst offender until all signs hold."""
    middle, spread = features.mean(0), features.std(0) + 1e-9
    scaled = (features - middle) / spread
    wanted = np.asarray(signs)
    kept = np.ones(features.shape[1], dtype=bool)
    while True:
        solution = solve(np.hstack([scaled[:, kept], np.ones((len(scaled), 1))]))
        weights = np.zeros(features.shape[1])
        weights[kept] = solution[:-1]
        offence = np.where(wanted * weights < 0, np.abs(weights), 0.0)
        if offence.max(initial=0.0) <= 0:
            break
        kept[int(offence.argmax())] = False
    raw = weights / spread
    return Linear(tuple(float(x) for x in raw), float(solution[-1] - (raw * middle).sum()))


def _penalty(columns: Array, ridge: float) -> Array:
    diagonal = np.full(columns.shape[1], ridge)
    diagonal[-1] = 1e-6  # the bias is free
    return np.diag(diagonal)


def _newton(columns: Array, target: Array, ridge: float) -> Array:
    penalty = _penalty(columns, ridge)
    weights: Array = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        probability = logistic(columns @ weights)
        gradient = columns.T @ (probability - target) + penalty @ weights
        curvature = (columns * (probability * (1 - probability))[:, None]).T @ columns + penalty
        step = np.linalg.solve(curvature, gradient)
        weights = np.asarray(weights - step, dtype=np.float64)
        if np.abs(step).max() < _TOLERANCE:
            break
    return weights


def _least_squares(columns: Array, target: Array, ridge: float) -> Array:
    solution = np.linalg.solve(columns.T @ columns + _penalty(columns, ridge), columns.T @ target)
    return np.asarray(solution, dtype=np.float64)
