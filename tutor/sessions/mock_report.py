"""The report of a mock interview, put together from what is stored and the packs as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from labs.contract import LabInfo
from tutor import text
from tutor.errors import UsageError
from tutor.mocks.comparing import Summary, calibration_text, compare, difference, marks
from tutor.mocks.levels import STANDARDS
from tutor.mocks.report import (
    BeliefLine,
    DimensionScore,
    MockReport,
    NextThing,
    PointLine,
    QuestionReport,
    Redo,
    Spoken,
)
from tutor.mocks.signal import Judged, Verdict, dimension_means, verdict
from tutor.mocks.values import Answer, Chosen, Mock, MockDraft
from tutor.scenarios.model import Scenario
from tutor.sessions.mock import Scenarios, mock_of, order_of, readable, weakest_question
from tutor.sessions.ports import Attempt, Store
from tutor.sessions.result import ResultView, result_view
from tutor.sessions.unlock import lab_state

Known = Mapping[int, Scenario]


def report(store: Store, number: int, scenarios: Scenarios, infos: Sequence[LabInfo]) -> MockReport:
    """The report of a finished interview. Raises UsageError where it is not finished or not there, StoreError."""
    mock = mock_of(store, number)
    if not mock.is_finished:
        raise UsageError(
            f"Mock interview {number} has no report",
            "You gave it up."
            if "abandoned" in mock.marks
            else "It is not finished: grades are shown after the debrief.",
            "kafka-tutor mock list" if "abandoned" in mock.marks else "kafka-tutor mock --resume",
        )
    known = {scenario.id: scenario for scenario in scenarios}
    judged, now = _judged(mock, known), summary(mock, scenarios)
    found = _verdict(mock, judged)
    drafts = store.mock_drafts(number)
    return MockReport(
        summary=now,
        ended=mock.marks["debriefed"],
        seconds=mock.seconds,
        closed_early="closed" in mock.marks,
        questions=tuple(_question(mock, one, known, drafts) for one in mock.questions),
        verdict=found,
        comparison=compare(now, [one for one in summaries(store, scenarios) if one.mock < number]),
        calibration=calibration_text(now.difference),
        next=tuple(_next(store, mock, judged, infos)),
        redo=_redo(mock, known),
    )


def summaries(store: Store, scenarios: Scenarios) -> list[Summary]:
    """Every finished interview in one line each, oldest first; damaged ones are left out. Raises StoreError."""
    return [summary(mock, scenarios) for mock in readable(store) if mock.is_finished and mock.answered]


def summary(mock: Mock, scenarios: Scenarios) -> Summary:
    """A finished interview in one line."""
    judged = _judged(mock, {scenario.id: scenario for scenario in scenarios})
    found, own = _verdict(mock, judged), [mark.score for mark in mock.assessments]
    return Summary(
        mock=mock.id,
        at=mock.started,
        level=mock.level,
        minutes=mock.minutes,
        questions=len(mock.questions),
        answered=len(mock.answered),
        score=found.score,
        signal=found.signal,
        self_score=round(sum(own) / len(own), 1) if own else None,
        difference=difference(marks(mock)),
        dimensions=dimension_means(judged),
        scores={one.scenario.id: one.grade.score for one in judged},
    )


def _judged(mock: Mock, known: Known) -> list[Judged]:
    found = []
    for question in mock.answered:
        grade, scenario = mock.grade(question.position), known.get(question.scenario)
        if grade is not None and scenario is not None:
            found.append(Judged(order_of(mock, question.position), scenario, grade))
    return found


def _verdict(mock: Mock, judged: Sequence[Judged]) -> Verdict:
    return verdict(judged, mock.level, len(mock.questions) - len(judged))


# --- one question ----------------------------------------------------------------------------------------------------


def _question(mock: Mock, question: Chosen, known: Known, drafts: Sequence[MockDraft]) -> QuestionReport:
    given, scenario = mock.of(question.position), known.get(question.scenario)
    view = _view(scenario, mock.said(question.position), given[-1]) if scenario and given else None
    own, score = mock.self_score(question.position), given[-1].grade.score if given else None
    return QuestionReport(
        number=order_of(mock, question.position),
        scenario=question.scenario,
        title=scenario.title if scenario else f"Scenario {question.scenario} (its pack cannot be read)",
        reasons=question.reasons,
        minutes=question.minutes,
        seconds=sum(answer.seconds for answer in given),
        transcript=tuple(_spoken(answer) for answer in given),
        unsent=tuple(text.shown(one.text) for one in drafts if _is_unsent(one, question)),
        score=score,
        reached=score is not None and score >= STANDARDS[mock.level].hire,
        self_score=own,
        difference=round(score - own, 1) if score is not None and own is not None else None,
        dimensions=_dimensions(view),
        points=_points(view),
        beliefs=_beliefs(view),
        notes=view.notes if view else (),
        grader=view.grader if view else "",
    )


def _is_unsent(draft: MockDraft, question: Chosen) -> bool:
    return draft.position == question.position and not draft.redo and not text.is_blank(draft.text)


def _view(scenario: Scenario, said: str, answer: Answer) -> ResultView:
    return result_view(scenario, Attempt(0, scenario.id, said, answer.grade, answer.at, answer.seconds))


def _spoken(answer: Answer) -> Spoken:
    return Spoken(answer.question, text.shown(answer.text), answer.turn > 0, answer.seconds)


def _dimensions(view: ResultView | None) -> tuple[DimensionScore, ...]:
    rows = view.dimensions if view else ()
    return tuple(DimensionScore(row.dimension, row.score) for row in rows if row.score is not None)


def _points(view: ResultView | None) -> tuple[PointLine, ...]:
    return tuple(
        PointLine(
            row.id,
            row.text,
            row.dimension,
            row.must,
            row.status,
            tuple(piece.text for piece in row.evidence),
            row.feedback,
        )
        for row in (view.points if view else ())
    )


def _beliefs(view: ResultView | None) -> tuple[BeliefLine, ...]:
    return tuple(
        BeliefLine(row.id, row.text, row.certain, tuple(piece.text for piece in row.evidence), row.correction)
        for row in (view.misconceptions if view else ())
    )


def _redo(mock: Mock, known: Known) -> Redo | None:
    again = mock.redo
    before = mock.grade(again.position) if again else None
    question = next((one for one in mock.questions if again and one.position == again.position), None)
    if again is None or before is None or question is None:
        return None
    scenario = known.get(question.scenario)
    there = {result.id for result in again.grade.points if result.status == "covered"}
    musts = [point for point in scenario.points if point.must and point.id not in there] if scenario else []
    return Redo(
        number=order_of(mock, again.position),
        scenario=question.scenario,
        answer=text.shown(again.text),
        before=before.score,
        score=again.grade.score,
        seconds=again.seconds,
        still_missing=tuple(point.missed for point in musts),
    )


# --- what to do next -------------------------------------------------------------------------------------------------


def _next(store: Store, mock: Mock, judged: Sequence[Judged], infos: Sequence[LabInfo]) -> Iterator[NextThing]:
    weakest = sorted(judged, key=lambda one: one.grade.score)
    again = weakest_question(mock)
    if again is not None:
        number = order_of(mock, again.position)
        yield NextThing(
            "redo",
            f"Answer question {number} a second time",
            "It was your weakest; one second try belongs to the interview, and shows what the debrief has changed.",
            f"kafka-tutor mock --redo {mock.id}",
            again.scenario,
        )
    lab = _lab(store, weakest, infos)
    if lab is not None:
        yield lab
    cards = sum(_lacking(one) for one in judged)
    if cards:
        yield NextThing(
            "review",
            f"Review {text.counted(cards, 'card')} from tomorrow on",
            "Each point that you left out comes back as a short question.",
            "kafka-tutor review",
        )
    if weakest and weakest[0].grade.score < STANDARDS[mock.level].hire:
        yield _study(weakest[0], mock)


def _lacking(one: Judged) -> int:
    if not one.grade.honest:
        return 0  # makes no cards
    missed = sum(result.status != "covered" for result in one.grade.points)
    return missed + sum(result.certain for result in one.grade.misconceptions)


def _study(one: Judged, mock: Mock) -> NextThing:
    low = sorted((score, name) for name, score in one.grade.dimensions.items())[:2]
    names = " and ".join(f"{name} ({score:.1f})" for score, name in low)
    return NextThing(
        "study",
        f"Study scenario {one.scenario.id}: {one.scenario.title}",
        f"{one.grade.score:.1f} of 10 is below {STANDARDS[mock.level].hire:.1f}; weakest in {names}.",
        f"kafka-tutor study {one.scenario.id}",
        one.scenario.id,
    )


def _lab(store: Store, weakest: Sequence[Judged], infos: Sequence[LabInfo]) -> NextThing | None:
    """The lab of a belief that is held, else that of the weakest question; those that are verified come last."""
    titles = {info.number: info.title for info in infos}
    wanted = [one for one in weakest if one.scenario.lab in titles]
    found = sorted(wanted, key=lambda one: (_is_verified(store, one, titles), not _holds(one)))
    if not found or found[0].scenario.lab is None:
        return None
    one, lab = found[0], found[0].scenario.lab
    why = (
        "something that you said is not so, and this lab shows it"
        if _holds(one)
        else "see there what its answer must say"
    )
    return NextThing(
        "lab",
        f"Run lab {lab}: {titles[lab]}",
        f"Question {one.position} scored {one.grade.score:.1f}; {why}.",
        f"kafka-tutor lab run {lab}",
        one.scenario.id,
        lab,
    )


def _is_verified(store: Store, one: Judged, titles: Mapping[int, str]) -> bool:
    return one.scenario.lab is not None and lab_state(store, one.scenario.lab, list(titles)).kind == "verified"


def _holds(one: Judged) -> bool:
    return any(result.certain for result in one.grade.misconceptions)
