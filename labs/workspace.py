"""The lab's workspace: the files that the learner edits."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from labs.errors import EnvironmentFault, LabError

MAX_FILE = 10 * 1024 * 1024
"""Bytes that the prompt reads from a file for a tool's input."""


def make(workspace: Path) -> None:
    """Create the directory, empty, whatever is in its place. Raises EnvironmentFault."""
    try:
        remove(workspace)
        workspace.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _fault(workspace, error) from error


def remove(path: Path) -> None:
    """Remove a file, a link or a whole directory, also where the learner took the right to write away. Never raises."""
    if path.is_dir() and not path.is_symlink():
        _allow(path)
        for folder, names, _ in os.walk(path):
            for name in names:
                _allow(Path(folder) / name)
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()


def _allow(folder: Path) -> None:
    """Give the owner every right to a directory; links are left alone."""
    with contextlib.suppress(OSError):
        if not folder.is_symlink():
            folder.chmod(folder.stat().st_mode | stat.S_IRWXU)


def write(workspace: Path, name: str, text: str) -> Path:
    """Put a file there, in place of whatever has its name. Raises EnvironmentFault."""
    path = workspace / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _allow(path.parent)
        remove(path)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _fault(path, error) from error
    return path


def read_input(workspace: Path, name: str) -> bytes:
    """A file for a tool's standard input, relative to the workspace. Raises LabError."""
    try:
        path = workspace / Path(name).expanduser()
        found = path.stat()
        if found.st_size > MAX_FILE:
            raise LabError(f"{name} is too large", "The prompt reads files of up to 10 MiB.", "Use a smaller file.")
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):  # a pipe would never end
            raise LabError(f"{name} is no file", "It is a pipe or a device.", "Use a file.")
        return path.read_bytes()
    except (ValueError, RuntimeError) as error:  # a name with a NUL; ~somebody who is not there
        raise LabError(f"{name!r} cannot be the name of a file", f"{error}.", "Check the name.") from error
    except OSError as error:
        there = ", ".join(sorted(entry.name for entry in workspace.glob("*"))) or "no file"
        raise LabError(
            f"Cannot read {name}",
            f"{error.strerror}. In the workspace there is: {there}.",
            "Check the name, or `reset`.",
        ) from error


def read(workspace: Path, name: str) -> str:
    """The text of a file of the learner's; empty where there is none that can be read."""
    path = workspace / name
    try:
        found = path.stat()
        if found.st_size > MAX_FILE or not stat.S_ISREG(found.st_mode):  # reading a pipe would never end
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def to_edit(workspace: Path, files: Sequence[str], name: str = "") -> Path:
    """The file that `edit NAME` means; without a name the lab's first. Raises LabError."""
    if not name and not files:
        raise LabError(
            "This lab has no file to edit", "It is mended with Kafka's tools.", "Name a file of your own: edit FILE"
        )
    try:
        path = workspace / Path(name or files[0]).expanduser()
        inside, folder = path.resolve().is_relative_to(workspace.resolve()), path.is_dir()
    except (ValueError, RuntimeError, OSError) as error:  # a NUL, ~somebody who is not there, a name too long
        raise LabError(f"{name!r} cannot be the name of a file", f"{error}.", "Check the name.") from error
    if folder and path != workspace:
        raise LabError(f"{path} is a directory", "An editor opens files.", "Remove it, or type `reset` for a new file.")
    if path == workspace or not inside:
        raise LabError(
            f"{name or files[0]} is no file of the workspace",
            f"The workspace is {workspace}.",
            f"For example: edit {files[0] if files else 'notes.txt'}",
        )
    return path


def editable(workspace: Path, files: Sequence[str]) -> tuple[str, ...]:
    """The lab's files, and those that the learner has put beside them; not what editors leave there for a moment."""
    try:
        beside = [entry.name for entry in os.scandir(workspace) if entry.is_file() and _is_source(entry.name)]
    except OSError:
        beside = []
    return tuple(sorted({*files, *beside}))


def _is_source(name: str) -> bool:
    return not name.startswith((".", "#")) and Path(name).suffix in _SOURCES


_SOURCES = (".py", ".properties", ".sql", ".json", ".yaml", ".toml", ".ini", ".cfg")


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
