"""Safe for a terminal, and as long as before."""

from __future__ import annotations

import unicodedata

import pytest

from tests.unit.sessions.make import EVERYTHING
from tutor import text

EVERY_CHARACTER = "".join(
    map(chr, [*range(0x3000), *range(0xD7F0, 0xE010), *range(0xFE00, 0x10000), 0x1F469, 0x10FFFF])
)


@pytest.mark.parametrize("make", [text.shown, text.graded])
def test_length_stays_so_that_offsets_fit(make: object) -> None:
    assert len(make(EVERY_CHARACTER)) == len(EVERY_CHARACTER)  # type: ignore[operator]
    assert len(make(EVERYTHING)) == len(EVERYTHING)  # type: ignore[operator]


def test_nothing_shown_can_move_the_terminal() -> None:
    safe = text.shown(EVERY_CHARACTER)
    left = {c for c in safe if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}}
    assert left == {"\n", "\t"}
    assert not {c for c in safe if unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI"}}
    safe.encode()


def test_what_is_shown_stays_readable() -> None:
    assert text.shown("a\x1b[31mred\x1b[0m\r\nb\x00\x7f\x9b") == "a␛[31mred␛[0m \nb␀␡�"
    same = "العربية 日本語 \U0001f469\u200d\U0001f4bb\tend\n"
    assert text.shown(same) == same == text.graded(same)


def test_graded_text_has_words_not_controls() -> None:
    assert text.graded("a\x00b\x1bc\x85d\ud800") == "a b c\nd�"


def test_one_line_and_clipped() -> None:
    assert text.one_line(" a\n\tb\x1b  c ") == "a b␛ c"
    assert text.clipped("one two three", 8) == "one two…"
    assert text.clipped("short", 5) == "short"
    assert text.clipped("anything", 0) == "…"


@pytest.mark.parametrize(("blank", "is_it"), [("", True), (" \n\t\u200b\x00\u2028", True), ("x", False), ("۱", False)])
def test_blank_is_what_nobody_sees(blank: str, is_it: bool) -> None:
    assert text.is_blank(blank) is is_it


def test_encode_and_decode_are_each_others_inverse() -> None:
    assert text.decode(text.encode(EVERY_CHARACTER)) == EVERY_CHARACTER
    assert text.decode(text.encode(EVERYTHING)) == EVERYTHING


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (999, "999 B"), (1_000_000, "1.0 MB"), (44_100_000, "44.1 MB"), (3e12, "3000.0 GB")]
)
def test_sizes(count: float, said: str) -> None:
    assert text.size(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "1 h 00 min"), (3900, "1 h 05 min")]
)
def test_durations(seconds: float, said: str) -> None:
    assert text.duration(seconds) == said


def test_a_long_text_is_cut_with_what_is_left_out() -> None:
    assert text.shortened("abc", 3) == "abc"
    assert text.shortened("abcd" * 1000, 4) == "abcd\n… (3,996 more characters)"
