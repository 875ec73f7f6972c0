"""Running one line of the lab's prompt: tool processes with bounded output and time, interruptible."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from labs import workspace as files
from labs.contract import Emit, Output, Step, StopToken
from labs.errors import Interrupted
from labs.prompt import RunTool
from labs.tools import TIMED_OUT, ToolRunner

MAX_LINES = 1000
MAX_WIDTH = 1000
"""Characters of one line."""
SECONDS = 60.0
"""A tool of the prompt may run this long: a console consumer without an end would run for ever."""


class Interrupt:
    """A StopToken for one command or verification: the lab's own, or Ctrl+C, or too much output."""

    def __init__(self, lab: StopToken) -> None:
        self._lab = lab
        self._asked = threading.Event()
        self.reason = ""

    def ask(self, reason: str) -> None:
        """End the command, not the lab. Safe from any thread."""
        self.reason = self.reason or reason
        self._asked.set()

    def check(self) -> None:
        """Raise what ends the command."""
        self._lab.check()
        if self._asked.is_set():
            raise Interrupted(self.reason)

    def wait(self, seconds: float) -> None:
        """Wait, returning early with the exceptions of `check`."""
        self._asked.wait(seconds)
        self.check()


class Bounded:
    """Passes lines on up to a limit, then asks for the end of the command."""

    def __init__(self, emit: Emit, interrupt: Interrupt, limit: int = MAX_LINES) -> None:
        self._emit = emit
        self._interrupt = interrupt
        self._left = limit
        self._limit = limit

    def __call__(self, line: str, stream: Literal["out", "err"]) -> None:
        """Take one line."""
        if self._left > 0:
            self._left -= 1
            self._emit(Output(line if len(line) <= MAX_WIDTH else f"{line[:MAX_WIDTH]} …", stream))
        elif not self._interrupt.reason:
            self._interrupt.ask(f"More than {self._limit:,} lines: stopped. Ask for fewer, e.g. with --max-messages.")


def run_tool(
    tools: ToolRunner, action: RunTool, workspace: Path, emit: Emit, interrupt: Interrupt, seconds: float = SECONDS
) -> int:
    """Run a tool of the prompt; returns its exit status (124: out of time, 130: interrupted). Raises LabError."""
    stdin = files.read_input(workspace, action.stdin) if action.stdin else None
    shown = " ".join(tools.complete(action.args))
    emit(Step("fix", "", f"{shown} < {action.stdin}" if action.stdin else shown))
    try:
        status = tools.run(action.args, Bounded(emit, interrupt), interrupt, seconds, stdin)
    except Interrupted as enough:
        emit(Output(enough.title, "err"))
        return 130
    if status == TIMED_OUT:
        emit(Output(f"Stopped after {seconds:.0f} s. Give it an end: --timeout-ms 3000 or --max-messages 10.", "err"))
    return status


def workspace_lines(workspace: Path) -> list[str]:
    """The files of the workspace, one a line."""
    names = sorted(str(path.relative_to(workspace)) for path in workspace.rglob("*") if path.is_file())
    return [f"  {workspace / name}" for name in names] or [f"  {workspace} (empty)"]


def variables(names: Mapping[str, str], prefix: str, bootstrap: str, workspace: Path) -> dict[str, str]:
    """The prompt's variables: the lab's own names, and what every lab has."""
    own = {name: f"{prefix}-{suffix}" for name, suffix in names.items()}
    return {**own, "BOOTSTRAP": bootstrap, "PREFIX": prefix, "WORKSPACE": str(workspace)}
