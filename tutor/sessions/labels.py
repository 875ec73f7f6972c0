"""What learners said against the grader, as labelled data for training it again: one row a verdict.

The rows have the form of `questions/grader/data/statements/*.jsonl`, so a file of them can be put beside those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from tutor.grading.types import Grade, Span
from tutor.scenarios.model import Scenario
from tutor.sessions.ports import Attempt, Overrule, Store

STYLE = "learner"


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the learner's, and what they say it says."""

    scenario: int
    point: str
    """Point or misconception."""
    label: str
    """`assert`: it is in the text; `mention`: it is not claimed there."""
    text: str
    """The passage that the grader went by; the whole answer where it found none."""
    style: str = STYLE
    graded: str
    """What the grader had said: a status, `held`, `suspected`, or `not found`."""
    grader: str
    at: str
    """When the learner said so, UTC."""


def labels(store: Store, scenarios: Mapping[int, Scenario]) -> Iterator[Label]:
    """All verdicts on answers to known scenarios, oldest answer first. Raises StoreError."""
    for attempt in store.attempts():
        scenario = scenarios.get(attempt.scenario)
        if scenario is not None:
            known = {point.id for point in scenario.points} | {item.id for item in scenario.misconceptions}
            for overrule in store.overrules(attempt.id):
                if overrule.target in known:
                    yield _label(attempt, overrule)


def _label(attempt: Attempt, overrule: Overrule) -> Label:
    graded, spans = _as_graded(attempt.grade, overrule.target)
    passages = [attempt.answer[span.start : span.end] for span in spans if span.start < span.end]
    return Label(
        scenario=attempt.scenario,
        point=overrule.target,
        label="assert" if overrule.held else "mention",
        text=" ".join(" ".join(passages).split() or attempt.answer.split()),
        graded=graded,
        grader=f"{attempt.grade.grader.name} {attempt.grade.grader.version}",
        at=overrule.at.isoformat(),
    )


def _as_graded(grade: Grade, target: str) -> tuple[str, tuple[Span, ...]]:
    for point in grade.points:
        if point.id == target:
            return point.status, point.evidence
    for belief in grade.misconceptions:
        if belief.id == target:
            return "held" if belief.certain else "suspected", belief.evidence
    return "not found", ()
