"""A page in a real Chromium, read as a terminal: what the page gets over its WebSocket goes through an emulator too."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Playwright, WebSocket

from tests.e2e.terminal import Emulator

KEYS = {"enter": "Enter", "esc": "Escape", "tab": "Tab", "down": "ArrowDown", "f5": "F5", "ctrl+s": "Control+s"}
_SIZE = re.compile(r"width=(\d+)&height=(\d+)")


def chromium(playwright: Playwright) -> Browser:
    """The browser of this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium: apt-get install chromium")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


class WebTerminal:
    """One page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._shown = Emulator()
        self._heard = 0.0
        page.on("websocket", self._opened)
        page.goto(url)

    @property
    def text(self) -> str:
        """What the terminal in the page shows."""
        return self._shown.text

    def _opened(self, socket: WebSocket) -> None:
        size = _SIZE.search(socket.url)
        assert size, socket.url
        self._shown = Emulator(int(size[1]), int(size[2]))
        socket.on("framereceived", self._take)

    def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self._heard = time.monotonic()
            self._shown.feed(frame)

    def wait_for(self, what: str | Callable[[str], bool], seconds: float = 30) -> str:
        """Wait until the terminal shows the text (or satisfies the predicate), and return the screen."""
        found = what if callable(what) else (lambda screen: what in screen)
        end = time.monotonic() + seconds
        while not found(self.text):
            assert time.monotonic() < end, f"after {seconds} s the page does not show {what!r}:\n{self.text}"
            self.page.wait_for_timeout(50)
        return self.text

    def settle(self) -> None:
        """Wait until the app has written nothing for a while."""
        begun = time.monotonic()
        while time.monotonic() - max(begun, self._heard) < 0.3:
            self.page.wait_for_timeout(50)

    def press(self, *keys: str) -> None:
        """Press keys: names of KEYS, or characters."""
        for key in keys:
            if key in KEYS:
                self.page.keyboard.press(KEYS[key])
            else:
                self.page.keyboard.type(key)

    def write(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)

    def paste(self, text: str) -> None:
        """Put a text in at once."""
        self.page.keyboard.insert_text(text)

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload()
