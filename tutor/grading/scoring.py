"""From what was found to a score. Every step is monotone: a point found never lowers it, a misconception never raises it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from tutor.grading.linear import Linear
from tutor.grading.types import PASS_SCORE
from tutor.scenarios.model import DIMENSIONS, Dimension, Scenario

FEATURES = ("first points", "many points", "worst misconception", "misconceptions", "on another topic")
SIGNS = (1, 1, -1, -1, -1)
FIRST = 1.5
"""After so many points' worth, two thirds of the first feature are earned."""
MANY = 4.0
FURTHEST = 4.0
"""Log odds of another topic that count at most."""
BELOW_PASS = 5.9
"""Highest score of an answer that must not pass."""
CENTRAL = 5
"""Penalty of a misconception with which no answer passes."""


class Findings(msgspec.Struct, frozen=True):
    """What is in an answer, as probabilities, in the order of the rubric."""

    points: tuple[float, ...]
    misconceptions: tuple[float, ...]
    topic_margin: float
    """Log odds of this scenario against the likeliest other one."""


def importance(scenario: Scenario) -> tuple[float, ...]:
    """What each point counts: half its weight, half the same for all; 1 on average."""
    mean = sum(point.weight for point in scenario.points) / len(scenario.points)
    return tuple(0.5 + 0.5 * point.weight / mean for point in scenario.points)


def severity(scenario: Scenario) -> tuple[float, ...]:
    """What each misconception costs, likewise."""
    if not scenario.misconceptions:
        return ()
    mean = sum(item.penalty for item in scenario.misconceptions) / len(scenario.misconceptions)
    return tuple(0.5 + 0.5 * item.penalty / mean for item in scenario.misconceptions)


def features(scenario: Scenario, findings: Findings) -> tuple[float, ...]:
    """The numbers that the score is made of, see FEATURES."""
    covered = sum(weight * value for weight, value in zip(importance(scenario), findings.points, strict=True))
    wrong = [weight * value for weight, value in zip(severity(scenario), findings.misconceptions, strict=True)]
    return (
        1.0 - math.exp(-covered / FIRST),
        1.0 - math.exp(-covered / MANY),
        max(wrong, default=0.0),
        sum(wrong),
        min(max(-findings.topic_margin, 0.0), FURTHEST),
    )


def raw_score(scenario: Scenario, findings: Findings, weights: Linear) -> float:
    """0 to 10, before the rules about passing."""
    return min(10.0, max(0.0, weights.value(features(scenario, findings))))


def may_pass(scenario: Scenario, findings: Findings, covered: float, held: float) -> bool:
    """Whether a must-point is covered and no central misconception is held."""
    musts = [value for point, value in zip(scenario.points, findings.points, strict=True) if point.must]
    central = [
        value
        for item, value in zip(scenario.misconceptions, findings.misconceptions, strict=True)
        if item.penalty >= CENTRAL
    ]
    return (not musts or max(musts) >= covered) and max(central, default=0.0) < held


def limited(score: float, *, passes: bool, most: float = 10.0) -> float:
    """The score within what the answer can have at most, with one decimal."""
    if round(score, 1) >= PASS_SCORE and not passes:
        score = BELOW_PASS
    return round(min(score, most), 1)


def dimension_scores(scenario: Scenario, credits: Sequence[float], power: float) -> dict[Dimension, float]:
    """0 to 10 for every dimension with points; `credits`: 0 to 1 a point."""
    scores: dict[Dimension, float] = {}
    for dimension in DIMENSIONS:
        own = [
            (p.weight, credit) for p, credit in zip(scenario.points, credits, strict=True) if p.dimension == dimension
        ]
        if own:
            share = sum(weight * credit for weight, credit in own) / sum(weight for weight, _ in own)
            scores[dimension] = round(10.0 * share**power, 1)
    return scores


def raise_most(scenario: Scenario, findings: Findings, weights: Linear, most: int = 3) -> tuple[str, ...]:
    """Ids of the points to add or misconceptions to drop that would raise the score most, best first."""
    now = weights.value(features(scenario, findings))
    gains: list[tuple[float, bool, str]] = []
    for index, point in enumerate(scenario.points):
        if findings.points[index] < 0.5:
            better = msgspec.structs.replace(findings, points=_with(findings.points, index, 0.95))
            gains.append((weights.value(features(scenario, better)) - now, point.must, point.id))
    for index, item in enumerate(scenario.misconceptions):
        if findings.misconceptions[index] >= 0.3:
            better = msgspec.structs.replace(findings, misconceptions=_with(findings.misconceptions, index, 0.0))
            gains.append((weights.value(features(scenario, better)) - now, True, item.id))
    gains.sort(key=lambda gain: (-round(gain[0], 3), not gain[1]))
    return tuple(name for gain, _, name in gains[:most] if gain > 0)


def _with(values: tuple[float, ...], index: int, value: float) -> tuple[float, ...]:
    return (*values[:index], value, *values[index + 1 :])
