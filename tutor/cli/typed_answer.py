"""An answer typed line by line, without the app: kept as a draft, handed in with a dot."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping

import click

from tutor.cli.half_line import keeping, read_line
from tutor.errors import AnswerRefused
from tutor.sessions.sitting import Sitting


class Left(Exception):
    """The learner leaves, or the input has ended."""


class Aside(Exception):
    """The learner wants something else before a word of the answer is there; `args[0]` is the letter."""


Commands = Mapping[str, Callable[[], None]]
"""A line with only this → what happens; it may raise Aside."""


def write(sitting: Sitting, commands: Commands | None = None) -> None:
    """Read lines until a dot hands them in and they are accepted. What is typed is on disk within a second.

    Raises Left, Aside.
    """
    lines = sitting.text.split("\n") if sitting.text else []
    words = {"q", ".", *(commands or ())}
    while True:
        line = _line(sitting, lines, words)
        typed = line.strip()
        if typed == "q":
            _keep(sitting, lines)
            raise Left
        if typed == ".":
            if _accepted(sitting, lines):
                return
        elif commands and typed in commands:
            commands[typed]()
        else:
            lines.append(line)
            _keep(sitting, lines)


def aside(sitting: Sitting, letter: str) -> Callable[[], None]:
    """A command that counts only while nothing is written."""

    def leave() -> None:
        if not sitting.text:
            raise Aside(letter)
        click.echo("  That is possible only before you begin to write.")

    return leave


def ask(question: str, choices: str) -> str:
    """One of these letters; empty for Enter, and for the end of the input."""
    while True:
        click.echo(f"{question} ", nl=False)
        typed = sys.stdin.readline().strip().lower()
        if not typed or (len(typed) == 1 and typed in choices):
            return typed


def _accepted(sitting: Sitting, lines: list[str]) -> bool:
    _keep(sitting, lines)
    try:
        sitting.accept()
    except AnswerRefused as refused:
        click.echo(f"  {refused.title}.")
        return False
    return True


def _keep(sitting: Sitting, lines: list[str]) -> None:
    sitting.type("\n".join(lines))
    sitting.save()


def _line(sitting: Sitting, lines: list[str], commands: Collection[str]) -> str:
    line = read_line("> ", keeping(sitting, lines, commands))
    sitting.type("\n".join(lines))  # the part that was kept is a whole line now, or a command
    if line is None:
        _keep(sitting, lines)
        raise Left
    return line
