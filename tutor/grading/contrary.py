"""Whether an answer says the opposite of what is so: right words, and a negation too many or too few in most sentences.

The cross-encoder often reads past a `not`. The word model knows words with their polarity; over all sentences of an answer
that is enough to tell an answer from its opposite, though not for one sentence alone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tutor.grading.corpus import Answer
from tutor.grading.fitting import fit_logistic
from tutor.grading.linear import Linear
from tutor.grading.polarity import emphatic, framed, negated, opposites
from tutor.grading.reading import Reader, Reading
from tutor.grading.windows import units
from tutor.scenarios.model import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEATURES = (
    "mean stance of the sentences",
    "median stance",
    "share of negated sentences",
    "share of 'it is not true that …'",
    "share of 'it does …'",
)
SIGNS = (-1, -1, 1, 1, 1)
RIDGE = 3.0
LIMIT = -0.8
"""Log odds from which an answer does not pass: 3 % of the good answers lie above, and all of the negated ones but one."""
RELEVANT = 0.05
"""Least weight of a sentence."""
GOOD = 5.0
"""Human score of the answers that are turned round to learn from."""
SEED = 20261123
NOTE = "Most of what it says is turned into its opposite by a negation, so it cannot pass: say what is so."


def features(reading: Reading, points: int) -> tuple[float, ...]:
    """See FEATURES. Stance: how much more a sentence asserts than denies the point that it is about."""
    rows = [index for index, window in enumerate(reading.windows) if window.kind == "unit"]
    if not rows:
        return (0.0,) * len(FEATURES)
    asserts, relevance = reading.word_asserts[rows, :points], reading.word_relevance[rows, :points]
    best = relevance.argmax(axis=1), np.arange(len(rows))
    about = relevance[best[1], best[0]]
    stance = 2.0 * asserts[best[1], best[0]] - about
    weights = np.clip(about, RELEVANT, 1.0)
    texts = [reading.windows[row].text for row in rows]
    return (
        float((stance * weights).sum() / weights.sum()),
        float(np.median(stance)),
        sum(map(negated, texts)) / len(texts),
        sum(map(framed, texts)) / len(texts),
        sum(map(emphatic, texts)) / len(texts),
    )


def is_contrary(reading: Reading, points: int, weights: Linear) -> bool:
    """Whether the answer rather says the opposite."""
    if not reading.known[:points].all() or not reading.windows:
        return False
    return weights.value(features(reading, points)) > LIMIT


def fit(answers: Sequence[tuple[Scenario, Answer]], reader: Reader) -> Linear:
    """From good answers and their opposites; the words alone are read."""
    rng = random.Random(SEED)
    rows: list[tuple[float, ...]] = []
    for scenario, answer in answers:
        if answer.human_score >= GOOD:
            turned = opposites([unit.text for unit in units(answer.answer)], rng)
            rows += [
                features(reader.words_only(scenario, text), len(scenario.points)) for text in (answer.answer, turned)
            ]
    target = np.tile([0.0, 1.0], len(rows) // 2)
    return fit_logistic(np.array(rows, dtype=np.float64), target, SIGNS, RIDGE)
