"""Does this terminal carry the app?"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tutor.characters import is_utf8
from tutor.health.finding import Finding

COLUMNS, LINES = 80, 24
"""The smallest window that every screen is made for."""


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What is known of the terminal."""

    is_terminal: bool
    columns: int
    lines: int
    encoding: str
    """Of standard output."""
    environ: Mapping[str, str]


def look() -> TerminalFacts:
    """The facts of this process."""
    columns, lines = shutil.get_terminal_size((0, 0))
    return TerminalFacts(sys.stdout.isatty(), columns, lines, sys.stdout.encoding or "", os.environ)


def check(facts: TerminalFacts) -> Iterator[Finding]:
    """Size, colours and characters."""
    if facts.is_terminal:
        yield _size(facts)
        yield _colours(facts)
    else:
        yield Finding("Terminal", True, "standard output is no terminal: size and colours were not looked at", "")
    yield _characters(facts)


def _size(facts: TerminalFacts) -> Finding:
    ok = facts.columns >= COLUMNS and facts.lines >= LINES
    remedy = "" if ok else f"Make the window at least {COLUMNS} columns by {LINES} lines, or its letters smaller."
    return Finding("Terminal size", ok, f"{facts.columns} columns by {facts.lines} lines", remedy)


def _colours(facts: TerminalFacts) -> Finding:
    term = facts.environ.get("TERM", "")
    inside = _multiplexer(facts.environ)
    found = f"TERM={term or '(not set)'}{f' inside {inside}' if inside else ''}, {_depth(facts.environ)}"
    if term in ("", "dumb", "unknown"):
        return Finding("Terminal colours", False, found, "export TERM=xterm-256color")
    if inside == "tmux" and not _many_colours(facts.environ):
        return Finding("Terminal colours", False, found, "tmux set -g default-terminal tmux-256color")
    if inside == "screen" and not _many_colours(facts.environ):
        return Finding("Terminal colours", False, found, "screen -T screen-256color")
    return Finding("Terminal colours", True, found, "")


def _multiplexer(environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        return "tmux"
    return "screen" if environ.get("STY") else ""


def _many_colours(environ: Mapping[str, str]) -> bool:
    deep = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return deep or "256color" in environ.get("TERM", "") or "direct" in environ.get("TERM", "")


def _depth(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours, as NO_COLOR asks"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if _many_colours(environ) else "16 colours or fewer"


def _characters(facts: TerminalFacts) -> Finding:
    ok = is_utf8(facts.encoding)
    return Finding("Characters", ok, facts.encoding or "unknown", "" if ok else "export LC_ALL=C.UTF-8")
