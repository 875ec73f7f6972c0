"""The tokenizer of the grader model: uncased WordPiece, as the base model was trained with.

Written out here because nothing smaller gives the same ids: `tokenizers` needs a hub client that must never be used
(33 MB on disk together), `kitoken` folds the case of a few letters differently, `nanotoken` has no wheel for every
platform and takes ten times as long to import. This file gives the ids of `tokenizers` on all texts of
`questions/grader/data` (a test holds the digest), loads in 10 ms, and never takes a typed `[SEP]` for a separator.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

UNKNOWN = 100
CLS = 101
SEP = 102
_LONGEST_WORD = 100
_ASCII_TOKENS = re.compile(r"[A-Za-z0-9]+|[!-/:-@\[-`{-~]")
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Text → ids. Keeps the ids of words seen before."""

    def __init__(self, words: Iterable[str]) -> None:
        self._ids = {word: number for number, word in enumerate(words)}
        self._word = functools.lru_cache(maxsize=20_000)(self._split_word)

    @classmethod
    def load(cls, path: Path) -> WordPiece:
        """Read a vocabulary: one piece a line, the line number is its id. Raises OSError."""
        return cls(path.read_text(encoding="utf-8").rstrip("\n").split("\n"))

    def encode(self, text: str) -> list[int]:
        """The ids of the text, without special tokens."""
        words = _ASCII_TOKENS.findall(text.lower()) if text.isascii() else _words(text)
        return [number for word in words for number in self._word(word)]

    def _split_word(self, word: str) -> tuple[int, ...]:
        """Longest pieces first; a word that has no such split is unknown as a whole."""
        if len(word) > _LONGEST_WORD:
            return (UNKNOWN,)
        pieces: list[int] = []
        start = 0
        while start < len(word):
            found = self._longest_piece(word, start)
            if found is None:
                return (UNKNOWN,)
            number, start = found
            pieces.append(number)
        return tuple(pieces)

    def _longest_piece(self, word: str, start: int) -> tuple[int, int] | None:
        prefix = "##" if start else ""
        for end in range(len(word), start, -1):
            number = self._ids.get(prefix + word[start:end])
            if number is not None:
                return number, end
        return None


def _is_punctuation(char: str) -> bool:
    code = ord(char)
    if code < 128:
        return 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return unicodedata.category(char)[0] == "P"


def _cleaned(char: str) -> str:
    """One character without controls, with spaces around a CJK character."""
    code = ord(char)
    if char in "\t\n\r":
        return " "
    if code in (0, 0xFFFD) or unicodedata.category(char)[0] == "C":
        return ""
    if char.isspace():
        return " "
    return f" {char} " if any(low <= code <= high for low, high in _CJK) else char


def _words(text: str) -> list[str]:
    """Lower-case words without accents; each punctuation mark is a word."""
    decomposed = unicodedata.normalize("NFD", "".join(map(_cleaned, text)))
    letters = (char.lower() for char in decomposed if unicodedata.category(char) != "Mn")
    spaced = (f" {char} " if _is_punctuation(char) else char for part in letters for char in part)
    return [word for word in "".join(spaced).split(" ") if word]
