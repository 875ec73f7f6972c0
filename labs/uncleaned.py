"""What could not be removed from clusters that are not ours: written down, so that `lab clean` finds it later. No secrets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from labs.dirs import Dirs
from labs.facts import read_json, write_json


@dataclass(frozen=True, slots=True)
class Left:
    """Names of one run that may still be in a cluster."""

    lab: int
    """0: of none."""
    provider: str
    bootstrap_servers: str
    prefix: str
    """Topics, groups and transactional ids that start with it."""


def everything(dirs: Dirs) -> list[Left]:
    """All that is written down."""
    rows = read_json(_path(dirs))
    found = []
    for row in rows if isinstance(rows, list) else []:
        with contextlib.suppress(TypeError):
            found.append(Left(**row))
    return found


def note(dirs: Dirs, left: Left) -> None:
    """Write one down. Raises EnvironmentFault."""
    with _alone(dirs):
        _write(dirs, [*(one for one in everything(dirs) if one != left), left])


def strike_out(dirs: Dirs, left: Left) -> None:
    """It is gone. Raises EnvironmentFault."""
    with _alone(dirs):
        _write(dirs, [one for one in everything(dirs) if one != left])


def _write(dirs: Dirs, rows: list[Left]) -> None:
    if rows:
        write_json(_path(dirs), [asdict(row) for row in rows])
    else:
        _path(dirs).unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(dirs: Dirs) -> Iterator[None]:
    dirs.state.mkdir(parents=True, exist_ok=True)
    with FileLock(_path(dirs).with_suffix(".lock"), timeout=5):
        yield


def _path(dirs: Dirs) -> Path:
    return dirs.state / "uncleaned.json"
