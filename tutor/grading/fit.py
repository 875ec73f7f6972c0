"""Fit a calibration on scored answers that have been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tutor.grading import judging, scoring
from tutor.grading.calibration import FORMAT, Calibration, FamilyCalibration, KeywordCalibration, Thresholds
from tutor.grading.corpus import Answer
from tutor.grading.fitting import fit_logistic, fit_ridge
from tutor.grading.linear import Linear
from tutor.grading.reading import Reading, definitions
from tutor.grading.signals import MISCONCEPTION_SIGNS, POINT_SIGNS, UNKNOWN, signals
from tutor.scenarios.model import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RIDGE = 5.0
SCORE_RIDGE = 2.0
FOLDS = 5
PARTIAL_SHARE = 0.65
"""A point is partial from this share of the threshold of covered points."""
PRECISION = 0.75
"""Misconceptions are reported from the threshold that has this precision, if any with a useful recall has."""
CERTAIN_PRECISION = 0.9
SEED = 20261123


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """Hashes of what a calibration is made from, see `Calibration`."""

    model: str
    corpus: str
    words: str
    answers: str
    rubric: dict[str, str]
    weighing: str
    rules: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A scored answer, read."""

    scenario: Scenario
    answer: Answer
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Rows:
    """Features of all definitions of all samples, and whether each is in the answer."""

    features: Floats
    truth: Floats
    points: NDArray[np.bool_]


def fit(samples: Sequence[Sample], blank: Calibration) -> Calibration:
    """A calibration with the hashes of `blank`. Thresholds and score come from folds that the weights have not seen."""
    trained = _families(samples, known=True)
    untrained = _families(samples, known=False)
    whole = msgspec.structs.replace(blank, trained=trained, untrained=untrained)
    held_out = _cross_fitted(samples, whole)
    thresholds = _thresholds(samples, held_out)
    whole = msgspec.structs.replace(whole, thresholds=thresholds)
    return msgspec.structs.replace(whole, score=_score(samples, held_out), dimension_power=_power(samples))


def _families(samples: Sequence[Sample], *, known: bool) -> FamilyCalibration:
    rows = _rows(samples, known=known)
    width = rows.features.shape[1]
    fitted = [
        fit_logistic(rows.features[mask], rows.truth[mask], signs[:width], RIDGE)
        for mask, signs in ((rows.points, POINT_SIGNS), (~rows.points, MISCONCEPTION_SIGNS))
    ]
    return FamilyCalibration(*fitted)


def _rows(samples: Sequence[Sample], *, known: bool) -> _Rows:
    features, truth, points = [], [], []
    for sample in samples:
        reading = sample.reading
        if not known:
            reading = replace(reading, known=np.zeros_like(reading.known))
        found = signals(reading, len(sample.scenario.points)).features
        features.append(found if known else found[:, :UNKNOWN])
        there = {*sample.answer.points_covered, *sample.answer.misconceptions}
        truth += [float(item.id in there) for item in definitions(sample.scenario)]
        points += [index < len(sample.scenario.points) for index in range(len(found))]
    return _Rows(np.vstack(features), np.array(truth), np.array(points, dtype=bool))


def _cross_fitted(samples: Sequence[Sample], whole: Calibration) -> list[judging.Judged]:
    """Every sample judged by weights that were fitted without it."""
    order = np.random.default_rng(SEED).permutation(len(samples))
    judged: dict[int, judging.Judged] = {}
    for fold in range(FOLDS):
        out = {int(index) for index in order[fold::FOLDS]}
        kept = [sample for index, sample in enumerate(samples) if index not in out]
        trial = msgspec.structs.replace(whole, trained=_families(kept, known=True))
        for index in out:
            judged[index] = judging.judge(samples[index].scenario, samples[index].reading, trial)
    return [judged[index] for index in range(len(samples))]


