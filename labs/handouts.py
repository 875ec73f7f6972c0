"""The files that a lab hands out: programs with a fault for the workspace, and how the reference mends them."""

from __future__ import annotations

from pathlib import Path

from labs import added
from labs import workspace as files
from labs.errors import EnvironmentFault

ROOT = Path(__file__).parent / "templates"


def path(number: int, name: str) -> Path:
    """Where a handout of a lab lies, e.g. `consumer.py`, `reference/consumer.py`."""
    return added.template(number, name) if number >= added.FIRST else ROOT / f"{number:02}" / name


def has(number: int, name: str) -> bool:
    """Whether a lab has this handout."""
    return path(number, name).is_file()


def text(number: int, name: str) -> str:
    """A handout of a lab. Raises EnvironmentFault where the installation lacks it."""
    try:
        return path(number, name).read_text(encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"Cannot read {path(number, name)}", error.strerror or str(error), "Install kafka-tutor again."
        ) from error


def hand_out(number: int, workspace: Path, *names: str) -> None:
    """Put handouts into the workspace, over what is there. Raises EnvironmentFault."""
    for name in names:
        files.write(workspace, name, text(number, name))


def hand_out_reference(number: int, workspace: Path, *names: str) -> None:
    """Put the reference's files into the workspace, over the learner's. Raises EnvironmentFault."""
    for name in names:
        files.write(workspace, name, text(number, f"reference/{name}"))
