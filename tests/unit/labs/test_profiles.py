"""The profile service of lab 3, without Kafka: what it handles, refuses and writes down."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labs import handouts
from labs.calls import Journal, most_at_once
from labs.program import Limits, Program
from labs.waits import StopFlag, wait_until


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    said: list[str] = []
    script, arguments = handouts.path(3, "profiles.py"), [str(tmp_path / "log"), "0.3", "0.001"]
    with Program(
        script, arguments, cwd=tmp_path, limits=Limits(60), on_line=lambda line, _: said.append(line)
    ) as program:
        wait_until(lambda: bool(said) or not program.running, StopFlag(), 20, "the service")
        slow, _fast = said[0].split()[1:]
        yield f"http://127.0.0.1:{slow}"


def post(url: str, body: bytes) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body), timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def event(number: int, customer: str = "c") -> dict[str, object]:
    return {"customer": customer, "seq": number, "event": "view"}


def log(folder: Path) -> Journal:
    journal = Journal()
    for line in (folder / "log").read_text().splitlines():
        journal.take(line)
    return journal


def test_one_event_or_many_in_their_order(address: str, tmp_path: Path) -> None:
    assert post(f"{address}/me", json.dumps(event(1)).encode()) == 200
    assert post(f"{address}/me", json.dumps([event(2), event(3)]).encode()) == 200
    journal = log(tmp_path)
    assert [call.events for call in journal.of("me")] == [(("c", 1),), (("c", 2), ("c", 3))]
    assert set(journal.handled("me")) == {("c", 1), ("c", 2), ("c", 3)}


def test_a_ninth_call_of_a_caller_finds_no_room_and_has_no_effect(address: str, tmp_path: Path) -> None:
    gate = threading.Barrier(20)

    def ask(number: int) -> int:
        gate.wait()
        return post(f"{address}/{'me' if number < 19 else 'you'}", json.dumps(event(1, f"c{number}")).encode())

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    journal = log(tmp_path)
    assert answers[19] == 200
    assert set(answers) == {200, 429}
    assert journal.refused["me"] == answers.count(429)
    assert len(journal.handled("me", "you")) == answers.count(200)
    assert most_at_once(journal.of("me")) <= 8


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"not json", 400),
        (b'{"customer": "c", "seq": "first"}', 400),
        (b"[]", 413),
        (json.dumps([event(number) for number in range(51)]).encode(), 413),
    ],
    ids=["nothing", "no customer", "no JSON", "no number", "no event", "too many"],
)
def test_what_is_no_event_is_refused_and_harms_nothing(address: str, tmp_path: Path, body: bytes, status: int) -> None:
    assert post(f"{address}/me", body) == status
    assert post(f"{address}/me", json.dumps(event(1)).encode()) == 200
    assert set(log(tmp_path).handled("me")) == {("c", 1)}
