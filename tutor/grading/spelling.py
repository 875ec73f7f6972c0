"""Typos mended before the models read: a word that no dictionary has, one slip of the finger away from one that it has.

The cross-encoder cuts an unknown word into pieces and may read another claim in them. Only what it reads is mended; spans
and the gates see the answer as typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from rapidfuzz.distance import OSA

SHORTEST = 5
"""Letters of a word that is mended; of shorter ones too many are a letter away from another."""
MEANT = 12_000
"""So many of the most frequent words may be meant by a typo; a rarer one hardly ever is."""

_TOKEN = re.compile(r"[^\s,;:!?()\[\]{}\"“”]+")
_WORD = re.compile(rf"[A-Za-z]{{{SHORTEST},}}")
_ENDINGS = ("s", "es", "d", "ed", "ing", "er", "ly")


class Spelling:
    """Knows the words of a dictionary and of the subject."""

    def __init__(self, common: Sequence[str], subject: Collection[str] = ()) -> None:
        """`common`: lower case, the most frequent first.

        `subject`: words that no general dictionary has; typos may be among them, so none of them is ever meant.
        """
        self._common = frozenset(common)
        self._known = self._common | frozenset(subject)
        self._meant: dict[tuple[str, int], list[str]] = {}
        for word in common[:MEANT]:
            self._meant.setdefault((word[0], len(word)), []).append(word)

    def mend(self, text: str, own: Collection[str]) -> str:
        """The text without typos; names of settings, code and whatever has a digit or a sign in it stay as they are.

        `own`: words of the rubric, lower case; they are meant before all others.
        """
        return _TOKEN.sub(lambda match: self._token(match.group(), own), text)

    def _token(self, token: str, own: Collection[str]) -> str:
        bare = token.rstrip(".'’")
        if not _WORD.fullmatch(bare) or not (bare.islower() or bare.istitle()):
            return token
        lower = bare.lower()
        found = lower if lower in self._common or lower in own else self._nearest(lower, own)
        return (found.capitalize() if bare.istitle() else found) + token[len(bare) :]

    def _nearest(self, word: str, own: Collection[str]) -> str:
        """The word with one letter more, less or else, or two neighbours swapped; itself where there is none."""
        if _is_form(word, own):
            return word
        first = _near(word, sorted(other for other in own if other[0] == word[0]))
        if first or word in self._known or _is_form(word, self._known):
            return first or word
        lengths = range(len(word) - 1, len(word) + 2)
        return _near(word, [other for length in lengths for other in self._meant.get((word[0], length), ())]) or word


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words that typos may stand for."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def _near(word: str, others: Iterable[str]) -> str:
    return next((other for other in others if OSA.distance(word, other, score_cutoff=1) <= 1), "")


def _is_form(word: str, known: Collection[str]) -> bool:
    """Whether it is a known word with an ending, and no typo."""
    if word.replace("is", "iz").replace("ys", "yz") in known:  # British
        return True
    for stem in (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)):
        if len(stem) > 2 and any(
            form in known for form in (stem, stem + "e", stem[:-1])
        ):  # cache: caching, stop: stopping
            return True
    return False
