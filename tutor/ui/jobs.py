"""Work off the interface's thread: calls run in order on one background thread and come back as messages.

`exclusive=True` of Textual's workers does not stop a thread that is running, and its pool keeps the process alive until
the last call returns. These threads are daemons: a hanging call never holds up the end of the app. Who may get stale
replies puts an id into the message and compares it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

T = TypeVar("T")


@dataclass
class JobFailed(Message):
    """A background call raised."""

    error: Exception
    name: str
    """What was being done, as the caller named it."""
    ticket: int
    """Of the caller; 0 where it gave none."""


PREFIX = "kafka-tutor-"
"""Of the threads' names."""


def wait_for_all(seconds: float) -> bool:
    """Wait for closed threads to end: labs remove what they made. Returns whether all have."""
    end = time.monotonic() + seconds
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(PREFIX)]
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0.0))
    return not any(thread.is_alive() for thread in threads)


class Jobs:
    """One background thread, started with the first call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(
        self,
        target: MessagePump,
        call: Callable[[], T],
        reply: Callable[[T], Message] | None = None,
        *,
        name: str = "",
        ticket: int = 0,
    ) -> None:
        """Call in the background; then `reply(value)`, or JobFailed, is posted to `target`. Nothing after `close`."""
        if self._closed:
            return

        def job() -> None:
            try:
                value = call()
            except Exception as error:
                target.post_message(JobFailed(error, name, ticket))
            else:
                if reply is not None:
                    target.post_message(reply(value))

        self._queue.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"{PREFIX}{self._name}", daemon=True)
            self._thread.start()

    def close(self, wait: float = 0.0) -> bool:
        """Take no more calls; wait so many seconds for those handed in. Returns whether all of them are done."""
        self._closed = True
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(wait)
            return not self._thread.is_alive()
        return True

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            job()
