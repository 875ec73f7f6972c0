"""Driving the app in tests: over fakes, waiting on what can be seen, never on the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from tests.ui.fakes import World
from tutor.ui.app import TutorApp, make_app

PATIENCE = 20.0
"""Seconds after which a predicate will not come true any more."""


async def until(pilot: Pilot[None], predicate: Callable[[], object]) -> None:
    """Let the app work until the predicate holds."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not predicate():
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"it never came true; on the screen:\n{text_of(pilot.app)}")
        await pilot.pause(0.03)
    await pilot.pause()


def text_of(app: App[None]) -> str:
    """What the top screen shows, as lines of text."""
    strips = app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip if not segment.control) for strip in strips)
    return "\n".join(line.rstrip() for line in lines)


def shows(pilot: Pilot[None], *texts: str) -> bool:
    """Whether all texts are on the screen now; line breaks in between do not matter."""
    seen = " ".join(text_of(pilot.app).split())
    return all(text in seen for text in texts)


async def sees(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all texts are on the screen."""
    await until(pilot, lambda: shows(pilot, *texts))


async def on_screen(pilot: Pilot[None], kind: type[Screen[None]]) -> None:
    """Wait until a screen of this kind is on top."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))


@asynccontextmanager
async def running(world: World, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The app over these fakes, Home loaded."""
    app: TutorApp = make_app(world.services)
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "answered")
        yield pilot
    world.grader.release.set()
