"""The debrief: what the learner claimed, the rubric point, and the fact that the lab measured, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labs.contract import Observation
from tutor import text
from tutor.grading.types import MisconceptionResult, PointResult
from tutor.scenarios.model import Misconception, Point, Scenario
from tutor.sessions.ports import Attempt, DebriefRow

_CLAIMS = {"covered": True, "partial": True, "contradicted": False}
"""Statuses that are a claim, and whether the fact agrees with it."""


def debrief_rows(
    scenario: Scenario, attempt: Attempt | None, observations: Sequence[Observation]
) -> tuple[DebriefRow, ...]:
    """A row for each point that an observation proves and each held misconception that one refutes.

    Wrong claims first, then right ones, then what the learner said nothing about; within these the rubric's order.
    """
    rows = [*_belief_rows(scenario, attempt, observations), *_point_rows(scenario, attempt, observations)]
    order = {False: 0, True: 1, None: 2}
    return tuple(sorted(rows, key=lambda row: order[row.agrees]))


def _point_rows(scenario: Scenario, attempt: Attempt | None, observations: Sequence[Observation]) -> list[DebriefRow]:
    results = {result.id: result for result in attempt.grade.points} if attempt else {}
    facts = ((point, _facts(scenario, point, observations)) for point in scenario.points)
    return [_point_row(point, results.get(point.id), attempt, fact) for point, fact in facts if fact]


def _point_row(point: Point, result: PointResult | None, attempt: Attempt | None, fact: str) -> DebriefRow:
    claim = _words(attempt, result)
    agrees = _CLAIMS.get(result.status) if result and claim else None
    return DebriefRow(claim if agrees is not None else "", point.id, point.definition, fact, agrees)


def _belief_rows(scenario: Scenario, attempt: Attempt | None, observations: Sequence[Observation]) -> list[DebriefRow]:
    held = {result.id: result for result in attempt.grade.misconceptions} if attempt else {}
    facts = ((belief, _facts(scenario, belief, observations)) for belief in scenario.misconceptions)
    return [_belief_row(belief, held[belief.id], attempt, fact) for belief, fact in facts if fact and belief.id in held]


def _belief_row(belief: Misconception, result: MisconceptionResult, attempt: Attempt | None, fact: str) -> DebriefRow:
    agrees = False if result.certain else None
    return DebriefRow(_words(attempt, result), belief.id, belief.correction, fact, agrees)


def _facts(scenario: Scenario, target: Point | Misconception, observations: Sequence[Observation]) -> str:
    """Facts tied to a point from either side: by the lab, or by the pack's `labs`. One a line."""
    wanted = {ref.partition(".")[2] for ref in target.labs if ref.startswith(f"{scenario.lab}.")}
    chosen = [o for o in observations if target.id in o.points or target.id in o.refutes or o.id in wanted]
    return "\n".join(_fact(observation) for observation in chosen)


def _fact(observation: Observation) -> str:
    line, value = text.one_line(observation.text), text.one_line(observation.display)
    said = re.search(rf"(?<![\w.]){re.escape(value)}(?!\w)", line)  # `0 s` is not said by `30 s`
    return line if said else f"{line} ({value})"


def _words(attempt: Attempt | None, result: PointResult | MisconceptionResult | None) -> str:
    if attempt is None or result is None:
        return ""
    parts = [text.one_line(attempt.answer[span.start : span.end]) for span in result.evidence]
    return " … ".join(part for part in parts if part)
