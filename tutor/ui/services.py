"""What the app is handed: packs, store, grader, labs and clock, as Protocols and values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # nothing of this is needed before the first paint
    from pathlib import Path

    from tutor.clock import Clock
    from tutor.grading.types import Grade
    from tutor.mocks.report import MockReport
    from tutor.scenarios.model import Scenario
    from tutor.scenarios.packs import PackSet
    from tutor.sessions.ports import LabRecord, Labs, Store
    from tutor.ui.jobs import Jobs


class GraderPort(Protocol):
    """The grader as the interface sees it. Every method may be called from any thread."""

    def warm_up(self) -> None:
        """Begin to load in the background; returns at once."""

    def state(self) -> str:
        """`cold`, `starting`, `ready: NAME VERSION` or `failed: …`, for the status line."""

    def grade(self, scenario: Scenario, answer: str) -> Grade:
        """Grade one answer; blocks. Raises AnswerRefused, GraderUnavailable."""

    def cancel(self) -> None:
        """Give up the grade in progress, if any; its call raises or its result is not looked at."""

    def close(self) -> None:
        """Stop what runs in the background. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything outside the interface."""

    packs: PackSet
    store: Store
    grader: GraderPort
    labs: Labs
    clock: Clock
    export: Callable[[LabRecord], Path]
    """Write the evidence of a lab run to a file and say where."""
    outward: Callable[[str], Path]
    """Write what the learner has for another tool (`json`, `anki`, `csv`, `ics`, `markdown`) and say where."""
    export_mock: Callable[[MockReport], Path]
    """Write the report of a mock interview to files and say where."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a screen works with."""

    services: Services
    io: Jobs
    """For the store: calls run one after another, so a later draft never comes before an earlier one."""
