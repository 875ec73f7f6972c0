from __future__ import annotations

import pytest

from tests.unit.sessions.make import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
