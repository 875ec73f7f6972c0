"""Everything that a screen or a terminal shows of a graded answer, as values. All texts are terminal-safe."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tutor import text
from tutor.grading.types import PASS_SCORE, Grade, MisconceptionResult, PointResult, PointStatus, Span
from tutor.scenarios.model import DIMENSIONS, Dimension, Misconception, Point, Scenario
from tutor.sessions.follow_up import FollowUp, follow_up
from tutor.sessions.ports import Attempt, Overrule


class Evidence(msgspec.Struct, frozen=True):
    """The learner's own words."""

    text: str
    """In one line."""
    start: int
    """`ResultView.answer[start:end]` is the passage."""
    end: int


class DimensionRow(msgspec.Struct, frozen=True):
    """The score of one of the six dimensions."""

    dimension: Dimension
    score: float | None
    """0 to 10; None where this rubric has no points for it."""
    covered: int
    points: int


class PointRow(msgspec.Struct, frozen=True):
    """One rubric point."""

    id: str
    text: str
    """The claim."""
    dimension: Dimension
    must: bool
    weight: int
    status: PointStatus
    """As graded."""
    evidence: tuple[Evidence, ...]
    feedback: str
    """What was missed; empty where the point is covered, by the grade or by the learner's own verdict."""
    overruled: bool | None
    """The learner's verdict, marked as theirs: True "it is in my answer", False "it is not"; None where they gave none."""
    source: str
    labs: tuple[str, ...]
    """Lab observations that prove it: `1.same-group-earliest`."""

    @property
    def counted(self) -> bool:
        """Whether the point is in the answer, the learner's verdict first."""
        return self.status == "covered" if self.overruled is None else self.overruled

    @property
    def asked(self) -> bool:
        """Whether it is for the learner to say if they meant it, and they have not yet."""
        return self.status == "unsure" and self.overruled is None


class MisconceptionRow(msgspec.Struct, frozen=True):
    """A wrong belief found in the answer."""

    id: str
    text: str
    """How to put it: a statement where certain, else a question."""
    certain: bool
    evidence: tuple[Evidence, ...]
    correction: str
    overruled: bool | None
    """False: the learner says that they do not believe it."""
    labs: tuple[str, ...] = ()
    """Lab observations that show what is so; else the scenario's lab, as a number."""

    @property
    def asked(self) -> bool:
        """Whether it is for the learner to say if they mean it, and they have not yet."""
        return not self.certain and self.overruled is None


class RaiseRow(msgspec.Struct, frozen=True):
    """What would have raised the score."""

    id: str
    text: str


class ResultView(msgspec.Struct, frozen=True):
    """A graded answer."""

    scenario: int
    title: str
    attempt: int
    question: str
    score: float
    passed: bool
    verdict: str
    """One sentence."""
    answer: str
    """As typed, made safe; as long as the original, so that the evidence's offsets fit."""
    seconds: float
    minutes: int
    """Time an interview gives it."""
    grader: str
    """`model 3f2a…`: which grader made this, with its version."""
    notes: tuple[str, ...]
    dimensions: tuple[DimensionRow, ...]
    """All six, in their order."""
    points: tuple[PointRow, ...]
    """In the order of the rubric."""
    misconceptions: tuple[MisconceptionRow, ...]
    """Certain ones first."""
    raise_most: tuple[RaiseRow, ...]
    """Best first."""
    follow_up: FollowUp | None
    target: PointRow | None
    """Of a follow-up's answer: the point it was aimed at, as graded now."""

    @property
    def missed(self) -> tuple[PointRow, ...]:
        """Points that are not in the answer: must first, then by weight."""
        left = (row for row in self.points if not row.counted)
        return tuple(sorted(left, key=lambda row: (not row.must, -row.weight)))


