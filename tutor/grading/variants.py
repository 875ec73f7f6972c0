"""The same answer said a little differently, and answers with one thing added: what metamorphic tests grade."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from tutor.grading.corpus import Answer, Corpus
from tutor.grading.windows import Unit, units

TYPO_EVERY = 20
"""One word in so many gets a typo, at least one word of an answer."""
SHORTEST_TYPO = 5
"""Shorter words stay as they are, in letters."""

Variant = Callable[[str, random.Random, Corpus], str | None]
"""The answer said differently; None where this answer cannot be."""

_WORD = re.compile(r"[A-Za-z]+")
_IZE = re.compile(
    r"\b((?:de|re|un)?(?:serial|synchron|optim|real|recogn|organ|minim|maxim|util|normal|prior|initial|summar|material"
    r"|central|custom|final|general|author|item|stabil|visual|emphas|categor|character|standard|token|parallel))"
    r"(i[sz])(e|ed|es|er|ers|ing|ation|ations)\b",
    re.IGNORECASE,
)
_PAIRS = (
    ("behaviour", "behavior"),
    ("colour", "color"),
    ("favour", "favor"),
    ("honour", "honor"),
    ("neighbour", "neighbor"),
    ("centre", "center"),
    ("analyse", "analyze"),
    ("analysing", "analyzing"),
    ("cancelled", "canceled"),
    ("cancelling", "canceling"),
    ("labelled", "labeled"),
    ("modelled", "modeled"),
    ("modelling", "modeling"),
    ("travelled", "traveled"),
    ("acknowledgement", "acknowledgment"),
    ("judgement", "judgment"),
    ("catalogue", "catalog"),
    ("defence", "defense"),
    ("licence", "license"),
    ("grey", "gray"),
    ("whilst", "while"),
    ("towards", "toward"),
    ("afterwards", "afterward"),
    ("programme", "program"),
    ("artefact", "artifact"),
)
_SPELLINGS: Mapping[str, str] = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}


def typos(answer: str, rng: random.Random, _: Corpus) -> str | None:
    """Some words with a letter lost, doubled, or two swapped."""
    places = [match.span() for match in _WORD.finditer(answer) if match.end() - match.start() >= SHORTEST_TYPO]
    if not places:
        return None
    count = max(1, len(answer.split()) // TYPO_EVERY)
    for start, end in sorted(rng.sample(places, min(count, len(places))), reverse=True):
        answer = answer[:start] + _mistyped(answer[start:end], rng) + answer[end:]
    return answer


def _mistyped(word: str, rng: random.Random) -> str:
    """The first letter stays: people mistype the middle of words."""
    place = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("lost", "doubled", "swapped"))
    if kind == "lost":
        return word[:place] + word[place + 1 :]
    if kind == "doubled":
        return word[:place] + word[place] + word[place:]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def reordered(answer: str, rng: random.Random, _: Corpus) -> str | None:
    """The sentences of prose in another order."""
    parts = _sentences(answer)
    if parts is None:
        return None
    other = list(parts)
    while other == parts:
        rng.shuffle(other)
    return " ".join(other)


def other_spelling(answer: str, _: random.Random, __: Corpus) -> str | None:
    """British for American spelling, and the other way."""
    swapped = _IZE.sub(lambda match: match[1] + _swapped(match[2]) + match[3], answer)
    swapped = _WORD.sub(lambda match: _respelt(match[0]), swapped)
    return None if swapped == answer else swapped


def _swapped(letters: str) -> str:
    return letters[0] + {"s": "z", "z": "s", "S": "Z", "Z": "S"}[letters[1]]


def _respelt(word: str) -> str:
    other = _SPELLINGS.get(word.lower())
    if other is None:
        plural = _SPELLINGS.get(word.lower().removesuffix("s"))
        other = f"{plural}s" if plural and word.lower().endswith("s") else word
    return other.capitalize() if word[0].isupper() else other


def with_filler(answer: str, rng: random.Random, corpus: Corpus) -> str | None:
    """A sentence that claims nothing, somewhere between the others or at an end."""
    parts = _sentences(answer, fewest=1)
    if parts is None:
        return None
    parts.insert(rng.randrange(len(parts) + 1), rng.choice(corpus.fillers))
    return " ".join(parts)


def as_bullets(answer: str, _: random.Random, __: Corpus) -> str | None:
    """Every sentence of prose as a bullet."""
    parts = _sentences(answer)
    return None if parts is None else "\n".join(f"- {part}" for part in parts)


SAME: Mapping[str, Variant] = {
    "typos": typos,
    "sentences in another order": reordered,
    "British or American spelling": other_spelling,
    "a filler sentence": with_filler,
    "bullets instead of prose": as_bullets,
}
"""What must not move the score by more than a point."""


def _sentences(answer: str, fewest: int = 2) -> list[str] | None:
    """The sentences as typed; None where the answer is not plain prose or has too few of them."""
    found: Sequence[Unit] = units(answer)
    if len(found) < fewest or any(unit.kind != "sentence" for unit in found):
        return None
    parts = [answer[unit.start : unit.end] for unit in found]
    return parts if len(set(parts)) > 1 or fewest < 2 else None


def right_point(answer: Answer, rng: random.Random, corpus: Corpus) -> str | None:
    """The answer and a sentence that asserts a point it lacks, and nothing wrong."""
    new = [
        item.text
        for item in corpus.texts[answer.scenario]
        if item.asserts - set(answer.points_covered) and not item.denies and not any(map(_wrong, item.asserts))
    ]
    return f"{answer.answer}\n\n{rng.choice(new)}" if new else None


def misconception(answer: Answer, rng: random.Random, corpus: Corpus) -> str | None:
    """The answer and a sentence that holds a misconception it does not hold, and says nothing right."""
    new = [
        item.text
        for item in corpus.texts[answer.scenario]
        if item.asserts - set(answer.misconceptions) and all(map(_wrong, item.asserts)) and not item.denies
    ]
    return f"{answer.answer}\n\n{rng.choice(new)}" if new else None


def _wrong(name: str) -> bool:
    return name.startswith("m_")
