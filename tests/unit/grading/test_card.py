"""The grader card is that of the grader that ships, and says what its data say."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tutor.grading import evaluate, resources, variants
from tutor.grading.bootstrap import agreement_intervals, found_intervals
from tutor.grading.card import measure, values
from tutor.grading.card.render import render
from tutor.grading.corpus import Answer, read
from tutor.grading.graders import load_grader
from tutor.grading.metamorphic import RIGHT, WRONG
from tutor.grading.types import Grade, GraderId, MisconceptionResult, PointResult
from tutor.scenarios.packs import find, load_all

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def card() -> values.Card:
    return values.load(DOCS / "grader-card.json")


def test_the_card_is_of_the_grader_and_the_data_of_this_tree(card: values.Card) -> None:
    assert card.grader == load_grader("model").id, f"The card is of another grader. Run: {values.COMMAND}"
    assert card.data == measure.data_of(read(resources.shipped().data)), f"Other data. Run: {values.COMMAND}"


def test_the_page_says_what_the_data_say(card: values.Card) -> None:
    page = (DOCS / "grader-card.md").read_text(encoding="utf-8")
    assert page == render(card), f"Run: {values.COMMAND} --render"


def test_no_attack_passes_and_there_are_enough(card: values.Card) -> None:
    assert sum(row.answers for row in card.attacks) >= 1_000
    assert [row.kind for row in card.attacks if row.passes] == []
    # No answer at all must open a lab, and six lists of words still do: a known fault that must not grow. Keywords joined by
    # arrows cannot be told from notes by their form: most are taken for an attempt, and none passes.
    unlocked = {row.kind: row.unlocked for row in card.attacks}
    assert unlocked.pop("keywords joined by arrows") <= 30
    assert sum(unlocked.values()) <= 6


def test_what_the_card_says_cannot_get_worse_unnoticed(card: values.Card) -> None:
    for view in card.views:
        assert view.scores.figures.qwk >= 0.88, view.name
        assert view.scores.figures.wrong_passes == 0, view.name
        assert view.misconceptions.figures.precision >= 0.75, view.name
    assert card.views[0].points.figures.f1 >= 0.78


def test_small_changes_move_the_score_no_more_than_they_did(card: values.Card) -> None:
    """What falls short of the target is on the page; it must not get worse."""
    shares = {row.kind: row.broken / row.answers for row in card.metamorphic}
    assert shares[RIGHT] == 0 and shares[WRONG] <= 0.07
    assert all(shares[kind] <= 0.06 for kind in variants.SAME), shares


def test_what_is_not_reached_is_said_on_the_page(card: values.Card) -> None:
    worse = [msgspec.structs.replace(row, broken=row.answers, largest=4.2) for row in card.metamorphic]
    passing = [msgspec.structs.replace(row, passes=1) for row in card.attacks]
    page = render(msgspec.structs.replace(card, metamorphic=tuple(worse), attacks=tuple(passing)))
    assert page.count("Not reached") == len(worse) + len(passing)


def test_intervals_hold_the_figure_and_shrink_with_more_answers() -> None:
    given, human = [0.0, 2.5, 5.0, 7.0, 9.0, 3.0, 6.0, 8.0], [0.0, 2.0, 5.0, 8.0, 9.0, 4.0, 5.0, 7.0]
    few, many = agreement_intervals(given, human, 200), agreement_intervals(given * 20, human * 20, 200)
    figure = measure.agreement(given, human)
    assert few.qwk.low <= figure.qwk <= few.qwk.high
    assert many.mean_error.high - many.mean_error.low < few.mean_error.high - few.mean_error.low


def test_intervals_of_finds() -> None:
    rows = [({"a"}, {"a"}), ({"a", "b"}, {"a"}), (set(), {"b"})] * 10
    found = found_intervals(rows, 200)
    assert found.precision.low <= 2 / 3 <= found.precision.high
    assert found.recall.low <= 2 / 3 <= found.recall.high
    assert found_intervals([(set(), set())] * 3, 10).f1.high == 0


def test_each_point_is_counted_over_the_answers_to_its_scenario() -> None:
    scenario = find(load_all(), "1").scenario
    first, second = (point.id for point in scenario.points[:2])
    belief = scenario.misconceptions[0].id
    answer = Answer("x", 1, "strong", "text", 7.0, (first,), (belief,))
    grade = Grade(
        scenario=1,
        score=7.0,
        dimensions={},
        points=(PointResult(first, "covered"), PointResult(second, "covered")),
        misconceptions=(MisconceptionResult(belief),),
        grader=GraderId("model", "x"),
        honest=True,
    )
    rows = {row.id: row for row in measure.items([(answer, grade)], {1: scenario})}
    assert len(rows) == len(scenario.points) + len(scenario.misconceptions)
    assert (rows[first].precision, rows[first].recall) == (1.0, 1.0)
    assert (rows[second].precision, rows[second].recall) == (0.0, None)
    assert (rows[belief].there, rows[belief].said, rows[belief].right) == (1, 1, 1)
    assert list(evaluate.points([(answer, grade)], ("covered",))) == [({first, second}, {first})]
