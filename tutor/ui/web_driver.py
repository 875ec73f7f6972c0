"""The driver behind a browser's page: as Textual's own, but the app ends when its server does."""

from __future__ import annotations

import contextlib

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class PipeDriver(WebDriver):
    """Ends the app at the end of its input: a server that was killed would leave it running for ever."""

    def run_input_thread(self) -> None:
        """Read until the pipe ends."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.call_from_thread(self._app.post_message, ExitApp())

    def write(self, data: str) -> None:
        """Nobody is there to read it once the server has gone."""
        with contextlib.suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        """As `write`."""
        with contextlib.suppress(BrokenPipeError):
            super().write_meta(data)
