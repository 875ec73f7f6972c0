"""What a run of a lab has shown, as a value, and its two exports: JSON for programs, Markdown for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from labs import predictions
from labs.contract import Check, Comparison, Observation, Step

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a run measured, in the order of the lab."""

    lab: int
    title: str
    lab_version: int
    at: str
    """UTC, ISO 8601."""
    outcome: str
    """`verified`, `gave_up` or `stopped`."""
    hints: int
    broker: str
    """What it ran on, e.g. `embedded, 1 node`."""
    scaling: tuple[tuple[str, str], ...]
    """(in production, in the lab)."""
    comparisons: tuple[Comparison, ...]
    observations: tuple[Observation, ...]
    checks: tuple[Check, ...]
    steps: tuple[Step, ...]
    """Those that have a command, in the order in which they ran."""


def commands(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps that can be repeated by a command; the same one directly again only once."""
    kept: list[Step] = []
    for step in steps:
        if step.command and not (kept and kept[-1].command == step.command):
            kept.append(step)
    return tuple(kept)


def to_dict(evidence: Evidence) -> dict[str, Any]:
    """Plain values, ready for JSON."""
    row = asdict(evidence)
    row["comparisons"] = [_comparison_row(comparison) for comparison in evidence.comparisons]
    row["steps"] = [{"text": step.text, "command": step.command} for step in evidence.steps]
    return {"format": FORMAT, **row}


def to_json(evidence: Evidence) -> str:
    """One JSON document."""
    return json.dumps(to_dict(evidence), ensure_ascii=False, indent=2)


def to_markdown(row: dict[str, Any]) -> str:
    """The export for people, from the plain values of `to_dict` (so that a stored one can be shown later)."""
    parts = [
        f"# Lab {row['lab']}: {row['title']}",
        f"{row['at']} · {row['broker']} · {_OUTCOMES.get(row['outcome'], row['outcome'])} · hints opened: {row['hints']}",
        _section("Predicted and observed", _comparison_table(row["comparisons"])),
        _section("Measured", _observation_lines(row["observations"])),
        _section("Checked after the fix", _check_lines(row["checks"])),
        _section("Scaled", [f"- in production: {big}; here: {small}" for big, small in row["scaling"]]),
        _section("Repeat it outside the app", _script(row["steps"])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_OUTCOMES = {
    "verified": "verified",
    "gave_up": "given up: the reference fix was shown",
    "stopped": "stopped before a fix",
}


def _comparison_row(comparison: Comparison) -> dict[str, Any]:
    question = comparison.question
    predicted = comparison.predicted
    return {
        "question": question.id,
        "text": question.text,
        "predicted": None if predicted is None else predicted.value,
        "predicted_display": "" if predicted is None else predictions.show(question, predicted.value),
        "observed": comparison.observed.value,
        "observed_display": comparison.observed.display,
        "observation": comparison.observed.id,
        "right": comparison.right,
        "why": comparison.observed.why,
    }


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _comparison_table(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    marks = {True: "right", False: "wrong", None: "–"}
    body = [
        f"| {_cell(row['text'])} | {_cell(row['predicted_display']) or '–'} | {_cell(row['observed_display'])} "
        f"| {marks[row['right']]} | {_cell(row['why'])} |"
        for row in rows
    ]
    return ["| question | predicted | observed | | why |", "|---|---|---|---|---|", *body]


def _observation_lines(rows: list[dict[str, Any]]) -> list[str]:
    return [_observation_line(row) for row in rows]


def _observation_line(row: dict[str, Any]) -> str:
    points = f" Rubric points: {', '.join(row['points'])}." if row["points"] else ""
    refutes = f" Refutes: {', '.join(row['refutes'])}." if row["refutes"] else ""
    return f"- **{row['id']}** ({row['display']}): {row['text']} {row['why']}{points}{refutes}"


def _check_lines(rows: list[dict[str, Any]]) -> list[str]:
    return [
        f"- {'ok' if row['ok'] else 'not yet'}: {row['title']}. Expected {row['expected']}; found {row['found']}."
        for row in rows
    ]


def _script(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    body = [line for row in rows for line in (f"# {row['text']}", row["command"])]
    return ["```sh", "BOOTSTRAP=localhost:9092   # your broker", *body, "```"]


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", "\\|").split())
