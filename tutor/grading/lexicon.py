"""What the words of a window say about each definition: a linear model over hashed words and letter groups.

It costs microseconds. It picks the few pairs that the cross-encoder has to read, its scores stand beside the
cross-encoder's (each catches what the other misses), and it tells which scenario an answer is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tutor.errors import GraderUnavailable
from tutor.grading.ngrams import BUCKETS, WORD_BUCKETS, feature_ids, vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScenarioLexicon:
    """The part of one scenario; columns in the order of `keys`."""

    keys: tuple[str, ...]
    """Hashes of the definitions, see `definition_key`."""
    rarity: Floats
    weights: NDArray[np.int8]
    """Buckets × (asserts of all keys, then relevance of all keys)."""
    scale: Floats
    bias: Floats

    def scores(self, windows: Sequence[Sequence[str]]) -> tuple[Floats, Floats]:
        """Asserts and relevance, about 0 to 1, windows × keys. A window is given in parts."""
        rows = [self._row(parts) for parts in windows]
        values = np.stack(rows) if rows else np.zeros((0, len(self.bias)), dtype=np.float32)
        half = len(self.keys)
        return values[:, :half], values[:, half:]

    def _row(self, parts: Sequence[str]) -> Floats:
        buckets, weights = vector(parts, self.rarity)
        row: Floats = (weights @ self.weights[buckets].astype(np.float32)) * self.scale + self.bias
        return row


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All scenarios, and the model of topics."""

    scenarios: dict[int, ScenarioLexicon]
    topics: tuple[int, ...]
    """Scenario numbers, in the order of the columns below."""
    topic_rarity: Floats
    topic_weights: Floats
    topic_bias: Floats

    def topic_margin(self, scenario: int, text: str) -> float:
        """Log odds of this scenario against the likeliest other one; below 0 the text is rather about that one."""
        if scenario not in self.topics:
            return 0.0
        values = topic_row(text, self.topic_rarity) @ self.topic_weights + self.topic_bias
        own = self.topics.index(scenario)
        return float(values[own] - np.delete(values, own).max())


def topic_row(text: str, rarity: Floats) -> Floats:
    """Words and word pairs of a text, as one row of length 1."""
    ids = feature_ids(text)
    buckets, counts = np.unique(ids[ids < WORD_BUCKETS], return_counts=True)
    row = np.zeros(WORD_BUCKETS, dtype=np.float32)
    row[buckets] = (1.0 + np.log(counts)) * rarity[buckets] if len(buckets) else 0.0
    length = float(np.sqrt(np.square(row).sum()))
    return row / length if length > 0 else row


def definition_key(definition: str) -> str:
    """A short hash of a definition: a changed definition is an unknown one."""
    return hashlib.sha256(definition.encode()).hexdigest()[:12]


def save(lexicon: Lexicon, file: Path) -> None:
    """Write it, compressed. The same lexicon makes the same bytes."""
    arrays: dict[str, NDArray[np.generic]] = {
        "topics": np.array(lexicon.topics, dtype=np.int32),
        "topic_rarity": lexicon.topic_rarity.astype(np.float16),
        "topic_weights": lexicon.topic_weights.astype(np.float16),
        "topic_bias": lexicon.topic_bias,
    }
    for number, part in lexicon.scenarios.items():
        arrays[f"{number}.keys"] = np.array(part.keys)
        arrays[f"{number}.rarity"] = part.rarity.astype(np.float16)
        arrays[f"{number}.weights"] = part.weights
        arrays[f"{number}.scale"] = part.scale
        arrays[f"{number}.bias"] = part.bias
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load(file: Path) -> Lexicon:
    """Read it. Raises GraderUnavailable."""
    try:
        with np.load(file, allow_pickle=False) as data:
            return _from_arrays({name: data[name] for name in data.files})
    except (OSError, ValueError, KeyError) as error:
        raise GraderUnavailable(
            "The grader's word model cannot be loaded", f"{file}: {error}", "kafka-tutor doctor"
        ) from error


def _from_arrays(data: dict[str, NDArray[np.generic]]) -> Lexicon:
    numbers = sorted({int(name.partition(".")[0]) for name in data if name[0].isdigit()})
    return Lexicon(
        scenarios={number: _part(data, number) for number in numbers},
        topics=tuple(int(number) for number in data["topics"]),
        topic_rarity=data["topic_rarity"].astype(np.float32),
        topic_weights=data["topic_weights"].astype(np.float32),
        topic_bias=data["topic_bias"].astype(np.float32),
    )


def _part(data: dict[str, NDArray[np.generic]], number: int) -> ScenarioLexicon:
    weights = data[f"{number}.weights"].astype(np.int8, copy=False)
    if weights.shape[0] != BUCKETS:
        raise ValueError("made with another number of buckets")
    return ScenarioLexicon(
        keys=tuple(str(key) for key in data[f"{number}.keys"]),
        rarity=data[f"{number}.rarity"].astype(np.float32),
        weights=weights,
        scale=data[f"{number}.scale"].astype(np.float32),
        bias=data[f"{number}.bias"].astype(np.float32),
    )
