"""The server on a real port, without a session: what it refuses, and what a page may send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from labs.dirs import Dirs
from tutor.errors import EnvironmentFault
from tutor.web.learners import Learner, learners
from tutor.web.server import Terms, TutorServer, _hand_on, links, serve

Get = Callable[..., Any]


def terms(*known: Learner, port: int = 0) -> Terms:
    return Terms("127.0.0.1", port, known or (Learner("", ""),), Path("cache"), 2)


@pytest_asyncio.fixture
async def listening(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    runner = web.AppRunner(await TutorServer(request.param, print)._make_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


OPEN = terms()
LOCKED = terms(Learner("ann", "secret", Path("ann")))


async def get(url: str, **options: Any) -> aiohttp.ClientResponse:
    async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False, **options) as response:
        await response.read()
        return response


@pytest.mark.parametrize("listening", [OPEN], indirect=True)
async def test_a_page_and_what_it_may_load(listening: str) -> None:
    answer = await get(f"{listening}/")
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("listening", [OPEN], indirect=True)
async def test_another_name_and_another_origin_are_refused(listening: str) -> None:
    assert (await get(f"{listening}/", headers={"Host": "evil.example"})).status == 421
    assert (await get(f"{listening}/ws", headers={"Origin": "http://evil.example"})).status == 403
    assert (await get(f"{listening}/ws")).status == 403
    assert (await get(f"{listening}/download/abc")).status == 404


@pytest.mark.parametrize("listening", [LOCKED], indirect=True)
async def test_the_link_becomes_a_cookie_that_no_script_reads(listening: str) -> None:
    assert (await get(f"{listening}/")).status == 403
    assert (await get(f"{listening}/static/js/textual.js")).status == 403
    assert (await get(f"{listening}/?token=wrong")).status == 403
    opened = await get(f"{listening}/?token=secret")
    assert (opened.status, opened.headers["Location"]) == (303, "/")
    cookie = opened.cookies["kafka-tutor"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict"
    assert (await get(f"{listening}/", headers={"Cookie": "kafka-tutor=secret"})).status == 200


class Heard:
    """Stands in for a session, and for its socket."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def note(*args: Any) -> None:
            self.calls.append((name, *args))

        return note


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (["stdin", "é"], [("send_bytes", "é".encode())]),
        (["stdin", "\ud800"], [("send_bytes", b"?")]),
        (["resize", {"width": 100, "height": 30}], [("set_terminal_size", 100, 30)]),
        (["resize", {"width": 10**9, "height": -4}], [("set_terminal_size", 1000, 1)]),
        (["resize", {"width": "wide"}], []),
        (["ping", "7"], [("send_json", ["pong", "7"])]),
        (["stdin"], []),
        (["stdin", 7], []),
        ({"stdin": "x"}, []),
        (None, []),
        ([], []),
    ],
)
async def test_what_is_no_message_of_the_page_is_left_out(sent: object, heard: list[tuple[Any, ...]]) -> None:
    both = Heard()
    await _hand_on(json.dumps(sent), both, both)  # type: ignore[arg-type]
    assert both.calls == heard


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00", "[1, 2"])
async def test_what_is_no_json_is_left_out(text: str) -> None:
    both = Heard()
    await _hand_on(text, both, both)  # type: ignore[arg-type]
    assert not both.calls


async def test_a_port_that_is_taken(unused_tcp_port: int) -> None:
    end = asyncio.Event()
    told: list[str] = []
    first = asyncio.create_task(serve(terms(port=unused_tcp_port), told.append, end))
    while not told:
        await asyncio.sleep(0)
    with pytest.raises(EnvironmentFault, match="Cannot listen"):
        await serve(terms(port=unused_tcp_port), told.append, asyncio.Event())
    end.set()
    await first
    assert told == [f"you: http://localhost:{unused_tcp_port}/"]


def test_links_stay_good_until_they_are_renewed(tmp_path: Path) -> None:
    places = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    first = learners(places, ["ann", "ben", "ann"], locked=True)
    assert [learner.name for learner in first] == ["ann", "ben"]
    assert len({learner.token for learner in first}) == 2
    assert learners(places, ["ann", "ben"], locked=False) == first
    assert learners(places, ["ann"], locked=True, renew=True)[0].token != first[0].token
    path = tmp_path / "data" / "learners" / "ann" / "token"
    assert path.stat().st_mode & 0o077 == 0
    assert first[0].environment(places.cache) == {
        "KAFKA_TUTOR_HOME": str(path.parent),
        "KAFKA_TUTOR_CACHE": str(places.cache),
    }


def test_you_need_no_token_on_your_own_machine(tmp_path: Path) -> None:
    places = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    (you,) = learners(places, [], locked=False)
    assert (you.token, you.environment(places.cache)) == ("", {})
    (you,) = learners(places, [], locked=True)
    assert you.token in links(Terms("0.0.0.0", 80, [you], places.cache, 1), 80)[0]
