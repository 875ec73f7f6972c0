"""A member that the machine starved says nothing of a program: it is tried once more, and only once."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labs.catalog import storm04
from labs.catalog.storm04 import Work, fair_work

EXPIRED = "removing member … on heartbeat expiration"
LEFT = "explicit `LeaveGroup` request for … members"
CALM, STORM = Work(settled=True), Work(settled=True, rebalances=3)


@pytest.mark.parametrize(
    ("seen", "why", "runs"),
    [
        ([CALM], [[]], ["yours"]),
        ([STORM], [[LEFT]], ["yours"]),
        ([STORM, CALM], [[LEFT, EXPIRED], []], ["yours", "yours-again"]),
        ([STORM, STORM], [[EXPIRED], [EXPIRED]], ["yours", "yours-again"]),
        ([CALM], [[EXPIRED]], ["yours"]),  # before the group had settled
    ],
)
def test_once_more_where_heartbeats_came_too_late(
    monkeypatch: pytest.MonkeyPatch, seen: list[Work], why: list[list[str]], runs: list[str]
) -> None:
    made: list[str] = []
    told: list[Any] = []
    results, logs = iter(seen), iter(why)

    def crew(name: str, *_: object) -> Any:
        made.append(name)
        return nullcontext(SimpleNamespace(group=name))

    def one(yard: Any, service: Any, crew: Any, *_: object, **__: object) -> Work:
        return replace(next(results), why=tuple(next(logs)))

    monkeypatch.setattr(storm04, "work", one)
    yard: Any = SimpleNamespace(crew=crew, ctx=SimpleNamespace(emit=told.append))
    found = fair_work(yard, None, "yours", Path("consumer.py"))  # type: ignore[arg-type]
    assert (made, found.rebalances, len(told)) == (runs, seen[-1].rebalances, len(runs) - 1)
