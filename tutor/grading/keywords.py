"""The rubric's own words found in a sentence: keywords that tolerate typos, and statements that authors wrote."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

CLOSE = 86.0
"""Likeness (0 to 100) of a word or phrase to a keyword of `FUZZY_FROM` letters or more."""
FUZZY_FROM = 7
SAME = 90.0
"""Likeness of a sentence to an authored statement."""
_TOKEN = re.compile(r"[a-z0-9]+(?:[._'-][a-z0-9]+)*|[=<>%/+*&]+")
_NEGATION = re.compile(r"\b(?:no|not|never|nothing|none|neither|nor|without|cannot)\b|n't\b|n’t\b", re.IGNORECASE)


@functools.lru_cache(maxsize=2_000)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text.lower().replace("’", "'")))


def has_keyword(text: str, keyword: str) -> bool:
    """Whether a sentence has all `&` parts of a keyword."""
    words = _tokens(text)
    return all(_has_part(words, _tokens(part)) for part in keyword.split("&"))


def keyword_hits(text: str, keywords: Iterable[str]) -> int:
    """How many of the keywords a sentence has."""
    return sum(has_keyword(text, keyword) for keyword in keywords)


def _has_part(words: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    if not size or size > len(words):
        return False
    wanted = " ".join(part)
    starts = range(len(words) - size + 1)
    if any(tuple(words[start : start + size]) == tuple(part) for start in starts):
        return True
    if len(wanted) < FUZZY_FROM or any(char.isdigit() for char in wanted):
        return False
    return any(fuzz.ratio(" ".join(words[start : start + size]), wanted) >= CLOSE for start in starts)


def says_the_same(text: str, statements: Iterable[str]) -> bool:
    """Whether a sentence is one of the authored statements, but for a word or two; a negation more or less is not."""
    negations = len(_NEGATION.findall(text))
    lowered = text.lower()
    return any(
        fuzz.token_sort_ratio(lowered, statement.lower()) >= SAME and len(_NEGATION.findall(statement)) == negations
        for statement in statements
    )
