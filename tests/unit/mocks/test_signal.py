from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.sessions.make import START, grade, scenario
from tutor.grading.types import MisconceptionResult
from tutor.mocks.comparing import Summary, calibration_text, compare, difference
from tutor.mocks.signal import Judged, verdict
from tutor.mocks.timing import Timing, mood

CENTRAL = (MisconceptionResult("m_deleted", (), 0.9, True),)
MINOR = (MisconceptionResult("m_always", (), 0.9, True),)
GOOD = {"cause": 8.0, "debugging": 8.0, "trade-offs": 8.0, "judgement": 8.0}


def judged(*scores: float, **more: object) -> list[Judged]:
    return [
        Judged(number, scenario(number), grade(score, number, dimensions=GOOD, **more))  # type: ignore[arg-type]
        for number, score in enumerate(scores, 1)
    ]


def signal(level: str, *scores: float, **more: object) -> str:
    return verdict(judged(*scores, **more), level).signal  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "signals"),
    [
        ("junior", ["no hire", "lean no", "hire", "strong hire", "strong hire", "strong hire"]),
        ("mid", ["no hire", "no hire", "lean no", "hire", "strong hire", "strong hire"]),
        ("senior", ["no hire", "no hire", "lean no", "hire", "hire", "strong hire"]),
        ("staff", ["no hire", "no hire", "no hire", "lean no", "hire", "strong hire"]),
    ],
)
def test_the_same_scores_mean_something_else_at_each_level(level: str, signals: list[str]) -> None:
    assert [signal(level, score, score) for score in (2.0, 3.0, 4.9, 6.0, 7.1, 9.0)] == signals


def test_a_belief_at_which_an_interviewer_stops_is_no_hire_whatever_the_score() -> None:
    assert signal("senior", 9.0, held=CENTRAL) == "no hire"
    assert signal("senior", 9.0, held=MINOR) == "strong hire"
    suspected = (MisconceptionResult("m_deleted", (), 0.5, False),)
    assert signal("senior", 9.0, held=suspected) == "strong hire"


def test_one_bright_answer_does_not_carry_two_dark_ones() -> None:
    assert signal("junior", 10.0, 1.0, 1.5) == "lean no"
    assert signal("senior", 9.5, 9.5, 5.0) == "hire"  # strong on the mean, but one question is below the bar


def test_a_dimension_below_its_floor_is_said() -> None:
    low = [Judged(1, scenario(), grade(7.0, dimensions={"debugging": 3.9, "trade-offs": 9.0}))]
    found = verdict(low, "senior")
    assert found.signal == "lean no"
    assert next(c.text for c in found.conditions if not c.met) == "debugging is at least 4.0: it is 3.9."


def test_ended_early_is_never_a_strong_hire() -> None:
    assert verdict(judged(9.0), "senior", unanswered=1).signal == "hire"
    nothing = verdict([], "junior", unanswered=3)
    assert (nothing.signal, nothing.score, nothing.changes) == ("no hire", 0.0, ())


def test_what_would_change_it_beliefs_first_then_musts_of_the_weakest_question_first() -> None:
    strong = grade(7.0, 1, statuses=dict.fromkeys(("resume", "policy", "describe"), "covered"), raise_most=("replay",))
    weak = grade(3.0, 2, held=CENTRAL, raise_most=("replay", "policy"), statuses={"resume": "covered"})
    found = verdict([Judged(1, scenario(1), strong), Judged(2, scenario(2), weak)], "senior").changes
    assert [(one.position, one.target, one.kind, one.must) for one in found] == [
        (2, "m_deleted", "misconception", False),
        (2, "policy", "point", True),
        (1, "replay", "point", False),
        (2, "replay", "point", False),
    ]
    assert found[0].text == "Reading deletes nothing." and found[1].text == "You did not say policy."
    assert verdict(judged(9.0), "senior").changes == ()


# --- the clock -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "question", "said"),
    [
        (0, 0, ""),
        (900, 900, ""),
        (1000, 901, "This question has had its share of the time."),
        (2400, 60, "5 min left."),
        (2700, 60, "0 min left."),
        (2701, 60, "0 min over. Nothing is cut off: finish what you want to say."),
        (9000, 60, "105 min over. Nothing is cut off: finish what you want to say."),
    ],
)
def test_the_clock_informs(used: float, question: float, said: str) -> None:
    assert mood(Timing(used, 45, question, 15)) == said


# --- comparison ------------------------------------------------------------------------------------------------------


def summary(mock: int, score: float, **more: object) -> Summary:
    return Summary(mock, START + timedelta(days=mock), "senior", 45, 3, 3, score, "no hire", 5.0, -1.0, **more)  # type: ignore[arg-type]


def test_beside_earlier_mocks() -> None:
    first = summary(1, 4.0, dimensions={"cause": 3.0}, scores={1: 4.0, 2: 5.0})
    second = summary(2, 5.0, dimensions={"cause": 5.0, "fixes": 2.0}, scores={2: 6.0})
    now = summary(3, 6.5, dimensions={"cause": 7.0, "internals": 4.0}, scores={1: 6.0, 2: 7.0, 3: 8.0})
    found = compare(now, [first, second])
    assert found.score_change == 1.5
    assert [(row.dimension, row.now, row.before) for row in found.dimensions] == [
        ("cause", 7.0, 5.0),
        ("internals", 4.0, None),
    ]
    assert [(one.scenario, one.now, one.then, one.mock) for one in found.repeated] == [
        (1, 6.0, 4.0, 1),
        (2, 7.0, 6.0, 2),
    ]
    alone = compare(now, [])
    assert alone.score_change is None and alone.repeated == () and alone.dimensions[0].before is None


def test_own_marks_beside_the_grades() -> None:
    assert difference([]) is None and difference([(4.0, 6.0), (5.0, 6.0)]) == -1.5
    assert "1.5 points too well" in calibration_text(-1.5) and "2.0 points too low" in calibration_text(2.0)
    assert "as the grader does" in calibration_text(0.4) and "no marks" in calibration_text(None)
