"""Words and letter groups of a text as hashed features, weighted by how rare they are."""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tutor.grading.polarity import polar_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD_BUCKETS = 1 << 13
LETTER_BUCKETS = 1 << 14
POLAR_BUCKETS = 1 << 13
BUCKETS = WORD_BUCKETS + LETTER_BUCKETS + POLAR_BUCKETS
WORD_SHARE = 0.3
"""Part of the similarity of two texts that comes from words and word pairs; the rest from letter groups and polarity."""
POLAR_SHARE = 0.3
"""Part that comes from words as they stand, negated or not."""
LETTERS = (3, 4, 5)
"""Sizes of letter groups, within words."""

_WORD = re.compile(r"[a-z0-9]+(?:[._'][a-z0-9]+)*|[=<>]+")


def tokens(text: str) -> list[str]:
    """Lower-case words; config names with dots stay whole."""
    return _WORD.findall(text.lower())


@functools.lru_cache(maxsize=50_000)
def _letter_ids(word: str) -> tuple[int, ...]:
    padded = f" {word} "
    groups = (padded[start : start + size] for size in LETTERS for start in range(len(padded) - size + 1))
    return tuple(WORD_BUCKETS + zlib.crc32(group.encode()) % LETTER_BUCKETS for group in groups)


@functools.lru_cache(maxsize=50_000)
def _word_id(words: str) -> int:
    return zlib.crc32(words.encode()) % WORD_BUCKETS


@functools.lru_cache(maxsize=50_000)
def _polar_id(word: str) -> int:
    return WORD_BUCKETS + LETTER_BUCKETS + zlib.crc32(word.encode()) % POLAR_BUCKETS


@functools.lru_cache(maxsize=4_000)
def feature_ids(text: str) -> NDArray[np.int32]:
    """Bucket numbers, with repetitions: words, pairs of words, letter groups, words with their polarity."""
    words = tokens(text)
    pairs = (f"{first} {second}" for first, second in itertools.pairwise(words))
    ids = [_word_id(item) for item in (*words, *pairs)]
    for word in words:
        ids.extend(_letter_ids(word))
    ids += [_polar_id(word) for word in polar_words(text)]
    return np.array(ids, dtype=np.int32)


def vector(parts: Iterable[str], rarity: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Bucket numbers and their weights for a text given in parts; each family has length 1 before its share."""
    ids = [feature_ids(part) for part in parts]
    joined = np.concatenate(ids) if ids else np.zeros(0, dtype=np.int32)
    buckets, counts = np.unique(joined, return_counts=True)
    weights = ((1.0 + np.log(counts)) * rarity[buckets]).astype(np.float32)
    words, polar = buckets < WORD_BUCKETS, buckets >= WORD_BUCKETS + LETTER_BUCKETS
    shares = ((words, WORD_SHARE), (polar, POLAR_SHARE), (~words & ~polar, 1.0 - WORD_SHARE - POLAR_SHARE))
    for family, share in shares:
        length = float(np.sqrt(np.square(weights[family]).sum()))
        if length > 0:
            weights[family] *= share**0.5 / length
    return buckets.astype(np.int64), weights


def matrix(texts: Sequence[str], rarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """One dense row a text."""
    rows = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for row, text in enumerate(texts):
        buckets, weights = vector((text,), rarity)
        rows[row, buckets] = weights
    return rows


def rarity_of(texts: Sequence[str]) -> NDArray[np.float32]:
    """Smoothed inverse document frequency of every bucket; 0 for buckets that no text fills."""
    seen = np.zeros(BUCKETS, dtype=np.float64)
    for text in texts:
        seen[np.unique(feature_ids(text))] += 1
    rarity = np.log((1.0 + len(texts)) / (1.0 + seen)) + 1.0
    return np.where(seen > 0, rarity, 0.0).astype(np.float32)
