"""Characters that a terminal's character set lacks: a stand-in of the same width is written, so that every line keeps its
place. Only where the locale names another set than UTF-8.
"""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Iterable
from typing import TextIO

NAME = "kafka-tutor"
"""Of the way to handle what cannot be encoded."""

_STAND_INS = {
    character: sign
    for sign, characters in {
        "-": "─━−–—▄",
        "|": "│┃▏",
        "+": "┌┐└┘├┤┬┴┼╭╮╰╯▆",
        "_": "▁▂",
        ".": "▃·",
        "=": "▅",
        "*": "▇•‣●",
        "#": "█▌■▪≠",
        ":": "░",
        "^": "▔↑␛",
        "o": "○",
        "@": "◉",
        "~": "…≈±",
        "<": "←⏎≤",
        ">": "→⇒≥",
        "v": "↓✓",
        "x": "×✗",
        "'": "‘’",
        '"': "“”",
        " ": "\u00a0",
    }.items()
    for character in characters
}


def adapt(streams: Iterable[TextIO | None]) -> None:
    """Let these write every character, whatever their character set. Does nothing to UTF-8 and to what is no terminal file."""
    codecs.register_error(NAME, _stand_in)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper) and not is_utf8(stream.encoding):
            stream.reconfigure(errors=NAME)


def is_utf8(encoding: str | None) -> bool:
    """Whether a name of a character set means UTF-8."""
    try:
        return codecs.lookup(encoding or "").name == "utf-8"
    except LookupError:
        return False


def in_ascii(text: str) -> str:
    """The text with a stand-in for each character beyond ASCII, as wide as the character itself."""
    return "".join(map(_ascii, text))


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if character in _STAND_INS:
        return _STAND_INS[character]
    width = 2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain if len(plain) == width else "?" * width


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end
