"""What is typed at a prompt, with a Ctrl+C that always counts.

Python's `input` loses a signal that comes between its last look for one and its wait for a key: nothing happens until the
next key. So the wait is cut short for as long as a Ctrl+C that has come is not dealt with.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

AGAIN = 0.05
"""Seconds from one attempt to cut the wait short to the next."""


def typed(prompt: str) -> str:
    """A line that is typed. Raises EOFError, KeyboardInterrupt."""
    with interrupts_count():
        return input(prompt)


def confirmed(question: str, *, default: bool = False, abort: bool = False) -> bool:
    """A yes or a no. Raises click.Abort at Ctrl+C and at the end of the input, and with `abort` at a no."""
    with interrupts_count():
        return click.confirm(question, default=default, abort=abort)


@contextmanager
def interrupts_count() -> Iterator[None]:
    """In here a SIGINT ends a wait for input, however short before the wait it came. For the main thread only."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    ended = threading.Event()
    # SIGURG is ignored where nobody handles it; with a handler it cuts a system call short, and Python looks for signals.
    handler = signal.signal(signal.SIGURG, lambda *_: None)
    wake = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reader, ended), name="interrupts", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(wake)
        os.write(writer, b"\0")
        watcher.join()
        signal.signal(signal.SIGURG, handler)
        os.close(reader)
        os.close(writer)


def _watch(reader: int, ended: threading.Event) -> None:
    main = threading.main_thread().ident
    assert main is not None
    while not ended.is_set():
        select.select([reader], [], [])
        if signal.SIGINT in os.read(reader, 4096):
            while not ended.wait(AGAIN):
                signal.pthread_kill(main, signal.SIGURG)
