"""The example answers of every shipped pack, graded by the grader that the app uses."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tutor.grading.graders import ModelGrader
from tutor.grading.keyword_grader import KeywordGrader
from tutor.grading.model_grader import NOTE_UNTRAINED
from tutor.grading.types import Grader
from tutor.scenarios.added import check_pack
from tutor.scenarios.packs import Example, Pack, load_all, load_pack
from tutor.scenarios.proof import prove
from tutor.scenarios.rules import PASS

PACKS = load_all().packs
EXAMPLES = [(pack, example) for pack in PACKS for example in pack.examples]


@pytest.fixture(scope="module")
def grader() -> Grader:
    """The app's grader, asked once for each answer: the same answer has the same grade."""
    grader = ModelGrader()
    grader.grade = functools.cache(grader.grade)  # type: ignore[method-assign]
    return grader


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


# --- the example pack of the author's guide: a pack by others, with definitions that the model has never seen ------------

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "311-lag-alert"


def test_the_example_pack_passes_its_check_with_the_model(grader: Grader) -> None:
    report = check_pack(EXAMPLE, {}, grader.grade)
    # Its points name no shipped lab, so no lab has to be known here.
    assert [str(fault) for fault in report.faults] == []
    assert [len(pack.graded) for pack in report.packs] == [3]


def test_the_example_pack_passes_with_keywords_alone() -> None:
    pack, keywords = load_pack(EXAMPLE), KeywordGrader()
    scores = {example.front.band: keywords.grade(pack.scenario, example.text).score for example in pack.examples}
    assert scores["strong"] >= PASS > scores["weak"]


def test_the_grade_of_a_new_pack_says_who_graded_and_how_far_to_trust_it(grader: Grader) -> None:
    grade = grader.grade(load_pack(EXAMPLE).scenario, "Lag is the end offset minus the committed offset.")
    assert grade.grader.name == "model"
    assert NOTE_UNTRAINED in grade.notes
