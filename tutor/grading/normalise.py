"""What the model reads instead of the letters as typed: one alphabet, no invisible characters, no markup.

Spans always refer to the answer as typed; only text that is handed to the model and to the gates goes through here.
"""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = str.maketrans(
    "асеорхуіјѕԁһӏАВСЕНІЈКМОРЅТХУαοεικνρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aceopxyijsdhlABCEHIJKMOPSTXYaoeiknptuxABEZHIKMNOPTYX",
)
"""Cyrillic and Greek letters that look like Latin ones."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_MIXED = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN = re.compile("[A-Za-z]")
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_EMPHASIS = re.compile(r"\*\*|`+|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)")
_SPACE = re.compile(r"\s+")


def visible(text: str) -> str:
    """Without invisible and control characters, compatibility forms folded (ﬁ → fi, full width → ASCII)."""
    if text.isascii():
        return _CONTROL.sub(" ", text)
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _CONTROL.sub(" ", _MIXED.sub(_unmask, folded))


def _unmask(match: re.Match[str]) -> str:
    """A Latin word with look-alike letters in it, in Latin letters; words of another alphabet stay as they are."""
    word = match.group(0)
    if _FOREIGN.search(word) and _LATIN.search(word):
        return word.translate(_LOOKALIKES)
    return word


def plain(text: str) -> str:
    """One line as the model reads it: `visible`, no emphasis marks, single spaces."""
    return _SPACE.sub(" ", _EMPHASIS.sub("", visible(text))).strip()
