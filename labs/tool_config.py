"""The client settings of one tool: what it is given, and how it is handed ours without anybody else seeing them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self


class ConfigFile:
    """Settings for one tool, in a file without a name: the tool gets it open, and it is gone with the tool, however that ends.

    Use as a context manager, or `bequeath` it to what this process becomes.
    """

    def __init__(self, text: str = "", folder: Path | None = None) -> None:
        """Without a text there is no file. Raises OSError."""
        self._file: IO[bytes] | None = None
        if text:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 – for as long as the tool; readable for this user alone
            self._file.write(text.encode())
            self._file.seek(0)

    @property
    def path(self) -> str:
        """How the tool opens it; empty where there is none."""
        return f"/dev/fd/{self._file.fileno()}" if self._file else ""

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What the tool has to inherit."""
        return (self._file.fileno(),) if self._file else ()

    def bequeath(self) -> None:
        """Leave it open for the program that takes this process's place."""
        for descriptor in self.descriptors:
            os.set_inheritable(descriptor, True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()


def given(option: str, rest: Sequence[str]) -> str:
    """The value of an option; empty where it is not given."""
    for at, arg in enumerate(rest):
        if option and arg.startswith(f"{option}="):
            return arg.removeprefix(f"{option}=")
        if option and arg == option and at + 1 < len(rest):
            return rest[at + 1]
    return ""
