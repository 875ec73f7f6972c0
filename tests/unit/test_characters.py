"""Stand-ins for what a character set lacks: every line keeps its width, whatever is on it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.cells import cell_len

from tutor.characters import adapt, in_ascii, is_utf8

ROOT = Path(__file__).parents[2]
DRAWN = "─│╭╮╰╯├┤┼·…→←↑↓✓✗●○◉░▁▂▃▄▅▆▇█⏎␛≤≥≠×–—“”‘’"


def test_every_sign_that_is_drawn_has_one_of_its_own_and_as_wide() -> None:
    assert "?" not in in_ascii(DRAWN) and len(in_ascii(DRAWN)) == len(DRAWN)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("café naïve", "cafe naive"),
        ("不好", "????"),
        ("😀!", "??!"),
        ("ﬁ", "?"),
        ("e\u0301", "e"),
        ("plain\n", "plain\n"),
    ],
)
def test_what_learners_type(text: str, shown: str) -> None:
    assert in_ascii(text) == shown


def test_lines_of_the_packs_keep_their_width() -> None:
    files = [file for kind in ("*.md", "*.yaml") for file in (ROOT / "questions").rglob(kind)]
    lines = {line for file in files for line in file.read_text(encoding="utf-8").splitlines() if not line.isascii()}
    assert lines
    assert [line for line in lines if not in_ascii(line).isascii() or cell_len(in_ascii(line)) != cell_len(line)] == []


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("ascii", b"cafe . > 5"), ("latin-1", b"caf\xe9 \xb7 > 5"), ("utf-8", "café · → 5".encode())],
)
def test_a_stream_writes_what_its_set_has_and_stand_ins_for_the_rest(encoding: str, written: bytes) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    adapt((stream, None))
    stream.write("café · → 5")
    stream.flush()
    assert raw.getvalue() == written


@pytest.mark.parametrize(
    ("name", "is_it"),
    [("utf8", True), ("UTF-8", True), ("ascii", False), ("", False), (None, False), ("nonsense", False)],
)
def test_names_of_utf8(name: str | None, is_it: bool) -> None:
    assert is_utf8(name) is is_it
