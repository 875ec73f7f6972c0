"""What counts as an answer: what is kept, what is graded, what is shown, and what is refused with its reason.

Kept: the text as it was typed, character for character, whatever is in it.
Graded: the same length, with control characters as spaces (`tutor.text.graded`), so that spans fit.
Shown: the same length, terminal-safe (`tutor.text.shown`).
Refused: nothing to read, more than `MAX_BYTES`, or what is not text at all. A refused answer stays in its draft.
"""

from __future__ import annotations

import codecs

import msgspec

from tutor import text
from tutor.errors import AnswerRefused

MAX_BYTES = 1_000_000
"""Longest answer, in bytes of UTF-8: about 150,000 words, far above any interview."""
MAX_CONTROL_SHARE = 0.05
"""More than this share of control characters is a file, not an answer; a stray one is let through."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Accepted(msgspec.Struct, frozen=True):
    """An answer that can be graded. `kept` and `graded` have the same length."""

    kept: str
    """As typed: this is stored, and spans are offsets into it."""
    graded: str
    """What the grader gets."""


def accept(answer: str) -> Accepted:
    """Take an answer as it was typed. Raises AnswerRefused with the reason and what to do."""
    if text.is_blank(answer):
        raise AnswerRefused(
            "There is nothing to grade yet",
            "The answer is empty.",
            "Write what you would say in the interview, even if it is one sentence, and submit again.",
        )
    length = len(text.encode(answer))
    if length > MAX_BYTES:
        raise _too_long(length)
    if text.control_share(answer) > MAX_CONTROL_SHARE:
        raise _not_text("Too many of its characters are control characters.")
    return Accepted(answer, text.graded(answer))


def accept_bytes(data: bytes) -> Accepted:
    """Take an answer from a file or a pipe: UTF-8, or UTF-16/32 with a byte-order mark. Raises AnswerRefused."""
    if len(data) > 4 * MAX_BYTES:
        raise _too_long(len(data))
    return accept(_decoded(data))


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(f"It is not UTF-8: byte {error.start + 1} cannot be read ({error.reason}).") from error


def _too_long(length: int) -> AnswerRefused:
    return AnswerRefused(
        f"The answer is too long: {text.size(length)}",
        f"At most {text.size(MAX_BYTES)} are graded. An interview answer has 1 to 4 kB.",
        "Shorten it and submit again; nothing has been deleted.",
    )


def _not_text(cause: str) -> AnswerRefused:
    return AnswerRefused("The answer is not text", cause, "Give plain text, saved as UTF-8.")