def _thresholds(samples: Sequence[Sample], judged: Sequence[judging.Judged]) -> Thresholds:
    chances: dict[bool, list[float]] = {True: [], False: []}
    truths: dict[bool, list[bool]] = {True: [], False: []}
    for sample, result in zip(samples, judged, strict=True):
        for is_point, items, values, there in (
            (True, sample.scenario.points, result.points, sample.answer.points_covered),
            (False, sample.scenario.misconceptions, result.misconceptions, sample.answer.misconceptions),
        ):
            chances[is_point] += [float(value) for value in values]
            truths[is_point] += [item.id in there for item in items]
    covered = _best_threshold(chances[True], truths[True], 0.0)
    held = _best_threshold(chances[False], truths[False], PRECISION)
    certain = _precise_threshold(chances[False], truths[False], CERTAIN_PRECISION)
    return Thresholds(covered, round(covered * PARTIAL_SHARE, 3), held, max(held, certain))


_GRID = tuple(round(0.1 + 0.02 * step, 2) for step in range(42))


def _at(chances: Sequence[float], truths: Sequence[bool], threshold: float) -> tuple[float, float]:
    """Precision and F1 at a threshold."""
    said = [truth for chance, truth in zip(chances, truths, strict=True) if chance >= threshold]
    right, there = sum(said), sum(truths)
    if not right:
        return 0.0, 0.0
    return right / len(said), 2 * right / (len(said) + there)


def _best_threshold(chances: Sequence[float], truths: Sequence[bool], precision: float) -> float:
    """Highest F1, smoothed over neighbours, among thresholds that are precise enough (all, where none is)."""
    at = [_at(chances, truths, threshold) for threshold in _GRID]
    smooth = [sum(f1 for _, f1 in at[max(0, i - 2) : i + 3]) / len(at[max(0, i - 2) : i + 3]) for i in range(len(at))]
    allowed = [i for i in range(len(at)) if at[i][0] >= precision] or list(range(len(at)))
    return _GRID[max(allowed, key=lambda i: (smooth[i], -i))]


def _precise_threshold(chances: Sequence[float], truths: Sequence[bool], precision: float) -> float:
    precise = [threshold for threshold in _GRID if _at(chances, truths, threshold)[0] >= precision]
    return min(precise, default=0.95)


def _score(samples: Sequence[Sample], judged: Sequence[judging.Judged]) -> Linear:
    """On what was judged by weights that had not seen it."""
    pairs = list(zip(samples, judged, strict=True))
    features = np.array(
        [scoring.features(sample.scenario, judging.findings(result, sample.reading)) for sample, result in pairs]
    )
    return stretched(features, [sample.answer.human_score for sample in samples])


def stretched(
    rows: Floats | Sequence[Sequence[float]],
    human: Sequence[float],
) -> Linear:
    """Fitted scores with the spread that people's scores have: least squares alone draw all scores to the middle."""
    features, target = np.asarray(rows, dtype=np.float64), np.asarray(human, dtype=np.float64)
    fitted = fit_ridge(features, target, scoring.SIGNS, SCORE_RIDGE)
    values = features @ np.array(fitted.weights) + fitted.bias
    stretch = float(target.std() / values.std()) if values.std() > 0 else 1.0
    bias = (fitted.bias - float(values.mean())) * stretch + float(target.mean())
    return Linear(tuple(weight * stretch for weight in fitted.weights), bias)


def _power(samples: Sequence[Sample]) -> float:
    """From the share of points that people found to the score they gave, on answers without misconceptions."""
    shares, scores = [], []
    for sample in samples:
        share = len(sample.answer.points_covered) / len(sample.scenario.points)
        if share > 0 and not sample.answer.misconceptions and sample.answer.human_score > 0:
            shares.append(np.log(share))
            scores.append(np.log(sample.answer.human_score / 10.0))
    return round(float(np.dot(shares, scores) / np.dot(shares, shares)), 3) if shares else 0.5


def blank(made_from: MadeFrom, keywords: KeywordCalibration, contrary: Linear) -> Calibration:
    """A calibration in which nothing has been fitted."""
    nothing = Linear((), 0.0)
    family = FamilyCalibration(nothing, nothing)
    return Calibration(
        format=FORMAT,
        model=made_from.model,
        corpus=made_from.corpus,
        words=made_from.words,
        answers=made_from.answers,
        rubric=made_from.rubric,
        weighing=made_from.weighing,
        rules=made_from.rules,
        trained=family,
        untrained=family,
        thresholds=Thresholds(0.5, 0.3, 0.5, 0.8),
        score=nothing,
        contrary=contrary,
        dimension_power=0.5,
        keywords=keywords,
    )
