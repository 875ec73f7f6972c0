"""Terminals that carry the app and those that do not."""

from __future__ import annotations

import pytest

from tutor.health.finding import Finding
from tutor.health.terminal import TerminalFacts, check, look

GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def facts(environ: dict[str, str] | None = None, **changes: object) -> TerminalFacts:
    values = {"is_terminal": True, "columns": 80, "lines": 24, "encoding": "utf-8"} | changes
    return TerminalFacts(**values, environ=GOOD if environ is None else environ)  # type: ignore[arg-type]


def bad(found: TerminalFacts) -> list[Finding]:
    return [finding for finding in check(found) if not finding.ok]


def test_a_good_terminal_has_no_remedies() -> None:
    assert [(f.ok, f.remedy) for f in check(facts())] == [(True, "")] * 3


@pytest.mark.parametrize(("columns", "lines"), [(79, 24), (80, 23), (0, 0)])
def test_a_small_window(columns: int, lines: int) -> None:
    (found,) = bad(facts(columns=columns, lines=lines))
    assert found.name == "Terminal size" and "80 columns by 24 lines" in found.remedy


@pytest.mark.parametrize(
    ("environ", "remedy"),
    [
        ({}, "export TERM=xterm-256color"),
        ({"TERM": "dumb"}, "export TERM=xterm-256color"),
        ({"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0"}, "tmux set -g default-terminal tmux-256color"),
        ({"TERM": "screen", "STY": "1.pts"}, "screen -T screen-256color"),
    ],
)
def test_few_colours(environ: dict[str, str], remedy: str) -> None:
    (found,) = bad(facts(environ))
    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"TERM": "tmux-256color", "TMUX": "x"}, "inside tmux, 256 colours"),
        ({"TERM": "screen.xterm-256color", "STY": "x"}, "inside screen, 256 colours"),
        ({"TERM": "screen", "TMUX": "x", "COLORTERM": "truecolor"}, "16 million colours"),
        ({"TERM": "linux"}, "16 colours or fewer"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "NO_COLOR"),
    ],
)
def test_enough_colours_and_what_is_said_of_them(environ: dict[str, str], said: str) -> None:
    assert not bad(facts(environ))
    assert any(said in finding.found for finding in check(facts(environ)))


@pytest.mark.parametrize("encoding", ["ANSI_X3.4-1968", "latin-1", "", "no such encoding"])
def test_characters_beyond_ascii_need_utf8(encoding: str) -> None:
    (found,) = bad(facts(encoding=encoding))
    assert found.remedy == "export LC_ALL=C.UTF-8"


def test_a_pipe_is_no_fault() -> None:
    assert not bad(facts({}, is_terminal=False, columns=0, lines=0))


def test_this_process_can_be_looked_at() -> None:
    assert isinstance(look().columns, int)
