"""A sample of the attacks on the grader that ships. All of them: `python -m tutor.grading.attacks`."""

from __future__ import annotations

import pytest

from tutor.grading import resources
from tutor.grading.attack_texts import Attack, negated, sample, sources, suite
from tutor.grading.attacks import report
from tutor.grading.corpus import read
from tutor.grading.graders import load_grader
from tutor.scenarios.packs import load_all

PACKS = load_all().packs
EACH = 2
CLASSES = {
    "empty",
    "fine",
    "gibberish",
    "keyword soup",
    "keywords joined by arrows",
    "all words shuffled",
    "words shuffled within sentences",
    "question pasted back",
    "model answer of another scenario",
    "every claim negated",
    "every claim and its opposite",
    "confident and wrong",
    "wrong and denied together",
    "orders to the grader",
    "unicode tricks",
    "other languages",
    "one megabyte",
}


@pytest.fixture(scope="module")
def attacks() -> list[Attack]:
    return suite(sources(PACKS, read(resources.shipped().data)))


def test_every_class_is_there_and_the_suite_is_large(attacks: list[Attack]) -> None:
    assert len(attacks) >= 1_000
    assert {attack.kind for attack in attacks} >= CLASSES
    assert {attack.scenario for attack in attacks} == {pack.id for pack in PACKS}
    assert any(len(attack.answer) >= 1_000_000 for attack in attacks)


def test_the_same_data_make_the_same_suite(attacks: list[Attack]) -> None:
    assert suite(sources(PACKS, read(resources.shipped().data))) == attacks


def test_no_attack_of_a_sample_passes(attacks: list[Attack]) -> None:
    chosen = sample(attacks, EACH)
    scenarios = {pack.id: pack.scenario for pack in PACKS}
    grader = load_grader("model")
    grades = [grader.grade(scenarios[attack.scenario], attack.answer) for attack in chosen]
    rows = report(chosen, [grade.score for grade in grades], [grade.honest for grade in grades])
    assert [(row.kind, row.highest) for row in rows if row.passes] == []


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("Order is kept within a partition.", "Order is not kept within a partition."),
        ("The group doesn't read it again.", "The group does read it again."),
        ("Brokers delete whole segments.", "It is not true that brokers delete whole segments."),
    ],
)
def test_a_claim_is_turned_round(said: str, turned: str) -> None:
    assert negated(said) == turned
