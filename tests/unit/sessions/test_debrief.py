"""claim | point | fact."""

from __future__ import annotations

from labs.contract import Observation
from tests.unit.sessions.make import START, grade, scenario
from tutor.grading.types import MisconceptionResult, Span
from tutor.sessions.debrief import debrief_rows
from tutor.sessions.ports import Attempt

ANSWER = "It resumes. The policy never applies.\x1b It always applies."
FACTS = (
    Observation(
        "same-group", "The same group read none of the 300 records", 0.0, "0 records", "why", question="same-group"
    ),
    Observation(
        "new-group", "A new group with earliest read all 300 records", 300.0, "300 records", "why", ("policy", "replay")
    ),
    Observation("reset", "The broker refused the reset", "refused", "refused", "why", ("policy",), ("m_always",)),
    Observation("unrelated", "Nothing to do with it", 1.0, "1", "why", ("a-point-of-another-scenario",)),
)


def span(words: str) -> Span:
    start = ANSWER.index(words)
    return Span(start, start + len(words))


def answered() -> Attempt:
    made = grade(
        statuses={"resume": "covered", "policy": "contradicted", "describe": "covered"},
        spans={"resume": (span("It resumes."),), "policy": (span("The policy never"), span("applies.\x1b"))},
        held=(
            MisconceptionResult("m_always", (span("It always applies."),), 0.9, True),
            MisconceptionResult("m_deleted"),
        ),
    )
    return Attempt(1, 1, ANSWER, made, START, 1.0)


def test_rows() -> None:
    rows = debrief_rows(scenario(), answered(), FACTS)
    assert [(row.point, row.claim, row.agrees) for row in rows] == [
        ("m_always", "It always applies.", False),
        ("policy", "The policy never … applies.␛", False),
        ("resume", "It resumes.", True),
        ("replay", "", None),
    ]


def test_facts_come_from_the_lab_and_from_the_pack_with_their_value() -> None:
    facts = {row.point: row.fact for row in debrief_rows(scenario(), answered(), FACTS)}
    assert facts["resume"] == "The same group read none of the 300 records (0 records)"
    assert facts["policy"] == "A new group with earliest read all 300 records\nThe broker refused the reset"


def test_a_refuted_belief_is_answered_by_what_is_true() -> None:
    row = debrief_rows(scenario(), answered(), FACTS)[0]
    assert row.point_text == "It applies without an offset."


def test_a_belief_that_is_only_suspected_is_no_wrong_claim() -> None:
    made = grade(held=(MisconceptionResult("m_always", (span("It always applies."),), 0.4, False),))
    rows = debrief_rows(scenario(), Attempt(1, 1, ANSWER, made, START, 1.0), FACTS)
    assert next(row for row in rows if row.point == "m_always").agrees is None


def test_without_an_attempt_the_facts_stand_alone() -> None:
    rows = debrief_rows(scenario(), None, FACTS)
    assert [row.point for row in rows] == ["resume", "policy", "replay"]
    assert all(row.claim == "" and row.agrees is None for row in rows)


def test_without_facts_there_is_nothing_to_debrief() -> None:
    assert debrief_rows(scenario(), answered(), ()) == ()


def test_a_covered_point_without_words_makes_no_claim() -> None:
    rows = debrief_rows(scenario(), Attempt(1, 1, ANSWER, grade(statuses={"replay": "covered"}), START, 1.0), FACTS)
    assert {row.agrees for row in rows} == {None}
