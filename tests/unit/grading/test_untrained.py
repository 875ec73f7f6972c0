"""Definitions nobody trained: the model's word counts where the author's own words agree."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from tests.packs import scenario_data
from tutor.grading.gates import Verdict
from tutor.grading.reading import NO_MARKS, Reading
from tutor.grading.untrained import ELSEWHERE, HARDLY, UNSUPPORTED, supported
from tutor.grading.windows import units, windows
from tutor.scenarios.model import Scenario

POINT = scenario_data()["points"][0]
KEYWORDS = (["under & bed"], ["shelf"], ["basket"], ["drawer"])
SCENARIO = msgspec.convert(
    scenario_data() | {"points": [POINT | {"id": f"p{n}", "keywords": words} for n, words in enumerate(KEYWORDS)]},
    Scenario,
)
SURE = 0.9


def reading(answer: str, known: Sequence[bool] = (False,) * 5) -> Reading:
    """An answer of which the model believes that every window asserts everything."""
    found = units(answer)
    kept = tuple(windows(found))
    shape = (len(kept), 5)
    return Reading(
        units=tuple(found),
        verdict=Verdict((None,) * len(found), True, ()),
        windows=kept,
        asserts=np.full(shape, SURE, dtype=np.float32),
        denies=np.zeros(shape, dtype=np.float32),
        read=np.ones(shape, dtype=bool),
        word_asserts=np.zeros(shape, dtype=np.float32),
        word_relevance=np.zeros(shape, dtype=np.float32),
        known=np.array(known),
        topic_margin=0.0,
        marks=(NO_MARKS,) * len(found),
    )


def best(answer: str, **more: Sequence[bool]) -> list[float]:
    found = supported(SCENARIO, reading(answer, **more))
    return [round(float(value), 2) for value in found.asserts.max(axis=0)]


def test_a_point_counts_where_a_keyword_or_an_accepted_statement_agrees() -> None:
    # The last column is a misconception without words of its author's: nothing could agree, so the model decides.
    assert best("It has rolled under my bed.") == [SURE, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, SURE]
    assert best("I look at the shelf.") == [UNSUPPORTED, SURE, UNSUPPORTED, UNSUPPORTED, SURE]
    assert best("It lies below the bed.")[0] == SURE  # `accept`


def test_what_the_model_has_learnt_is_left_alone() -> None:
    trained = reading("Nothing of all that.", (True,) * 5)
    assert supported(SCENARIO, trained) is trained
    assert best("Nothing of all that.", known=(True, False, False, False, False))[:2] == [SURE, UNSUPPORTED]


@pytest.mark.parametrize(
    ("answer", "margin"),
    [
        ("Raise the replication factor and wait.", ELSEWHERE),
        ("I look at the shelf.", HARDLY),
        ("I look at the shelf. Then I empty the basket.", 0.0),
    ],
)
def test_an_answer_without_any_of_its_words_is_about_something_else(answer: str, margin: float) -> None:
    assert supported(SCENARIO, reading(answer)).topic_margin == margin
