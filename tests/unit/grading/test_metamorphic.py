"""Small changes of an answer, on a sample. All of them: `python -m tutor.grading.metamorphic`."""

from __future__ import annotations

import random

import pytest

from tutor.grading import metamorphic, resources, variants
from tutor.grading.corpus import Corpus, read
from tutor.grading.metamorphic import RIGHT, WRONG, Case, report, run, sample, scorer, suite
from tutor.grading.windows import units

EACH = 4


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read(resources.shipped().data)


def test_a_sample_of_changes_moves_the_score_as_it_should(corpus: Corpus) -> None:
    cases = sample(suite(corpus), EACH)
    rows = report(cases, *run(cases, scorer()))
    assert {row.kind for row in rows} == {*variants.SAME, RIGHT, WRONG}
    same = [row for row in rows if row.kind in variants.SAME]
    assert sum(row.broken for row in same) <= 1, rows
    assert [row for row in rows if row.kind in (RIGHT, WRONG) and row.broken] == []


def test_the_same_data_make_the_same_suite(corpus: Corpus) -> None:
    assert suite(corpus) == suite(corpus) != suite(corpus, seed=1)


def test_all_answers_are_varied_that_can_be(corpus: Corpus) -> None:
    kinds = [case.kind for case in suite(corpus)]
    answers = len(corpus.answers)
    assert kinds.count("typos") == answers
    assert kinds.count(RIGHT) >= 0.9 * answers and kinds.count(WRONG) == answers
    assert all(kinds.count(kind) >= 40 for kind in variants.SAME), {kind: kinds.count(kind) for kind in variants.SAME}


def test_what_changes_is_only_what_should(corpus: Corpus) -> None:
    text = "The behaviour is optimised. It has two partitions, so order holds within each of them."
    rng = random.Random(1)
    assert variants.other_spelling(text, rng, corpus) == text.replace("behaviour", "behavior").replace("mised", "mized")
    assert variants.other_spelling("Nothing here.", rng, corpus) is None
    assert variants.as_bullets(text, rng, corpus) == "- " + text.replace(". It", ".\n- It")
    assert variants.reordered(text, rng, corpus) == " ".join(reversed([text[u.start : u.end] for u in units(text)]))
    mistyped = variants.typos(text, rng, corpus)
    assert mistyped is not None and mistyped != text and abs(len(mistyped) - len(text)) <= 1
    filled = variants.with_filler(text, rng, corpus)
    assert filled is not None and any(filler in filled for filler in corpus.fillers)


def test_a_list_is_not_taken_for_prose(corpus: Corpus) -> None:
    text = "Two things:\n- one partition a key\n- one consumer a partition"
    assert variants.as_bullets(text, random.Random(1), corpus) is None
    assert variants.reordered(text, random.Random(1), corpus) is None


def test_moves_in_the_right_direction_are_no_fault() -> None:
    cases = [Case(RIGHT, 1, "a", "b"), Case(WRONG, 1, "a", "c"), Case("typos", 1, "a", "d")]
    good = report(cases, [5.0, 5.0, 5.0], [6.0, 3.0, 6.0])
    bad = report(cases, [5.0, 5.0, 5.0], [4.9, 5.1, 3.9])
    assert all(row.held for row in good) and not any(row.held for row in bad)
    assert metamorphic.MOST == 1.0
