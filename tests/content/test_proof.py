"""The example answers of every shipped pack, graded by the grader that the app uses."""

from __future__ import annotations

import pytest

from tutor.grading.graders import ModelGrader
from tutor.grading.types import Grader
from tutor.scenarios.packs import Example, Pack, load_all
from tutor.scenarios.proof import prove
from tutor.scenarios.rules import PASS

PACKS = load_all().packs
EXAMPLES = [(pack, example) for pack in PACKS for example in pack.examples]


@pytest.fixture(scope="module")
def grader() -> Grader:
    return ModelGrader()


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.slug)
def test_example_answers_score_what_their_author_says(pack: Pack, grader: Grader) -> None:
    results, faults = prove(pack, grader.grade)
    assert len(results) == len(pack.examples)
    assert [str(fault) for fault in faults] == []


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.slug)
def test_the_model_answer_passes(pack: Pack, grader: Grader) -> None:
    grade = grader.grade(pack.scenario, pack.model_answer)
    assert grade.score >= PASS, [(wrong.id, wrong.confidence) for wrong in grade.misconceptions]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.slug)
@pytest.mark.parametrize(
    "answer", ["", "fine", "I don't know.", "kafka consumer offset partition lag broker topic group"]
)
def test_nothing_said_scores_nothing(pack: Pack, answer: str, grader: Grader) -> None:
    assert grader.grade(pack.scenario, answer).score < 1


@pytest.mark.parametrize(
    ("pack", "example"), EXAMPLES, ids=[f"{pack.slug}-{example.name}" for pack, example in EXAMPLES]
)
def test_an_example_is_an_honest_attempt(pack: Pack, example: Example, grader: Grader) -> None:
    assert grader.grade(pack.scenario, example.text).honest
