"""How a lab run is kept: its evidence and debrief as one record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from labs.evidence import Evidence, to_dict, to_markdown
from tutor.sessions.ports import DebriefRow, LabOutcome, LabRecord, PredictionRecord
from tutor.text import one_line


def lab_record(evidence: Evidence, rows: Sequence[DebriefRow], at: datetime, seconds: float) -> LabRecord:
    """The record of a run as it stands now. `seconds`: from the commitment to now."""
    predictions = tuple(
        PredictionRecord(row.question.id, row.predicted.value, row.observed.value, row.right)
        for row in evidence.comparisons
        if row.predicted is not None and row.right is not None
    )
    return LabRecord(
        lab=evidence.lab,
        outcome=cast(LabOutcome, evidence.outcome),
        at=at,
        seconds=seconds,
        hints=evidence.hints,
        predictions_right=sum(prediction.right for prediction in predictions),
        predictions_made=len(predictions),
        evidence=json.dumps(evidence_document(evidence, rows), ensure_ascii=False, indent=2),
        predictions=predictions,
    )


def evidence_document(evidence: Evidence, rows: Sequence[DebriefRow]) -> dict[str, Any]:
    """Plain values for export: what was measured, and claim | rubric point | fact."""
    return {**to_dict(evidence), "debrief": [msgspec.to_builtins(row) for row in rows]}


def evidence_markdown(document: dict[str, Any]) -> str:
    """The same for people: the lab's own export, then claim | rubric point | measured fact."""
    rows = document.get("debrief") or []
    if not rows:
        return to_markdown(document)
    body = "\n".join(
        f"| {_MARKS[row['agrees']]} | {_cell(row['claim']) or '–'} | {_cell(row['point_text'])} | {_cell(row['fact'])} |"
        for row in rows
    )
    head = "## What you said, and what was measured\n\n| | you said | rubric point | measured |\n|---|---|---|---|"
    return f"{to_markdown(document)}\n{head}\n{body}\n"


_MARKS = {True: "agrees", False: "differs", None: "–"}


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")
