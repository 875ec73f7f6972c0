"""A pack proves itself: its example answers get the scores that their author gave them, and silence gets none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from tutor.errors import LearnerError
from tutor.scenarios.document import MAX_TEXT_BYTES, read_text
from tutor.scenarios.faults import Fault
from tutor.scenarios.model import Band, Scenario
from tutor.scenarios.packs import ANSWERS, Example, Pack, front_matter
from tutor.scenarios.rules import PASS
from tutor.scenarios.track import SCENARIO

CREDITED = ("covered", "partial")
"""Point statuses that count as found."""
TOLERANCE = 1.5
"""How far a score may be from its band: half as much again as the grader's mean error against people, 0.95
(`python -m tutor.grading.evaluate`). Whether an answer passes has no tolerance."""


class Verdict(Protocol):
    """A point of a grade."""

    @property
    def id(self) -> str:
        """Of the point."""

    @property
    def status(self) -> str:
        """`covered`, `partial`, …"""


class Belief(Protocol):
    """A misconception of a grade."""

    @property
    def id(self) -> str:
        """Of the misconception."""


class Graded(Protocol):
    """What is looked at of a `tutor.grading.types.Grade`: the packs stand below the graders and do not import them."""

    @property
    def score(self) -> float:
        """0 to 10."""

    @property
    def points(self) -> Sequence[Verdict]:
        """All points."""

    @property
    def misconceptions(self) -> Sequence[Belief]:
        """Those held or suspected."""


GradeAnswer = Callable[[Scenario, str], Graded]
"""Grades one answer; raises LearnerError."""


class ExampleResult(msgspec.Struct, frozen=True):
    """How an example answer was graded."""

    name: str
    band: Band
    low: float
    high: float
    score: float
    """What the grader gave."""


def prove(pack: Pack, grade: GradeAnswer) -> tuple[tuple[ExampleResult, ...], tuple[Fault, ...]]:
    """Grade every example answer, and the empty one."""
    results: list[ExampleResult] = []
    faults = list(_empty_faults(pack, grade))
    for example in pack.examples:
        file = pack.folder / ANSWERS / f"{example.name}.md"
        try:
            graded = grade(pack.scenario, example.text)
        except LearnerError as error:
            faults.append(Fault(file, 0, "", f"the answer cannot be graded: {error.title}"))
            continue
        low, high = example.front.score
        results.append(ExampleResult(example.name, example.front.band, low, high, round(graded.score, 1)))
        front, _ = front_matter(file, read_text(file, MAX_TEXT_BYTES, pack.folder))
        faults.extend(front.fault((key,), message) for key, message in _differences(example, graded))
    return tuple(results), tuple(faults)


def _empty_faults(pack: Pack, grade: GradeAnswer) -> Iterator[Fault]:
    try:
        score = grade(pack.scenario, "").score
    except LearnerError:
        return  # refusing an empty answer is as good as giving it nothing
    if score != 0:
        yield Fault(pack.folder / SCENARIO, 0, "", f"an empty answer scores {score:.1f} instead of 0")


def _differences(example: Example, graded: Graded) -> Iterator[tuple[str, str]]:
    low, high = example.front.score
    score = round(graded.score, 1)
    if example.front.band == "strong" and score < PASS:
        yield "band", f"a strong answer must pass ({PASS:g}), and the grader gives {score:.1f}"
    elif example.front.band == "weak" and score >= PASS:
        yield "band", f"a weak answer must fail, and the grader gives {score:.1f}"
    elif not low - TOLERANCE <= score <= high + TOLERANCE:
        yield "score", f"the grader gives {score:.1f}, which is more than {TOLERANCE:g} from {low:g} to {high:g}"
    credited = {verdict.id for verdict in graded.points if verdict.status in CREDITED}
    if lacking := [name for name in example.front.covers if name not in credited]:
        yield "covers", f"the grader does not find {', '.join(lacking)}"
    held = {belief.id for belief in graded.misconceptions}
    if unseen := [name for name in example.front.holds if name not in held]:
        yield "holds", f"the grader does not find {', '.join(unseen)}"
