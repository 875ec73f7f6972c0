"""What the result shows."""

from __future__ import annotations

import msgspec
import pytest

from tests.unit.sessions.make import START, grade, scenario
from tutor.grading.types import MisconceptionResult, Span
from tutor.sessions.ports import Attempt, Overrule
from tutor.sessions.result import result_view

ANSWER = "The group\nresumes \x1b[31mthere. The policy always applies."


def span(words: str) -> Span:
    start = ANSWER.index(words)
    return Span(start, start + len(words))


def full(**changes: object) -> Attempt:
    made = grade(
        6.4,
        statuses={"resume": "covered", "policy": "contradicted", "describe": "unsure"},
        spans={"resume": (span("The group\nresumes \x1b[31mthere."),), "policy": (span("The policy"), Span(5, 5))},
        held=(
            MisconceptionResult("m_deleted", (), 0.4),
            MisconceptionResult("m_always", (span("The policy always"),), 0.9, True),
        ),
        dimensions={"cause": 8.0, "internals": 0.5},
        raise_most=("policy", "m_always", "unknown"),
        notes=("The keyword\x1b grader stood in.",),
    )
    return msgspec.structs.replace(Attempt(4, 1, ANSWER, made, START, 200.0), **changes)


def test_head() -> None:
    view = result_view(scenario(), full())
    assert (view.attempt, view.score, view.passed, view.minutes, view.seconds) == (4, 6.4, True, 8, 200.0)
    assert view.grader == "model abc123"
    assert view.notes == ("The keyword␛ grader stood in.",)
    assert "would pass" in view.verdict and view.question == "What happens in 1?"


def test_evidence_is_the_learners_words_safe_and_findable() -> None:
    view = result_view(scenario(), full())
    assert len(view.answer) == len(ANSWER) and "\x1b" not in view.answer
    quote = view.points[0].evidence[0]
    assert quote.text == "The group resumes ␛[31mthere."
    assert view.answer[quote.start : quote.end] == "The group\nresumes ␛[31mthere."
    assert [e.text for e in view.points[1].evidence] == ["The policy"]


def test_points_in_the_order_of_the_rubric_with_what_was_missed() -> None:
    view = result_view(scenario(), full())
    assert [(p.id, p.status, p.must) for p in view.points] == [
        ("resume", "covered", True),
        ("policy", "contradicted", True),
        ("describe", "unsure", False),
        ("replay", "missed", False),
    ]
    assert view.points[0].feedback == "" and view.points[3].feedback == "You did not say replay."
    assert [p.id for p in view.missed] == ["policy", "replay", "describe"]
    assert view.points[0].labs == ("1.same-group",)


def test_all_six_dimensions_even_those_without_points() -> None:
    rows = {row.dimension: row for row in result_view(scenario(), full()).dimensions}
    assert len(rows) == 6
    assert (rows["cause"].score, rows["cause"].covered, rows["cause"].points) == (8.0, 1, 1)
    assert (rows["trade-offs"].score, rows["trade-offs"].points) == (None, 0)


def test_beliefs_certain_ones_first_the_others_as_a_question() -> None:
    sure, maybe = result_view(scenario(), full()).misconceptions
    assert sure.text == "The policy always applies." and sure.evidence[0].text == "The policy always"
    assert sure.correction == "It applies without an offset."
    assert maybe.text.startswith("This sounds like: ") and maybe.text.endswith("Do you mean that?")


def test_what_would_have_raised_it_most() -> None:
    view = result_view(scenario(), full())
    assert [(r.id, r.text) for r in view.raise_most] == [
        ("policy", "You did not say policy."),
        ("m_always", "It applies without an offset."),
    ]


def test_the_learners_verdict_is_marked_and_changes_no_score() -> None:
    overrules = [
        Overrule(4, "replay", True, START),
        Overrule(4, "resume", False, START),
        Overrule(4, "m_always", False, START),
    ]
    view = result_view(scenario(), full(), overrules)
    by_id = {row.id: row for row in view.points}
    assert (by_id["replay"].overruled, by_id["replay"].counted, by_id["replay"].feedback) == (True, True, "")
    assert (by_id["resume"].overruled, by_id["resume"].counted) == (False, False)
    assert by_id["resume"].status == "covered" and by_id["resume"].feedback
    assert view.misconceptions[0].overruled is False
    assert view.score == 6.4


def test_the_next_question_leaves_out_those_already_answered() -> None:
    view = result_view(scenario(), full(), asked=frozenset({"policy"}))
    assert view.follow_up is not None and view.follow_up.target == "m_always"


def test_a_follow_ups_result_points_at_its_target() -> None:
    view = result_view(scenario(), full(follow_up_to=3, question="What about resume?", target="resume"))
    assert view.question == "What about resume?" and view.target is not None and view.target.status == "covered"
    assert "one point" in view.verdict


@pytest.mark.parametrize(("score", "honest", "said"), [(5.9, True, "would not pass yet"), (0.0, False, "real attempt")])
def test_verdicts(score: float, honest: bool, said: str) -> None:
    attempt = Attempt(1, 1, "x", grade(score, honest=honest), START, 1.0)
    assert said in result_view(scenario(), attempt).verdict


def test_a_point_that_the_grade_does_not_know_counts_as_missed() -> None:
    old = msgspec.structs.replace(grade(), points=())
    view = result_view(scenario(), Attempt(1, 1, "x", old, START, 1.0))
    assert {p.status for p in view.points} == {"missed"}