def result_view(
    scenario: Scenario,
    attempt: Attempt,
    overrules: Sequence[Overrule] = (),
    asked: frozenset[str] = frozenset(),
) -> ResultView:
    """A graded answer with the texts of its scenario. `asked`: follow-up targets already answered (`asked_of`)."""
    grade = attempt.grade
    verdicts = {overrule.target: overrule.held for overrule in overrules}
    safe = text.shown(attempt.answer)
    points = tuple(_point_rows(scenario, grade, safe, verdicts))
    return ResultView(
        scenario=scenario.id,
        title=scenario.title,
        attempt=attempt.id,
        question=attempt.question or scenario.question,
        score=grade.score,
        passed=grade.score >= PASS_SCORE,
        verdict=_verdict(attempt),
        answer=safe,
        seconds=attempt.seconds,
        minutes=scenario.minutes,
        grader=f"{grade.grader.name} {grade.grader.version}",
        notes=tuple(text.one_line(note) for note in grade.notes),
        dimensions=_dimension_rows(scenario, grade),
        points=points,
        misconceptions=_misconception_rows(scenario, grade, safe, verdicts),
        raise_most=_raise_rows(scenario, grade),
        follow_up=follow_up(scenario, grade, overrules, asked),
        target=next((row for row in points if row.id == attempt.target), None),
    )


def _verdict(attempt: Attempt) -> str:
    grade = attempt.grade
    if not grade.honest:
        return "This was not graded as a real attempt: explain it in your own words."
    if attempt.follow_up_to is not None:
        return "A follow-up is about one point: see whether that point is covered now."
    if grade.score >= PASS_SCORE:
        return "This answer would pass an interview."
    return f"This answer would not pass yet: {PASS_SCORE:.0f} of 10 is the mark."


def _evidence(safe: str, spans: Sequence[Span]) -> tuple[Evidence, ...]:
    return tuple(Evidence(text.one_line(safe[s.start : s.end]), s.start, s.end) for s in spans if s.start < s.end)


def _point_rows(scenario: Scenario, grade: Grade, safe: str, verdicts: dict[str, bool]) -> list[PointRow]:
    results = {result.id: result for result in grade.points}
    return [
        _point_row(point, results.get(point.id) or PointResult(point.id, "missed"), safe, verdicts.get(point.id))
        for point in scenario.points
    ]


def _point_row(point: Point, result: PointResult, safe: str, overruled: bool | None) -> PointRow:
    counted = result.status == "covered" if overruled is None else overruled
    return PointRow(
        id=point.id,
        text=point.definition,
        dimension=point.dimension,
        must=point.must,
        weight=point.weight,
        status=result.status,
        evidence=_evidence(safe, result.evidence),
        feedback="" if counted else point.missed,
        overruled=overruled,
        source=point.source,
        labs=point.labs,
    )


def _dimension_rows(scenario: Scenario, grade: Grade) -> tuple[DimensionRow, ...]:
    covered = {result.id for result in grade.points if result.status == "covered"}
    rows = []
    for dimension in DIMENSIONS:
        ids = [point.id for point in scenario.points if point.dimension == dimension]
        hits = sum(point in covered for point in ids)
        rows.append(DimensionRow(dimension, grade.dimensions.get(dimension), hits, len(ids)))
    return tuple(rows)


def _misconception_rows(
    scenario: Scenario, grade: Grade, safe: str, verdicts: dict[str, bool]
) -> tuple[MisconceptionRow, ...]:
    beliefs = {belief.id: belief for belief in scenario.misconceptions}
    rows = [
        _misconception_row(beliefs[result.id], result, safe, verdicts.get(result.id), scenario.lab)
        for result in grade.misconceptions
        if result.id in beliefs
    ]
    return tuple(sorted(rows, key=lambda row: not row.certain))


def _misconception_row(
    belief: Misconception, result: MisconceptionResult, safe: str, overruled: bool | None, lab: int | None
) -> MisconceptionRow:
    said = belief.definition if result.certain else f"This sounds like: {belief.definition} Do you mean that?"
    spans = _evidence(safe, result.evidence)
    labs = belief.labs or (() if lab is None else (str(lab),))
    return MisconceptionRow(belief.id, said, result.certain, spans, belief.correction, overruled, labs)


def lab_numbers(row: PointRow | MisconceptionRow) -> tuple[int, ...]:
    """The labs that show what a finding is about."""
    return tuple(dict.fromkeys(int(ref.partition(".")[0]) for ref in row.labs))


def _raise_rows(scenario: Scenario, grade: Grade) -> tuple[RaiseRow, ...]:
    texts = {point.id: point.missed for point in scenario.points}
    texts |= {belief.id: belief.correction for belief in scenario.misconceptions}
    return tuple(RaiseRow(id_, texts[id_]) for id_ in grade.raise_most if id_ in texts)
