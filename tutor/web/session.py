"""One app for one open page: a process of its own that ends with the page, with the server, or when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from typing import Any

from textual_serve.app_service import AppService

from tutor.wiring import NO_WARM_UP

COMMAND = (sys.executable, "-m", "tutor")
DRIVER = "tutor.ui.web_driver:PipeDriver"
GRACE = 8.0
"""Seconds for an app to save what was typed, remove what a lab has made and end; then it is killed."""


class Session(AppService):
    """The process of one page."""

    def __init__(self, *, environment: Mapping[str, str], **options: Any) -> None:
        super().__init__(" ".join(COMMAND), **options)
        self._own = dict(environment)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Without a shell between, and in a process group of its own: the server's Ctrl+C is not the app's."""
        environment = self._build_environment(width=width, height=height) | self._own
        environment |= {"TEXTUAL_DRIVER": DRIVER, NO_WARM_UP: "1"}  # many pages may be open that run no lab
        pipe = asyncio.subprocess.PIPE
        self._process = process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
        )
        self._stdin = process.stdin
        return process

    async def stop(self) -> None:
        """End the app and wait for it. Safe to call twice."""
        task, process = self._task, self._process
        if task is None or process is None:
            return
        self._task = None
        await self.send_meta({"type": "quit"})
        try:
            async with asyncio.timeout(GRACE):
                await task
                await process.wait()
        except TimeoutError:
            self._kill(process)
            task.cancel()
            await process.wait()

    def _kill(self, process: Process) -> None:
        """What hangs; its supervisors stop the brokers."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
