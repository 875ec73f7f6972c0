"""Numbers for every definition of a rubric, from an answer that has been read; their weights are calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tutor.grading.linear import log_odds
from tutor.grading.reading import ACROSS, Reading
from tutor.grading.speech import reported

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FEATURES = (
    "asserted by a unit or clause",
    "asserted by a unit, clause or pair",
    "asserted by any window",
    "asserted by a second window",
    "others of its kind",
    "the other kind",
    "word score of any window",
    "word score of a unit",
    "word relevance",
)
"""Names of the features, in order."""
POINT_SIGNS = (1, 1, 1, 1, 1, -1, 1, 1, 1)
MISCONCEPTION_SIGNS = (1, 1, 1, 1, 1, -1, 1, 1, 0)
"""More of these makes it likelier (1), less likely (-1), or either (0: to deny a misconception is relevant too).

Points speak against misconceptions, and the other way."""
UNKNOWN = 6
"""So many of the features do without the word model: for definitions that it has not learnt."""


@dataclass(frozen=True, slots=True)
class Signals:
    """One row of features for each definition (points, then misconceptions)."""

    features: NDArray[np.float64]
    denied: Floats
    """Highest probability that a window denies it."""


def signals(reading: Reading, points: int) -> Signals:
    """The features of all definitions."""
    kinds = np.array([window.kind for window in reading.windows])
    single = np.isin(kinds, ("unit", "clause"))
    short = np.isin(kinds, ("unit", "clause", "pair", "headed"))
    asserts = _without_reported(reading, reading.asserts)
    words = _without_reported(reading, reading.word_asserts)
    best = _best(asserts, ACROSS)
    word = _best(words, 0.0)
    belief = np.where(reading.known, 0.5 * best + 0.5 * np.clip(word, 0.0, 1.0), best)
    columns = (
        _odds(_best(asserts[single], ACROSS)),
        _odds(_best(asserts[short], ACROSS)),
        _odds(best),
        _odds(_second(asserts)),
        *_context(belief, points),
        word,
        _best(words[single], 0.0),
        _best(reading.word_relevance, 0.0),
    )
    return Signals(np.stack(columns, axis=1).astype(np.float64), _best(reading.denies[short], ACROSS))


def _without_reported(reading: Reading, values: Floats) -> Floats:
    """What the author reports in order to refute it is no claim of the author's, neither right nor wrong."""
    refuted = reported([unit.text for unit in reading.units])
    if not refuted:
        return values
    rows = [index for index, window in enumerate(reading.windows) if refuted.issuperset(window.units)]
    cleared = values.copy()
    cleared[rows] = ACROSS
    return cleared


def _best(values: Floats, nothing: float) -> Floats:
    if not len(values):
        return np.full(values.shape[1], nothing, dtype=np.float32)
    best: Floats = values.max(axis=0)
    return best


def _second(values: Floats) -> Floats:
    if len(values) < 2:
        return np.full(values.shape[1], ACROSS, dtype=np.float32)
    second: Floats = np.sort(values, axis=0)[-2]
    return second


def _odds(values: Floats) -> NDArray[np.float64]:
    return np.array([log_odds(float(value)) for value in values])


def _context(belief: Floats, points: int) -> tuple[Floats, Floats]:
    """For each definition: how much there is of the others of its kind, and of the other kind."""
    right, wrong = belief[:points].sum(), belief[points:].sum()
    own = np.concatenate([right - belief[:points], wrong - belief[points:]])
    other = np.concatenate([np.full(points, wrong), np.full(len(belief) - points, right)])
    return own.astype(np.float32), other.astype(np.float32)


def evidence_window(reading: Reading, column: int, near_enough: float = 0.9) -> int | None:
    """The window that shows a definition best: the shortest of those nearly as sure as the surest."""
    if not reading.windows:
        return None
    asserts, words = _without_reported(reading, reading.asserts), _without_reported(reading, reading.word_asserts)
    sure = 0.5 * asserts[:, column] + 0.5 * np.clip(words[:, column], 0.0, 1.0)
    near = np.flatnonzero(sure >= near_enough * sure.max())
    lengths = [(len(reading.windows[index].units), len(reading.windows[index].text)) for index in near]
    return int(near[min(range(len(near)), key=lambda item: lengths[item])])
