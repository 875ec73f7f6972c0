"""A grade seen through one point or misconception, and the rating that it gives with hints and time."""

from __future__ import annotations

from tutor.grading.types import Grade, MisconceptionResult, PointResult, PointStatus, Span
from tutor.review.cards import Kind, Rating, Verdict

TYPING = 1.5
"""Seconds that a word takes to type (40 words a minute): what is left of the time is thinking."""
QUICK = 15.0
"""Seconds of thinking up to which a right answer is `easy`."""
SLOW = 120.0
"""Seconds of thinking from which a right answer is `hard`."""
_BY_STATUS: dict[PointStatus, Rating] = {"covered": 3, "partial": 2, "unsure": 1, "missed": 1, "contradicted": 1}


def restricted(grade: Grade, target: str, kind: Kind) -> Verdict:
    """What the grade says about one target; the rest of the rubric was not asked for.

    A belief is given up where the answer does not show it and says something right about the scenario. An answer that
    neither shows it nor says anything of the rubric is `partial`: nothing is known for certain.
    """
    find = _of_point if kind == "point" else _of_misconception
    status, evidence, confidence = find(grade, target)
    return Verdict(
        right=status == "covered",
        status=status,
        evidence=evidence,
        confidence=confidence,
        honest=grade.honest,
        grader=grade.grader,
        notes=grade.notes,
    )


Found = tuple[PointStatus, tuple[Span, ...], float]


def _of_point(grade: Grade, target: str) -> Found:
    result = next((result for result in grade.points if result.id == target), PointResult(target, "missed"))
    return result.status, result.evidence, result.confidence


def _of_misconception(grade: Grade, target: str) -> Found:
    held: MisconceptionResult | None = next((one for one in grade.misconceptions if one.id == target), None)
    if held is not None:
        return ("contradicted" if held.certain else "unsure"), held.evidence, held.confidence
    if not grade.honest:
        return "missed", (), 0.0
    right = [result for result in grade.points if result.status == "covered"]
    if right:
        best = max(right, key=lambda result: result.confidence)
        return "covered", best.evidence, best.confidence
    return "partial", (), 0.0


def rating_of(verdict: Verdict, hints: int, seconds: float | None, words: int) -> Rating:
    """From grade, hints and time to a rating; the learner may choose another one.

    Right is `good`: `easy` where it came quickly, `hard` with a hint or after long thought. Half right is `hard`, all
    else `again`. With the second hint the answer was as good as given: at most `hard`, and half right is `again`.
    """
    rating = _BY_STATUS[verdict.status]
    if rating == 2 and hints > 1:
        return 1
    if rating == 3:
        thinking = None if seconds is None else max(seconds - TYPING * words, 0.0)
        if hints or (thinking is not None and thinking > SLOW):
            return 2
        if thinking is not None and thinking <= QUICK:
            return 4
    return rating
