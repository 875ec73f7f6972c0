"""Many pages at once on a served app: `python -m tutor.soak.sessions --sessions 50`.

Every session is a WebSocket as a browser's page opens it, with a real app behind it. It waits for Home, opens a
question, types, waits for "draft saved", and stays open until all have done so.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import click
import psutil

from labs.dirs import CACHE_VARIABLE, dirs
from tutor.sessions.tour import NO_TOUR
from tutor.soak import traces
from tutor.soak.traces import Place

LONG = 300.0
"""Seconds for one step, with every other session at the same one."""
BEGIN_AT_ONCE = 4
"""Pages that open in the same moment; more only wait for each other on two cores."""


@dataclass(slots=True)
class Report:
    """What the sessions met with."""

    first_paint: list[float] = field(default_factory=list)
    """Seconds from the opening of a page to Home."""
    saved: list[float] = field(default_factory=list)
    """Seconds from a typed sentence to "draft saved", all sessions open."""
    faults: list[str] = field(default_factory=list)
    memory_mb: int = 0
    """Of everything, at the height of it (proportional set size)."""
    left: list[str] = field(default_factory=list)


class Page:
    """One session. It reads all the time, as a browser does: else it would not answer the server's pings while it waits."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._seen = ""
        self._ended = False
        self._more = asyncio.Condition()

    async def read(self) -> None:
        """Read until the session ends, however it does."""
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._seen = (self._seen + plain(message.data.decode("utf-8", "replace")))[-20_000:]
                    await self._tell()
        finally:
            self._ended = True
            await self._tell()

    async def _tell(self) -> None:
        async with self._more:
            self._more.notify_all()

    async def wait_for(self, text: str) -> None:
        """Wait until the app has written it. Raises TimeoutError, ConnectionError."""
        async with asyncio.timeout(LONG), self._more:
            await self._more.wait_for(lambda: text in self._seen or self._ended)
        if text not in self._seen:
            raise ConnectionError(f"the session ended before {text!r}")

    async def type(self, text: str) -> None:
        """Type; what was seen before does not count any more."""
        self._seen = ""
        await self._socket.send_str(json.dumps(["stdin", text]))


_SEQUENCE = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]?[@-~]|\x1b[()][A-Z0-9]|\x1b[78=>cDEHM]")


def plain(text: str) -> str:
    """Without the terminal's sequences."""
    return _SEQUENCE.sub("", text)


async def visit(
    http: aiohttp.ClientSession, base: str, report: Report, gate: asyncio.Semaphore, all_in: asyncio.Barrier
) -> None:
    """One learner. Raises ConnectionError, TimeoutError."""
    async with AsyncExitStack() as stack:
        async with gate:
            begun = time.monotonic()
            address = f"{base}/ws?width=100&height=30"
            page = Page(await stack.enter_async_context(http.ws_connect(address, origin=base, max_msg_size=0)))
            reading = asyncio.create_task(page.read())
            stack.callback(reading.cancel)
            await page.wait_for("Answer scenario 1")
            report.first_paint.append(time.monotonic() - begun)
        await page.type("\r")
        await page.wait_for("Hand in")
        await all_in.wait()
        begun = time.monotonic()
        await page.type("The group resumes at its committed offset.")
        await page.wait_for("draft saved")
        report.saved.append(time.monotonic() - begun)
        await all_in.wait()


async def run(count: int, place: Place) -> Report:
    """Serve, let them all in, look, and end the server."""
    report = Report()
    arguments = ["serve", "--port", "0", "--max-sessions", str(count)]
    environment = place.environment() | {CACHE_VARIABLE: str(dirs().cache), NO_TOUR: "1"}
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tutor", *arguments, env=environment, stdout=pipe
    )
    assert server.stdout
    base = (await server.stdout.readline()).decode().split()[1].rstrip("/")
    gate, all_in = asyncio.Semaphore(BEGIN_AT_ONCE), asyncio.Barrier(count + 1)
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(visit(http, base, report, gate, all_in))
        await all_in.wait()
        report.memory_mb = memory(place)
        await all_in.wait()
    server.terminate()
    await server.wait()
    report.left = await asyncio.to_thread(traces.left, place)
    return report


def memory(place: Place) -> int:
    """Megabytes of all processes of the place; shared pages count once."""
    total = 0
    for process in traces.processes(place):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return round(total / 1e6)


@click.command()
@click.option("--sessions", "count", default=50, show_default=True, type=click.IntRange(1, 500), help="Pages at once.")
def main(count: int) -> None:
    """Open many pages at once; exit status 1 where one of them fails or something is left."""
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-soak-") as folder:
        place = Place(Path(folder) / "home", Path(folder) / "scratch")
        place.scratch.mkdir()
        report = asyncio.run(run(count, place))
    click.echo(f"{len(report.saved)} of {count} sessions, {report.memory_mb} MB in all")
    for name, values in (("Home", report.first_paint), ("draft saved", report.saved)):
        ordered = sorted(values)
        click.echo(f"{name}: median {statistics.median(ordered):.2f} s, longest {ordered[-1]:.2f} s")
    click.echo("\n".join(report.left) if report.left else "Nothing is left.")
    sys.exit(len(report.saved) != count or bool(report.left))


if __name__ == "__main__":
    main()
