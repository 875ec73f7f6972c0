"""Where the JVM of a tool unpacks its native libraries: it removes them at an orderly end, and leaves them when killed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from labs.broker.download import disk_fault
from labs.dirs import Dirs

FOLDER = "tools"


def new(dirs: Dirs) -> Path:
    """A directory of this process's own; those of dead processes are removed on the way. Raises EnvironmentFault."""
    root = dirs.state / FOLDER
    path = root / f"{os.getpid()}-{secrets.token_hex(4)}"
    try:
        path.mkdir(parents=True)
        for left in root.iterdir():
            if not psutil.pid_exists(int(left.name.split("-")[0])):
                shutil.rmtree(left, ignore_errors=True)
    except (OSError, ValueError) as error:
        if path.is_dir():
            return path  # another instance has removed the same
        raise disk_fault(error if isinstance(error, OSError) else OSError(str(error)), root) from error
    return path


@contextlib.contextmanager
def scratch(dirs: Dirs) -> Iterator[Path]:
    """The same for one run of a tool: it goes with it. Raises EnvironmentFault."""
    path = new(dirs)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()  # unless another tool runs
