"""Documents to be indexed, and what a correct index of them holds. Pure."""

from __future__ import annotations

import hashlib
import json
import random
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

KINDS = 40
"""Different bodies; which document has which is drawn anew in each run."""
LETTERS = 3
"""Of a word."""


@dataclass(frozen=True, slots=True)
class Body:
    """The words of a document."""

    json: bytes
    """A JSON array."""
    digest: str
    """What an index knows it by."""


def bodies(words: int, rng: random.Random) -> list[Body]:
    """Bodies of so many short words each."""
    return [_body(_words("".join(rng.choices(string.ascii_lowercase, k=LETTERS * words)))) for _ in range(KINDS)]


def _words(letters: str) -> list[str]:
    return [letters[start : start + LETTERS] for start in range(0, len(letters), LETTERS)]


def _body(words: Sequence[str]) -> Body:
    text = json.dumps(words, separators=(",", ":")).encode()
    return Body(text, digest_of(words))


def digest_of(words: Iterable[str]) -> str:
    """The digest of a document's words."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


def draw(count: int, rng: random.Random) -> list[int]:
    """Which body each document has."""
    return [rng.randrange(KINDS) for _ in range(count)]


def values(drawn: Sequence[int], known: Sequence[Body]) -> Iterator[bytes]:
    """The documents as they are written to Kafka."""
    for number, kind in enumerate(drawn):
        yield b'{"id":%d,"words":%s}' % (number, known[kind].json)


@dataclass(frozen=True, slots=True)
class Tally:
    """An index compared with what it must hold."""

    expected: int
    right: int
    """Documents that are there once, with the right digest."""
    wrong: int
    """Lines that name no document, or have another digest."""
    twice: int
    """Documents that are there more than once."""

    @property
    def complete(self) -> bool:
        """Every document once, and nothing else."""
        return self.right == self.expected and not self.wrong and not self.twice


def tally(index: str, digests: Sequence[str]) -> Tally:
    """Compare an index, one `id digest` a line, with the digests of the documents 0, 1, 2 …"""
    lines = [line.split() for line in index.splitlines() if line.strip()]
    good = Counter(int(parts[0]) for parts in lines if _is_right(parts, digests))
    twice = sum(times > 1 for times in good.values())
    return Tally(len(digests), len(good) - twice, len(lines) - sum(good.values()), twice)


def _is_right(parts: Sequence[str], digests: Sequence[str]) -> bool:
    if len(parts) != 2 or not parts[0].isdigit():
        return False
    number = int(parts[0])
    return number < len(digests) and digests[number] == parts[1]
