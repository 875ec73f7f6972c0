"""The lab's workspace: the files that the learner edits."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from labs.errors import EnvironmentFault, LabError

MAX_FILE = 10 * 1024 * 1024
"""Bytes that the prompt reads from a file for a tool's input."""


def make(workspace: Path) -> None:
    """Create the directory, empty. Raises EnvironmentFault."""
    try:
        shutil.rmtree(workspace, ignore_errors=True)
        workspace.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _fault(workspace, error) from error


def write(workspace: Path, name: str, text: str) -> Path:
    """Put a file there. Raises EnvironmentFault."""
    path = workspace / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _fault(path, error) from error
    return path


def read_input(workspace: Path, name: str) -> bytes:
    """A file for a tool's standard input, relative to the workspace. Raises LabError."""
    path = workspace / Path(name).expanduser()
    try:
        if path.stat().st_size > MAX_FILE:
            raise LabError(f"{name} is too large", "The prompt reads files of up to 10 MiB.", "Use a smaller file.")
        return path.read_bytes()
    except OSError as error:
        there = ", ".join(sorted(entry.name for entry in workspace.glob("*"))) or "no file"
        raise LabError(
            f"Cannot read {name}",
            f"{error.strerror}. In the workspace there is: {there}.",
            "Check the name, or `reset`.",
        ) from error


def fingerprint(workspace: Path, files: Iterable[str]) -> tuple[tuple[str, int, int], ...]:
    """Changes whenever one of the files is saved, appears or goes. For watch mode."""
    rows = []
    for name in files:
        try:
            found = (workspace / name).stat()
            rows.append((name, found.st_mtime_ns, found.st_size))
        except OSError:
            rows.append((name, 0, -1))
    return tuple(rows)


def _fault(path: Path, error: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        f"Cannot write {path}", f"{error.strerror or error}.", "Make room or allow it, then type `reset`."
    )
