"""Why a broker process ended, in a sentence for the learner."""

from __future__ import annotations

import signal
from pathlib import Path

from labs.broker.ready import last_errors
from labs.broker.settings import NodePlan


def explain_exit(plan: NodePlan, status: int) -> str:
    """From the exit status (negative: a signal) and what the node logged last."""
    return f"Node {plan.id} of Kafka {_how(status, plan)}.{_said(plan)} Its log: {plan.log_file}"


def _how(status: int, plan: NodePlan) -> str:
    if _heap_ran_out(plan):
        return "ran out of heap memory"
    if status == -signal.SIGKILL:
        return "was killed (SIGKILL): by hand, or by the system because memory ran out"
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended by itself with status {status}"


def _heap_ran_out(plan: NodePlan) -> bool:
    try:
        return b"OutOfMemoryError" in _output(plan).read_bytes()
    except OSError:
        return False


def _said(plan: NodePlan) -> str:
    errors = last_errors(plan.log_file) or _last_output(plan)
    return f" The last it said: {errors[-1][:300]}" if errors else ""


def _output(plan: NodePlan) -> Path:
    """What the JVM itself wrote."""
    return plan.log_file.with_suffix(".out")


def _last_output(plan: NodePlan) -> list[str]:
    try:
        text = _output(plan).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-1:]
