"""What a run of a lab has shown, as a value, and its two exports: JSON for programs, Markdown for people."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from labs import figures as table
from labs import predictions
from labs.contract import Check, Comparison, Figure, Observation, Step

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
    figures: tuple[Figure, ...] = ()
    """Before and after the learner's fix, beside the reference's."""
    files: tuple[tuple[str, str], ...] = ()
    """(name, text) of the learner's files as `verify` saw them last."""
    names: tuple[tuple[str, str], ...] = ()
    """(variable, value) of the prompt: what the commands of the learner's program are told."""


def commands(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps that can be repeated by a command; the same one directly again only once."""
    kept: list[Step] = []
    for step in steps:
        if step.command and not (kept and kept[-1].command == step.command):
            kept.append(step)
    return tuple(kept)


def without_prefix(step: Step, prefix: str) -> Step:
    """The step with `$PREFIX` for what only this run's names have, so that it can be repeated under other names."""
    if not prefix or "'" in step.command:  # between single quotes a shell replaces nothing
        return step
    return replace(step, command=step.command.replace(prefix, "$PREFIX"))


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
        _section("Before and after", _figure_table(row.get("figures", []))),
        *[_section(f"Your {name}, as it was checked", _listing(name, text)) for name, text in row.get("files", [])],
        _section("Scaled", [f"- in production: {big}; here: {small}" for big, small in row["scaling"]]),
        _section("Repeat it outside the app", _script(row)),
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


def _figure_table(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    body = [f"| {' | '.join(map(_cell, table.cells(row)))} |" for row in rows]
    return ["| measured | as handed out | yours | the reference |", "|---|---|---|---|", *body]


def _listing(name: str, text: str) -> list[str]:
    fence = "~~~~" if "```" in text else "```"
    return [f"{fence}{_LANGUAGES.get(name.rpartition('.')[2], '')}", *text.splitlines(), fence]


_LANGUAGES = {"py": "python", "properties": "properties", "sql": "sql", "json": "json"}


def _script(row: dict[str, Any]) -> list[str]:
    """The commands, with the variables that they use; and how the learner's program is started."""
    body = [line for step in row["steps"] for line in (f"# {step['text']}" if step["text"] else "", step["command"])]
    body += [line for name, _ in row.get("files", []) if name.endswith(".py") for line in _start(name)]
    if not body:
        return []
    head, names = ["export BOOTSTRAP=localhost:9092   # your broker"], dict(row.get("names", []))
    own = [f"{name}={_value(name, names)}" for name in names if _uses(body, name) and name != "PREFIX"]
    if _uses([*body, *own], "PREFIX"):
        head.append(f"PREFIX=lab-{row['lab']}   # of all names")
    head += own
    return ["```sh", *head, *filter(None, body), "```"]


def _start(name: str) -> list[str]:
    told = "Your program: its first lines say what it is told and what it finds in its directory"
    return [f"# {told}", f'TOPIC="$TOPIC" GROUP="$GROUP" python {name}']


def _uses(body: list[str], name: str) -> bool:
    return name != "BOOTSTRAP" and any(f"${name}" in line for line in body)


def _value(name: str, names: dict[str, str]) -> str:
    if name == "WORKSPACE":
        return ".   # where your files are"
    prefix, value = names.get("PREFIX", ""), names[name]
    if prefix and value.startswith(prefix):
        return f"$PREFIX{shlex.quote(value.removeprefix(prefix))}"
    return shlex.quote(value)


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", "\\|").split())
