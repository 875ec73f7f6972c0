"""Definitions that the model has never seen: what it thinks of them counts where the rubric's own words agree.

The cross-encoder judges a new definition by its meaning alone, and finds many sentences about the same thing convincing.
So a window supports a point that nobody trained as far as it has one of the author's keywords, or says one of the accepted
statements; without either it counts for little, whatever the model says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tutor.grading.keywords import keyword_hits, says_the_same
from tutor.grading.reading import Reading, definitions
from tutor.scenarios.model import Misconception, Point, Scenario

UNSUPPORTED = 0.06
"""Highest probability of an assertion in a window without a word of the author's. Twenty strong answers to other scenarios,
graded on the example pack, are credited with 5 points in all instead of 17, and 1 passes instead of 3; of points that are
there, 54 % are found instead of 75 % where an answer uses none of the author's words for them."""
ELSEWHERE = -3.0
"""Topic margin of an answer in which no definition has a word of its author's."""
HARDLY = -1.0
"""… and of one in which a single point of many has."""
MANY = 4
"""So many points are many."""


def supported(scenario: Scenario, reading: Reading) -> Reading:
    """The reading with unsupported assertions of unknown definitions held down; the same one where all are known."""
    if bool(reading.known.all()):
        return reading
    asserts = reading.asserts.copy()
    items = definitions(scenario)
    backed = [[_backs(unit.text, item) for unit in reading.units] for item in items]
    for column in np.flatnonzero(~reading.known):
        if not (items[column].keywords or items[column].accept):
            continue  # nothing to agree with
        for row, window in enumerate(reading.windows):
            if not any(backed[column][unit] for unit in window.units):
                asserts[row, column] = min(asserts[row, column], UNSUPPORTED)
    margin = reading.topic_margin if reading.known.any() else _margin([any(row) for row in backed], scenario)
    return replace(reading, asserts=asserts, topic_margin=margin)


def _margin(backed: list[bool], scenario: Scenario) -> float:
    """What stands for the model of topics, which knows no new scenario."""
    points = sum(backed[: len(scenario.points)])
    if not any(backed):
        return ELSEWHERE
    return HARDLY if points <= 1 and len(scenario.points) >= MANY else 0.0


def _backs(text: str, item: Point | Misconception) -> bool:
    return bool(keyword_hits(text, item.keywords)) or says_the_same(text, item.accept)
