"""Training pairs of a text and a definition, made afresh for every epoch. No PyTorch here."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tutor.grading.corpus import Passage, Statement

ASSERTS, DENIES, NEITHER = 0, 1, 2
COMPOSED = 0.55
"""Share of the statements that get neighbours of the same scenario around them."""
FILLED = 0.2
"""Share of the others that get a sentence that claims nothing."""
NEGATIVES = 6
"""Definitions of the same scenario, chosen at random, that a statement takes no stance on."""
PASSAGE_NEGATIVES = 10
ATTACKS = 45
"""Shuffled statements and keyword lists of each scenario."""
QUESTIONS = 12
NOISY = 0.12
"""Share of the texts that are written hastily: letters swapped or lost, a small word left out."""
SLIP_EVERY = 14
"""Words to one slip in them."""
_SMALL = frozenset({"the", "a", "an", "of", "is", "are", "to", "that", "it", "its", "this"})
_NAME = re.compile(r"[A-Za-z][A-Za-z._-]{3,}")
_SENTENCE = re.compile(r"(?<=[.?])\s+")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text, a definition, the text's stance on it, and what the pair counts."""

    text: str
    definition: str
    stance: int
    weight: float


@dataclass(frozen=True, slots=True)
class Material:
    """What the pairs are made of."""

    definitions: Mapping[int, Mapping[str, str]]
    """Scenario → id → definition."""
    questions: Mapping[int, str]
    statements: Sequence[Statement]
    passages: Sequence[Passage]
    fillers: Sequence[str]
    share: float = 1.0
    """Of the statements, in one epoch: passages have all their labels, and say more."""
    missing: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    """Text and id → the stance that a cross-fitted model found and no label says; None: leave the pair out."""


def stances(row: Statement) -> dict[str, int]:
    """What is known of a statement."""
    known = dict.fromkeys(row.also, ASSERTS) | dict.fromkeys(row.also_deny, DENIES)
    return {**known, row.point: {"assert": ASSERTS, "deny": DENIES}.get(row.label, NEITHER)}


def epoch(material: Material, rng: random.Random) -> list[Pair]:
    """All pairs of one epoch, in random order."""
    by_scenario: dict[int, list[Statement]] = {}
    for row in material.statements:
        by_scenario.setdefault(row.scenario, []).append(row)
    pairs = [pair for number, rows in sorted(by_scenario.items()) for pair in _attacks(material, number, rows, rng)]
    for row in rng.sample(material.statements, round(material.share * len(material.statements))):
        pairs += _statement(material, row, by_scenario[row.scenario], rng)
    for passage in material.passages:
        pairs += _passage(material, passage, rng)
    rng.shuffle(pairs)
    return pairs


def _statement(material: Material, row: Statement, near: Sequence[Statement], rng: random.Random) -> Iterator[Pair]:
    own = material.definitions[row.scenario]
    text, known, parts = _composed(material, row, near, rng)
    text = _hasty(text, rng)
    for name, stance in known.items():
        if stance is not None and name in own:
            yield Pair(text, own[name], stance, 2.0 if stance != NEITHER else 1.0)
    doubtful = {name for part in parts for name in own if (part.text, name) in material.missing}
    for name in sorted(doubtful - known.keys()):
        if len(parts) == 1 and material.missing[row.text, name] == ASSERTS:
            yield Pair(text, own[name], ASSERTS, 0.7)
    rest = [name for name in own if name not in known and name not in doubtful]
    for name in rng.sample(rest, min(len(rest), NEGATIVES)):
        yield Pair(text, own[name], NEITHER, 0.6)
    others = [number for number in material.definitions if number != row.scenario]
    if others:
        yield Pair(text, rng.choice(list(material.definitions[rng.choice(others)].values())), NEITHER, 0.5)


def _composed(
    material: Material, row: Statement, near: Sequence[Statement], rng: random.Random
) -> tuple[str, dict[str, int | None], list[Statement]]:
    """A statement, perhaps with neighbours or a filler around it, and all known stances of the whole."""
    chance = rng.random()
    if chance < COMPOSED:
        parts = [row, *rng.sample(near, min(len(near), rng.choice((1, 1, 2))))]
        rng.shuffle(parts)
        return " ".join(part.text for part in parts), _joined(parts), parts
    text = row.text
    if material.fillers and chance < COMPOSED + FILLED * (1 - COMPOSED):
        both = [text, rng.choice(material.fillers)]
        rng.shuffle(both)
        text = " ".join(both)
    return text, dict(stances(row)), [row]


def _joined(parts: Sequence[Statement]) -> dict[str, int | None]:
    known: dict[str, int | None] = {}
    for part in parts:
        for name, stance in stances(part).items():
            if known.get(name, NEITHER) == NEITHER:
                known[name] = stance
            elif stance not in (NEITHER, known[name]):
                known[name] = None  # asserted and denied: left out
    return known


def _passage(material: Material, row: Passage, rng: random.Random) -> Iterator[Pair]:
    own = material.definitions[row.scenario]
    asserted = [name for name in row.asserts if name in own]
    denied = [name for name in row.denies if name in own and name not in asserted]
    rest = [name for name in own if name not in asserted and name not in denied]
    rest = rng.sample(rest, min(len(rest), PASSAGE_NEGATIVES))
    text = _hasty(row.text, rng)
    for names, stance, weight in ((asserted, ASSERTS, 2.0), (denied, DENIES, 2.0), (rest, NEITHER, 1.0)):
        yield from (Pair(text, own[name], stance, weight) for name in names)


def _hasty(text: str, rng: random.Random) -> str:
    """Now and then the text as somebody types it who is in a hurry: it claims the same, so nothing short is touched."""
    if rng.random() >= NOISY:
        return text
    words = text.split(" ")
    for place in rng.sample(range(len(words)), max(1, len(words) // SLIP_EVERY)):
        words[place] = "" if words[place] in _SMALL else _slip(words[place], rng)
    return " ".join(word for word in words if word)


def _slip(word: str, rng: random.Random) -> str:
    """Two letters swapped, or one lost, inside a word of at least five letters."""
    if len(word) < 5 or not word.isalpha():
        return word
    place = rng.randrange(1, len(word) - 2)
    middle = word[place + 1] + word[place] if rng.random() < 0.5 else word[place + 1]
    return word[:place] + middle + word[place + 2 :]


def _attacks(material: Material, number: int, rows: Sequence[Statement], rng: random.Random) -> Iterator[Pair]:
    """Texts that claim nothing: shuffled words, keyword lists, the question again, fillers."""
    own = list(material.definitions[number].items())
    for row in rng.sample(rows, min(len(rows), ATTACKS)):
        words = row.text.split()
        rng.shuffle(words)
        yield Pair(" ".join(words), dict(own)[row.point], NEITHER, 1.0)
    names = [word for name, text in own for word in _NAME.findall(f"{text} {name.replace('_', ' ')}")]
    for _ in range(ATTACKS):
        listed = rng.sample(names, min(len(names), rng.randint(4, 16)))
        yield Pair(rng.choice((", ", " ", " / ", " - ")).join(listed), rng.choice(own)[1], NEITHER, 1.0)
    sentences = [material.questions[number], *_SENTENCE.split(material.questions[number])]
    for _ in range(QUESTIONS):
        yield Pair(rng.choice(sentences), rng.choice(own)[1], NEITHER, 1.0)
        if material.fillers:
            yield Pair(rng.choice(material.fillers), rng.choice(own)[1], NEITHER, 1.0)
