"""Whether words stand in an order that sentences have: a bigram model over word classes.

Frequent words are their own class; the others are known by their shape and ending only, so that Kafka's vocabulary does
not matter. The artefact is made by `python -m tutor.grading.calibrate` from the statements, passages, fillers and notes.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

FREQUENT = 260
"""So many words are a class of their own."""
SHORTEST = 5
"""Texts with fewer words are not judged."""
SUBJECT_TEXTS = 3
"""A word that so many texts have is a word of the subject; typos are rarer."""
_SMOOTHING = 0.4
_ENDINGS = ("ing", "tion", "ed", "ly", "er", "ity", "ment", "able", "al", "es", "s")
_TOKEN = re.compile(r"[a-z0-9]+(?:[._'/-][a-z0-9]+)*|[,;:.!?()=<>]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_EDGE = "|"


class WordOrder(msgspec.Struct, frozen=True):
    """Log ratios of class pairs: how much more often they follow each other than by chance."""

    words: frozenset[str]
    ratios: Mapping[str, float]
    """`first second` → log ratio; what is not there takes `unseen`."""
    unseen: float
    known: frozenset[str] = frozenset()
    """Words of the subject that no general dictionary has."""

    def naturalness(self, text: str) -> float | None:
        """Mean log ratio of neighbouring words: above 0 like sentences; None for texts too short to judge."""
        classes = classes_of(text, self.words)
        if sum(_is_word(name) for name in classes) < SHORTEST:
            return None
        pairs = list(itertools.pairwise(classes))
        return sum(self.ratios.get(f"{first} {second}", self.unseen) for first, second in pairs) / len(pairs)


def _is_word(name: str) -> bool:
    return name[0].isalnum() or name[0] == "~"


def classes_of(text: str, frequent: frozenset[str] | set[str]) -> list[str]:
    """The classes of all words and marks, with an edge at both ends."""
    return [_EDGE, *(_class_of(token.lower(), frequent) for token in _TOKEN.findall(text)), _EDGE]


def _class_of(token: str, frequent: frozenset[str] | set[str]) -> str:
    if token in frequent or not token[0].isalnum():
        return token
    if token[0].isdigit():
        return "~0"
    if any(mark in token for mark in "._/"):
        return "~c"
    return "~" + next((ending for ending in _ENDINGS if token.endswith(ending)), "w")


def train(texts: Iterable[str], dictionary: frozenset[str] = frozenset()) -> WordOrder:
    """Count class pairs of real texts against chance, and collect the words that `dictionary` lacks."""
    kept = list(texts)
    counts = Counter(token.lower() for text in kept for token in _TOKEN.findall(text) if token[0].isalpha())
    frequent = frozenset(word for word, _ in counts.most_common(FREQUENT))
    sequences = [classes_of(text, frequent) for text in kept]
    single = Counter(name for sequence in sequences for name in sequence)
    pairs = Counter(pair for sequence in sequences for pair in itertools.pairwise(sequence))
    subject = Counter(word for text in kept for word in set(_WORD.findall(text.lower())) if word not in dictionary)
    known = frozenset(word for word, count in subject.items() if count >= SUBJECT_TEXTS)
    return _ratios(frequent, single, pairs, known)


def _ratios(
    frequent: frozenset[str], single: Counter[str], pairs: Counter[tuple[str, str]], known: frozenset[str]
) -> WordOrder:
    total = sum(single.values())
    ratios: dict[str, float] = {}
    for (first, second), count in pairs.items():
        chance = single[first] * single[second] / total
        ratio = math.log((count + _SMOOTHING) / (chance + _SMOOTHING))
        if count > 1 or abs(ratio) > 0.7:
            ratios[f"{first} {second}"] = round(ratio, 2)
    typical = sum(single[a] * single[b] for a in single for b in ("~w", "~s")) / total / len(single) / 2
    return WordOrder(frequent, ratios, round(math.log(_SMOOTHING / (typical + _SMOOTHING)), 2), known)


def save(model: WordOrder, file: Path) -> None:
    """Write it, words sorted, so that the same data makes the same file."""
    document = {
        "words": sorted(model.words),
        "unseen": model.unseen,
        "known": sorted(model.known),
        "ratios": dict(sorted(model.ratios.items())),
    }
    file.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


def load(file: Path) -> WordOrder:
    """Read it. Raises OSError, msgspec.ValidationError."""
    return msgspec.json.decode(file.read_bytes(), type=WordOrder)


def share_out_of_order(values: Sequence[float | None], limit: float) -> float:
    """Share of the judged texts that are less natural than `limit`; 0 where none could be judged."""
    judged = [value for value in values if value is not None]
    return sum(value < limit for value in judged) / len(judged) if judged else 0.0
