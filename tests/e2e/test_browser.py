"""The served app in a real Chromium: a question answered, the page reloaded, a lab run on a real broker, two learners."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, sync_playwright

from labs.dirs import HOME_VARIABLE
from tests.e2e.browser import WebTerminal, chromium
from tests.e2e.steps import ANSWER, FIX, LONG, predict

pytestmark = [pytest.mark.e2e, pytest.mark.broker, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = chromium(playwright)
        yield found
        found.close()


class Served:
    """`kafka-tutor serve`, and what it printed."""

    def __init__(self, home: Path, *args: str) -> None:
        command = [sys.executable, "-m", "tutor", "serve", "--port", "0", *args]
        self.process = subprocess.Popen(
            command, env={**os.environ, HOME_VARIABLE: str(home)}, stdout=subprocess.PIPE, text=True
        )
        self.links: dict[str, str] = {}

    def link(self, name: str = "you") -> str:
        """The link of a learner."""
        assert self.process.stdout
        while name not in self.links:
            match = re.match(r"(\S+): (http\S+)", self.process.stdout.readline())
            assert match, "the server ended before it told a link"
            self.links[match[1]] = match[2]
        return self.links[name]

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def serve(kafka_home: Path) -> Iterator[type[Served]]:
    """Starts servers, and ends them."""
    started: list[Served] = []

    def start(*args: str) -> Served:
        started.append(Served(kafka_home, *args))
        return started[-1]

    yield start  # type: ignore[misc]
    for served in started:
        served.process.kill()
        served.process.wait()
        assert served.process.stdout
        served.process.stdout.close()


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=30)[1]


def test_answer_reload_and_a_lab(serve: type[Served], browser: Browser, own_home: Path) -> None:
    served = serve()  # type: ignore[call-arg]
    page = browser.new_page(viewport={"width": 1100, "height": 700})
    screen = WebTerminal(page, served.link())
    screen.wait_for("Answer scenario 1", LONG)
    screen.press("enter")
    screen.wait_for("Hand in", LONG)
    screen.paste(ANSWER)
    screen.wait_for("draft saved", LONG)

    before = served.descendants()
    screen.reload()
    screen.wait_for("Answer scenario 1", LONG)
    assert gone(before)  # the page that was left has taken its app with it
    screen.press("enter")
    screen.wait_for("is stopped.", LONG)  # the draft
    screen.press("ctrl+s")
    screen.wait_for("of 10", LONG)

    predict(screen)
    screen.wait_for("predicted", LONG)
    screen.press("f5")
    screen.wait_for("[ fix ]", LONG)
    screen.write(FIX)
    screen.wait_for("--execute", LONG)
    screen.press("enter")
    screen.wait_for("NEW-OFFSET", LONG)
    screen.press("f5")
    screen.wait_for("Verified", LONG)

    started = served.descendants()
    served.process.kill()  # no chance to clean up
    served.process.wait()
    assert gone(started)
    assert not list((own_home / "state" / "runs").glob("*/"))
    page.close()


def test_two_learners_keep_apart_and_no_one_else_comes_in(serve: type[Served], browser: Browser) -> None:
    served = serve("--learner", "one", "--learner", "two", "--max-sessions", "2")  # type: ignore[call-arg]
    contexts = [browser.new_context(), browser.new_context(), browser.new_context()]
    screens = []
    for context, name in zip(contexts, ("one", "two"), strict=False):
        screen = WebTerminal(context.new_page(), served.link(name))
        screen.wait_for("Answer scenario 1", LONG)
        assert "token" not in screen.page.url
        screen.press("enter")
        screen.wait_for("Hand in", LONG)
        screen.paste(f"This is what {name} says of committed offsets.")
        screen.wait_for("draft saved", LONG)
        screens.append(screen)
    assert "one says" in screens[0].text and "two says" not in screens[0].text
    assert "two says" in screens[1].text and "one says" not in screens[1].text

    third = WebTerminal(contexts[2].new_page(), served.link("one"))
    third.wait_for("2 of 2 sessions are open", LONG)
    stranger = browser.new_context().new_page()
    answer = stranger.goto(served.link("one").split("?")[0])
    assert answer is not None and answer.status == 403
    for context in browser.contexts:
        context.close()
    served.process.terminate()
    assert served.process.wait(timeout=30) == 0
