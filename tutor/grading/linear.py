"""Weighted sums of features: all that is left of a regression once it has been fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec


class Linear(msgspec.Struct, frozen=True):
    """`bias + weights · features`."""

    weights: tuple[float, ...]
    bias: float

    def value(self, features: Sequence[float]) -> float:
        """The weighted sum."""
        return self.bias + sum(weight * feature for weight, feature in zip(self.weights, features, strict=True))

    def probability(self, features: Sequence[float]) -> float:
        """The weighted sum as a probability."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.value(features)))))


def log_odds(probability: float) -> float:
    """Of a probability, kept away from 0 and 1."""
    kept = max(0.002, min(0.998, probability))
    return math.log(kept / (1.0 - kept))
