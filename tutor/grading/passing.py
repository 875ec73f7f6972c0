"""What keeps an answer from passing whatever its score: each rule says why.

A rule never lowers a score below the mark, so a good answer that it hits by mistake loses little; answers that were made to
please a grader have to get past all of them. Shares of good answers that are hit: measured on the scored answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tutor.grading.calibration import Calibration
from tutor.grading.contrary import NOTE as CONTRARY
from tutor.grading.contrary import is_contrary
from tutor.grading.gates import RELATION, function_share
from tutor.grading.reading import Reading

ELSEWHERE = -0.6
"""Log odds of this scenario below which it is rather about another one. 1 % of the good answers have less."""
FEWEST_COVERED = 3
"""A pass needs so many points (all, where a rubric has fewer). Of answers with two, people pass one in five, with a bare 6."""
CONFIRMED = 0.5
"""Probability of the cross-encoder that confirms a point."""
FEWEST_CONFIRMED = 2
"""So many points must be confirmed. 1 % of the good answers have fewer."""
ENUMERATION_CONFIRMED = 0.7
"""Share of the points that must be confirmed where an answer is little more than names in a row, or terse."""
PIECE_WORDS = 4.0
SHORT_PIECES = 0.5
SHORT = 3
PADDED = 0.42
"""Such an answer: pieces between commas, 'and' and stops of `PIECE_WORDS` on average, half of them `SHORT`, in sentences
with so many function words. Terse good answers have short pieces too, and 0.31 function words at most."""
TERSE = 1.8
"""Words between marks (`->`, `=`, commas) on average, up to which an answer is terse: what lists of keywords have too …"""
TERSE_ORDER = -0.25
"""… and naturalness of the order of words below which it is. A fifth of the right notes are terse, and no prose …"""
TERSE_CONFIRMED = 4
"""… and must have so many points confirmed, and `ENUMERATION_CONFIRMED` of them."""
TAKEN_BACK = 0.25
"""Share of sentences that contradict each other. No good answer has any."""

REPEATED_FROM = 4
"""Sentences from which an answer is looked at for repetitions: half of them must be new."""

NOTE_REPEATED = "Most of its sentences say the same, so it cannot pass: an answer needs more than one claim."
NOTE_ELSEWHERE = "Most of this is about another question, so it cannot pass here."
NOTE_TOO_FEW = "It makes too few of the points to pass: what is right in it is not yet the whole answer."
NOTE_UNCONFIRMED = (
    "It names what matters but hardly claims anything about it, so it cannot pass: say what happens, and why."
)
NOTE_TAKEN_BACK = "You take back much of what you say, so it cannot pass: decide which of the two is so."

_PIECE = re.compile(r"[,;/|]|\s[-–—]\s|\b(?:and|or)\b|[.!?:](?:\s|$)|[()]|" + RELATION.pattern)


def obstacles(reading: Reading, covered: Sequence[bool], calibration: Calibration) -> tuple[str, ...]:
    """Why the answer cannot pass; empty where nothing speaks against it."""
    return tuple(_obstacles(reading, covered, calibration))


def _obstacles(reading: Reading, covered: Sequence[bool], calibration: Calibration) -> Iterator[str]:
    if is_contrary(reading, len(covered), calibration.contrary):
        yield CONTRARY
    if reading.topic_margin < ELSEWHERE:
        yield NOTE_ELSEWHERE
    if _unconfirmed(reading, covered):
        yield NOTE_UNCONFIRMED
    elif sum(covered) < min(FEWEST_COVERED, len(covered)):
        yield NOTE_TOO_FEW
    flags = reading.verdict.flags
    if sum(flag == "both" for flag in flags) > TAKEN_BACK * len(flags):
        yield NOTE_TAKEN_BACK
    texts = [unit.text.lower() for unit in reading.units]
    if len(texts) >= REPEATED_FROM and 2 * len(set(texts)) <= len(texts):
        yield NOTE_REPEATED


def _unconfirmed(reading: Reading, covered: Sequence[bool]) -> bool:
    """Whether the words are there and the cross-encoder finds too few claims in them."""
    columns = [column for column, there in enumerate(covered) if there and reading.known[column]]
    if not columns or not len(reading.windows):
        return False
    confirmed = int((reading.asserts[:, columns].max(axis=0) >= CONFIRMED).sum())
    if confirmed < FEWEST_CONFIRMED:
        return True
    few = confirmed < ENUMERATION_CONFIRMED * len(columns)
    if is_terse(reading):
        return few or confirmed < min(TERSE_CONFIRMED, len(covered))
    return few and enumerates([unit.text for unit in reading.units])


def is_terse(reading: Reading) -> bool:
    """Whether an answer is so terse that its form does not tell claims from keywords."""
    pieces = _pieces([unit.text for unit in reading.units])
    short = bool(pieces) and sum(pieces) <= TERSE * len(pieces)
    return short or reading.verdict.naturalness < TERSE_ORDER


def _pieces(texts: Sequence[str]) -> list[int]:
    """Words in the pieces between marks, stops, 'and' and 'or'."""
    return [len(piece.split()) for text in texts for piece in _PIECE.split(text) if piece.strip()]


def enumerates(texts: Sequence[str]) -> bool:
    """Whether an answer is little more than names in a row."""
    lengths = _pieces(texts)
    short = sum(length <= SHORT for length in lengths)
    in_pieces = bool(lengths) and sum(lengths) <= PIECE_WORDS * len(lengths) and short >= SHORT_PIECES * len(lengths)
    return in_pieces and function_share(" ".join(texts)) >= PADDED
