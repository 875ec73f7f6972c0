"""The stages of a lab: which view and which keys each has, and where it goes next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from labs.contract import Check

Stage = Literal["loading", "locked", "predict", "observe", "compare", "fix", "debrief", "failed"]

VIEWS: dict[Stage, str] = {
    "loading": "",
    "locked": "lab-locked",
    "predict": "lab-predict",
    "observe": "lab-observe",
    "compare": "lab-compare",
    "fix": "lab-fix",
    "debrief": "lab-debrief",
    "failed": "lab-failed",
}
"""Id of the view."""

_KEYS: dict[str, frozenset[Stage]] = {
    "commit": frozenset({"predict"}),
    "to_fix": frozenset({"compare"}),
    "verify": frozenset({"fix"}),
    "hint": frozenset({"fix"}),
    "edit": frozenset({"fix"}),
    "watch": frozenset({"fix"}),
    "solution": frozenset({"fix"}),
    "show_solution": frozenset({"debrief"}),
    "view": frozenset({"compare", "fix", "debrief"}),
    "reset": frozenset({"fix"}),
    "give_up": frozenset({"fix"}),
    "export": frozenset({"compare", "debrief"}),
    "again": frozenset({"debrief", "failed"}),
    "answer": frozenset({"locked"}),
    "skip": frozenset({"locked"}),
}
_PHASES: dict[Stage, str] = {
    "predict": "predict",
    "observe": "observe",
    "compare": "observe",
    "fix": "fix",
    "debrief": "debrief",
}


def allowed(stage: Stage, action: str, *, has_files: bool = True) -> bool:
    """Whether a key works in a stage; keys that belong to no stage always do. `has_files`: whether the lab has some."""
    if action in ("edit", "watch") and not has_files:
        return False
    return action not in _KEYS or stage in _KEYS[action]


def phase_of(stage: Stage) -> str:
    """Which of the phases is marked; empty: none."""
    return _PHASES.get(stage, "")


def after_verify(checks: Sequence[Check]) -> Stage:
    """The debrief once all is ok."""
    return "debrief" if checks and all(check.ok for check in checks) else "fix"


def what_is_lost(stage: Stage, *, typed: bool) -> str:
    """What leaving would lose, as a sentence; empty where nothing."""
    if stage == "predict" and typed:
        return "Your predictions are not committed yet and would be lost."
    if stage in ("observe", "compare", "fix"):
        return "The run is not at its end: its cluster is removed, and the run is recorded as stopped."
    return ""


def said(stage: Stage, seconds: int) -> str:
    """What can be done in a stage. `seconds`: the lab's typical time to its observations."""
    texts: dict[Stage, str] = {
        "locked": "a answers the scenario, s skips the lock.",
        "predict": f"Nothing has run yet. F5 (or Ctrl+S) commits your predictions and runs the lab, about {seconds} s.",
        "compare": "✓ predicted, ✗ not. F5 (or Enter) goes on to the fix, F2 shows the plots.",
        "fix": "Type Kafka tools; Up brings commands to look around. F5 verifies, F6 hints.",
        "debrief": "e exports the evidence, s the reference solution, r runs again, F2 the plots.",
        "failed": "r starts again.",
    }
    return texts.get(stage, "")
