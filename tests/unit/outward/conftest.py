"""Exports are tested on the real store, with three scenarios and the learner in New York."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.unit.sessions.make import START, FakeClock, attempt, scenario
from tutor.review.cards import NewCard
from tutor.scenarios.model import Scenario
from tutor.store.sqlite import SqliteStore

ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def scenarios() -> list[Scenario]:
    return [scenario(number) for number in (2, 1, 3)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Two cards of scenario 1, one of scenario 2; one is overdue, one is due at night, one in ten days."""
    with SqliteStore.open(tmp_path / "tutor.db", FakeClock()) as opened:
        night = START.replace(hour=7)  # 2 in the morning in New York: still the day before
        cards = (
            NewCard(1, "resume", "point", START - timedelta(days=3)),
            NewCard(1, "m_always", "misconception", night + timedelta(days=3)),
        )
        opened.add_attempt(attempt(1, score=4.0), cards)
        opened.add_attempt(attempt(2), (NewCard(2, "policy", "point", START + timedelta(days=10)),))
        yield opened
