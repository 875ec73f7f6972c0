"""Train the word model: kernel ridge over n-grams, one column a definition; and the model of topics."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tutor.grading.corpus import Labelled
from tutor.grading.lexicon import Lexicon, ScenarioLexicon, definition_key, topic_row
from tutor.grading.ngrams import WORD_BUCKETS, feature_ids, matrix, rarity_of
from tutor.grading.normalise import plain
from tutor.grading.polarity import opposites
from tutor.grading.windows import units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SEED = 20261123
RIDGE = 0.3
BIAS = 0.1
"""Similarity that any two texts have: a free constant."""
NAMED_SHARE = 4
"""One text that only names words to so many labelled ones."""
_NAMING = (
    "I would mention {}, {} and {}.",
    "We should talk about {}, {} and {} first.",
    "Things like {} or {} play a role, and {}.",
    "{}, {} and {} are relevant here.",
    "You need to know {} and {}, and of course {}.",
    "My thoughts go to {}, {} and {}.",
    "It is all about {}, about {} and about {}.",
    "There is also {}, {} and {} to think of.",
    "Another aspect is {}, next to {} and {}.",
)
_NAME = re.compile(r"[A-Za-z][A-Za-z._-]{3,}")
SEEN_IN = 2
"""Features that fewer texts have are left out."""
TOPIC_STEPS = 150
TOPIC_RATE = 25.0
TOPIC_RIDGE = 2e-5


def train(texts: Mapping[int, Sequence[Labelled]], definitions: Mapping[int, Mapping[str, str]]) -> Lexicon:
    """Everything from the labelled texts; `definitions`: by scenario, id → definition. A definition asserts itself."""
    parts = {
        number: train_scenario((*texts[number], *_as_texts(definitions[number])), definitions[number])
        for number in sorted(definitions)
        if number in texts
    }
    topics, rarity, weights, bias = _train_topics(texts)
    return Lexicon(parts, topics, rarity, weights, bias)


def _as_texts(definitions: Mapping[str, str]) -> list[Labelled]:
    return [Labelled(plain(text), frozenset((name,)), frozenset()) for name, text in definitions.items()]


def train_scenario(texts: Sequence[Labelled], definitions: Mapping[str, str]) -> ScenarioLexicon:
    """One scenario. Solved among the texts, then turned into weights of features."""
    texts = (*texts, *_opposites(texts), *_named_only(texts, definitions))
    rarity = _rarity([item.text for item in texts])
    rows = matrix([item.text for item in texts], rarity)
    kernel = (rows @ rows.T).astype(np.float64) + BIAS
    shares = np.linalg.solve(kernel + RIDGE * np.eye(len(kernel)), _targets(texts, tuple(definitions)))
    weights = rows.T.astype(np.float64) @ shares
    scale = np.abs(weights).max(axis=0) / 127 + 1e-12
    return ScenarioLexicon(
        keys=tuple(definition_key(text) for text in definitions.values()),
        rarity=rarity,
        weights=np.rint(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=(shares.sum(axis=0) * BIAS).astype(np.float32),
    )


def _opposites(texts: Sequence[Labelled]) -> list[Labelled]:
    """Every claim turned into its opposite: the same words, and a negation more or less, deny it."""
    rng = random.Random(SEED)
    return [
        Labelled(opposites([unit.text for unit in units(item.text)], rng), frozenset(), item.asserts)
        for item in texts
        if item.asserts
    ]


def _named_only(texts: Sequence[Labelled], definitions: Mapping[str, str]) -> list[Labelled]:
    """Words of the subject in sentences that claim nothing about them."""
    rng = random.Random(SEED)
    words = [word for text in definitions.values() for word in _NAME.findall(text)]
    words += [" ".join(pair) for text in definitions.values() for pair in itertools.pairwise(_NAME.findall(text))]
    made = []
    for _ in range(len(texts) // NAMED_SHARE):
        sentences = (rng.choice(_NAMING).format(*rng.sample(words, 3)) for _ in range(rng.choice((1, 1, 2, 3))))
        made.append(Labelled(" ".join(sentences), frozenset(), frozenset()))
    return made


def _rarity(texts: Sequence[str]) -> Floats:
    seen = np.zeros(len(rarity := rarity_of(texts)))
    for text in texts:
        seen[np.unique(feature_ids(text))] += 1
    kept: Floats = np.where(seen >= SEEN_IN, rarity, 0.0).astype(np.float16).astype(np.float32)
    return kept


def _targets(texts: Sequence[Labelled], names: Sequence[str]) -> NDArray[np.float64]:
    """Asserts of all names, then asserts or denies of all names."""
    asserts = np.array([[float(name in item.asserts) for name in names] for item in texts])
    denies = np.array([[float(name in item.denies) for name in names] for item in texts])
    return np.hstack([asserts, np.maximum(asserts, denies)])


def _train_topics(texts: Mapping[int, Sequence[Labelled]]) -> tuple[tuple[int, ...], Floats, Floats, Floats]:
    """Softmax regression on words and word pairs, by gradient descent with momentum."""
    topics = tuple(texts)
    lines = [item.text for number in topics for item in texts[number]]
    rarity = _rarity(lines)[:WORD_BUCKETS]
    rows = np.stack([topic_row(line, rarity) for line in lines])
    target = np.repeat(np.eye(len(topics), dtype=np.float32), [len(texts[number]) for number in topics], axis=0)
    weights = np.zeros((WORD_BUCKETS, len(topics)), dtype=np.float32)
    bias = np.zeros(len(topics), dtype=np.float32)
    speed = np.zeros_like(weights)
    for _ in range(TOPIC_STEPS):
        values = rows @ weights + bias
        chance = np.exp(values - values.max(axis=1, keepdims=True))
        error = chance / chance.sum(axis=1, keepdims=True) - target
        speed = 0.9 * speed - TOPIC_RATE * (rows.T @ error / len(rows) + TOPIC_RIDGE * weights)
        weights += speed
        bias -= error.mean(axis=0)
    return topics, rarity, weights, bias
