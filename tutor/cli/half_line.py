"""Reading a line of an answer: what is typed of it is passed on before Enter sends it, so that no death takes it along."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

import click

from tutor.cli.typed import typed
from tutor.errors import LearnerError
from tutor.sessions.sitting import Sitting

EVERY = 0.3
"""Seconds between two looks at the line: a draft is on disk within a second."""

Part = Callable[[str], None]
"""Takes the line as it stands, in a thread of its own; only when it has changed."""


def read_line(prompt: str, on_part: Part | None = None, err: bool = False) -> str | None:
    """A line without its end; None at the end of the input. `err`: where the prompt goes when nobody types by hand.

    By hand the line is edited with readline, which also takes lines that are longer than a terminal's own 4,095
    characters. After this returns, or is interrupted, `on_part` is not called any more.
    """
    if _by_hand():
        with _watched(on_part):
            try:
                return typed(prompt)
            except EOFError:
                return None
    click.echo(prompt, nl=False, err=err)
    line = sys.stdin.readline()
    return line.rstrip("\r\n") if line else None


def keeping(sitting: Sitting, lines: Sequence[str], commands: Collection[str]) -> Part:
    """Keeps the draft with the part after the lines that are there; what may become a command is no part of it."""

    def keep(part: str) -> None:
        if part.strip() not in commands:
            sitting.type("\n".join([*lines, part] if part else lines))
            with suppress(LearnerError):  # the whole line meets it again, where it can be told
                sitting.save()

    return keep


def _by_hand() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def _watched(on_part: Part | None) -> Iterator[None]:
    try:
        import readline
    except ImportError:  # a Python without it: the line is kept once it is sent
        on_part = None
    if on_part is None:
        yield
        return
    ended = threading.Event()

    def watch(take: Part) -> None:
        seen = ""
        while not ended.wait(EVERY):
            if (part := readline.get_line_buffer()) != seen:
                seen = part
                take(part)

    watcher = threading.Thread(target=watch, args=(on_part,), name="half-line", daemon=True)
    watcher.start()
    try:
        yield
    except KeyboardInterrupt:
        on_part(readline.get_line_buffer())
        raise
    finally:
        ended.set()
        watcher.join()
