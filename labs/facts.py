"""What a lab must remember between arranging and verifying, in a file beside the workspace: any process can read it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from labs.errors import EnvironmentFault


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step: a reader sees the old or the new one. Raises EnvironmentFault."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(value, file)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EnvironmentFault(
            f"Cannot write {path}", error.strerror or str(error), "Free some space, or set KAFKA_TUTOR_HOME."
        ) from error


def read_json(path: Path) -> Any:
    """The value in a JSON file; None where there is none, or it is broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last one: a thousand brackets
        return None


class Facts:
    """Named JSON values of one run of a lab."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, **values: Any) -> None:
        """Remember values under their names."""
        write_json(self._path, {**self._all(), **values})

    def get(self, name: str, default: Any = None) -> Any:
        """A remembered value."""
        return self._all().get(name, default)

    def forget(self) -> None:
        """Drop everything."""
        self._path.unlink(missing_ok=True)

    def _all(self) -> dict[str, Any]:
        found = read_json(self._path)
        return found if isinstance(found, dict) else {}
