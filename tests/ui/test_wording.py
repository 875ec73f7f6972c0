"""How the screens name what labs run on."""

from __future__ import annotations

import pytest

from tutor.ui import wording


@pytest.mark.parametrize(
    ("state", "own", "said"),
    [
        ("starting: Starting Kafka", "", "broker starting"),
        ("ready", "localhost:9092", "your cluster localhost:9092 ready"),
        ("failed: refused", "a:1,b:2,c:3", "your cluster a:1 … failed"),
    ],
)
def test_what_the_labs_run_on(state: str, own: str, said: str) -> None:
    assert wording.broker(state, own) == said


def test_the_home_screen_says_the_whole_state() -> None:
    assert wording.broker("failed: no broker", "a:1", whole=True) == "your cluster a:1 failed: no broker"
