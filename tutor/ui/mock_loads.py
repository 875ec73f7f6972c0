"""What the screens of mock interviews load, as values. Every function reads the store: call it on the io thread."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tutor.errors import UsageError
from tutor.mocks.comparing import Summary
from tutor.mocks.report import MockReport
from tutor.mocks.values import Chosen, Level, Mock
from tutor.scenarios.model import Scenario
from tutor.sessions.mock import Stage, Unfinished, mock_of, next_turn, redo_turn, stage, unfinished
from tutor.sessions.mock_plan import begin, plan
from tutor.sessions.mock_report import report, summaries
from tutor.sessions.mock_session import MockSession, debrief
from tutor.ui.services import Services


@dataclass(frozen=True, slots=True)
class HallData:
    """Where the learner stands with mock interviews, and what a new one would ask."""

    level: Level
    minutes: int
    plan: tuple[Chosen, ...]
    titles: dict[int, str]
    unfinished: Unfinished | None
    held: tuple[Summary, ...]
    """The latest first."""


@dataclass(frozen=True, slots=True)
class RoomData:
    """An interview as it stands."""

    mock: Mock
    stage: Stage
    session: MockSession | None
    """The answer to write; None once nothing is left to ask."""


def scenarios_of(services: Services) -> list[Scenario]:
    """Those that can be read."""
    return [pack.scenario for pack in services.packs.packs]


def load_hall(services: Services, level: Level, minutes: int) -> HallData:
    """The plan depends on the day's data and on this second: choosing again gives another mix. Raises StoreError."""
    known, now = scenarios_of(services), services.clock.now()
    dice = random.Random(now.isoformat(timespec="seconds"))
    return HallData(
        level=level,
        minutes=minutes,
        plan=plan(services.store, known, now, level, minutes, dice),
        titles={scenario.id: scenario.title for scenario in known},
        unfinished=unfinished(services.store, known),
        held=tuple(reversed(summaries(services.store, known))),
    )


def begin_mock(services: Services, hall: HallData) -> RoomData:
    """Begin what the hall has shown. Raises UsageError, StoreError."""
    mock = begin(services.store, hall.level, hall.minutes, hall.plan, services.clock.now())
    return load_room(services, mock.id)


def load_room(services: Services, number: int | None, *, redo: bool = False) -> RoomData:
    """An interview, or the unfinished one. Raises UsageError, StoreError."""
    known = scenarios_of(services)
    if number is None:
        open_ = unfinished(services.store, known)
        if open_ is None:
            raise UsageError("There is no unfinished mock interview", "", "Begin one: m on Home.")
        number = open_.mock
    mock = mock_of(services.store, number)
    turn = redo_turn(mock, known) if redo else next_turn(mock, known)
    session = MockSession.start(mock, turn, services.store, services.clock) if turn else None
    return RoomData(mock, stage(mock, known), session)


def hold_debrief(services: Services, number: int) -> Mock:
    """The grades come out. Raises StoreError."""
    mock = mock_of(services.store, number)
    return debrief(services.store, mock, scenarios_of(services), services.clock.now())


def load_report(services: Services, number: int) -> MockReport:
    """The report of a finished interview. Raises UsageError, StoreError."""
    return report(services.store, number, scenarios_of(services), services.labs.infos())
