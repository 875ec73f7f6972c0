"""What the models make of an answer, before any calibration: windows, and their stance on every definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np

from tutor.grading.gates import Gates, Verdict
from tutor.grading.keywords import keyword_hits, says_the_same
from tutor.grading.lexicon import Lexicon, definition_key
from tutor.grading.normalise import plain
from tutor.grading.spelling import Spelling, words_of
from tutor.grading.windows import Unit, Window, WindowKind, units, windows
from tutor.scenarios.model import Misconception, Point, Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FAMILIES: tuple[tuple[tuple[WindowKind, ...], int], ...] = (
    (("unit", "clause"), 2),
    (("pair", "headed"), 1),
    (("run", "list"), 1),
)
"""Kinds of windows, and how many of each the cross-encoder reads for a definition.

A second sentence lifts misconceptions (F1 from 0.71 to 0.74) and scores (QWK by 0.007); more of any kind lifts nothing
that is measurable and costs time, and more long windows grade real prose less well.
"""
LIKELY = 0.13
"""Pairs whose word score is lower are not read: measured to lose nothing."""
RELEVANCE_SHARE = 0.9
"""A window that denies a definition is worth reading too, a little less than one that asserts it."""
UNKNOWN_FAMILIES = (3, 2, 1)
"""So many windows of each kind are read for a definition that the word model has not learnt."""
ACROSS = 1e-3
"""Probability of what was not read."""


class Encoder(Protocol):
    """The cross-encoder, as far as it is used here."""

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """One row a pair: P(asserts), P(denies), P(no stance)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Columns of the definitions that authored rules decide or support in a unit."""

    accepted: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    keywords: frozenset[int] = frozenset()
    """Misconceptions only: there a keyword supports what the model says."""


@dataclass(frozen=True, slots=True)
class Again:
    """Another look at some units of an answer, named by their indices."""

    verdict: Callable[[Sequence[int]], Verdict]
    topic: Callable[[Sequence[int]], float]


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, read. Matrices are windows × definitions (points, then misconceptions)."""

    units: tuple[Unit, ...]
    verdict: Verdict
    windows: tuple[Window, ...]
    """Without those that touch a flagged unit."""
    asserts: Floats
    denies: Floats
    read: NDArray[np.bool_]
    """Which pairs the cross-encoder has read."""
    word_asserts: Floats
    word_relevance: Floats
    known: NDArray[np.bool_]
    """Definitions that the word model has learnt."""
    topic_margin: float
    marks: tuple[Marks, ...]
    """One a unit: what authored rules say."""
    again: Again | None = None
    """For `without`; None where nobody asks."""

    @property
    def pairs(self) -> int:
        """Pairs read by the cross-encoder."""
        return int(self.read.sum())

    def without(self, left_out: frozenset[int]) -> Reading:
        """The answer as if these units had not been written. The models read nothing anew."""
        assert self.again is not None
        stay = [index for index in range(len(self.units)) if index not in left_out]
        verdict = self.again.verdict(stay)
        free = {index for index, flag in zip(stay, verdict.flags, strict=True) if flag is None}
        rows = [row for row, window in enumerate(self.windows) if free.issuperset(window.units)]
        place = {old: new for new, old in enumerate(stay)}
        moved = (
            msgspec.structs.replace(self.windows[row], units=tuple(place[unit] for unit in self.windows[row].units))
            for row in rows
        )
        return Reading(
            units=tuple(_only(self.units, stay)),
            verdict=verdict,
            windows=tuple(moved),
            asserts=self.asserts[rows],
            denies=self.denies[rows],
            read=self.read[rows],
            word_asserts=self.word_asserts[rows],
            word_relevance=self.word_relevance[rows],
            known=self.known,
            topic_margin=self.again.topic(stay),
            marks=tuple(self.marks[index] if index in free else NO_MARKS for index in stay),
        )


NO_MARKS = Marks()


def marks(scenario: Scenario, text: str) -> Marks:
    """What the rubric's own statements and keywords say about a sentence."""
    items = list(enumerate(definitions(scenario)))
    accepted = frozenset(column for column, item in items if says_the_same(text, item.accept))
    return Marks(
        accepted,
        frozenset(column for column, item in items if column not in accepted and says_the_same(text, item.reject)),
        frozenset(c for c, item in items if isinstance(item, Misconception) and keyword_hits(text, item.keywords)),
    )


def definitions(scenario: Scenario) -> tuple[Point | Misconception, ...]:
    """Points, then misconceptions."""
    return (*scenario.points, *scenario.misconceptions)


class Reader:
    """Reads answers with the word model and the cross-encoder."""

    def __init__(self, encoder: Encoder, lexicon: Lexicon, gates: Gates, spelling: Spelling) -> None:
        self._encoder = encoder
        self._lexicon = lexicon
        self._gates = gates
        self._spelling = spelling

    def read(self, scenario: Scenario, answer: str) -> Reading:
        """Read an answer that is short enough."""
        typed = units(answer)
        verdict = self._gates.judge(scenario, typed)
        own = words_of(_texts(scenario))
        found = self._mended(typed, own)
        flagged = {index for index, flag in enumerate(verdict.flags) if flag}
        kept = [window for window in windows(found) if not flagged.intersection(window.units)]
        known, word_asserts, relevance = self._word_scores(scenario, found, kept)
        chosen = _choose(kept, np.maximum(word_asserts, RELEVANCE_SHARE * relevance), known)
        asserts, denies = self._encode(scenario, kept, chosen)
        return Reading(
            units=tuple(found),
            verdict=verdict,
            windows=tuple(kept),
            asserts=asserts,
            denies=denies,
            read=chosen,
            word_asserts=word_asserts,
            word_relevance=relevance,
            known=known,
            topic_margin=self._topic(scenario, answer, own) if found else 0.0,
            marks=tuple(
                NO_MARKS if index in flagged else marks(scenario, unit.text) for index, unit in enumerate(found)
            ),
            again=Again(
                lambda stay: self._gates.judge(scenario, _only(typed, stay)),
                lambda stay: self._topic(scenario, _cut(answer, typed, stay), own) if stay else 0.0,
            ),
        )

    def _topic(self, scenario: Scenario, text: str, own: frozenset[str]) -> float:
        """Log odds of this scenario against the likeliest other one."""
        return self._lexicon.topic_margin(scenario.id, self._spelling.mend(plain(text), own))

    def words_only(self, scenario: Scenario, answer: str) -> Reading:
        """What the word model alone makes of an answer, quickly; nothing is flagged."""
        found = self._mended(units(answer), words_of(_texts(scenario)))
        kept = windows(found)
        known, word_asserts, relevance = self._word_scores(scenario, found, kept)
        nothing = np.full(word_asserts.shape, ACROSS, dtype=np.float32)
        return Reading(
            units=tuple(found),
            verdict=Verdict((None,) * len(found), True, ()),
            windows=tuple(kept),
            asserts=nothing,
            denies=nothing,
            read=np.zeros(nothing.shape, dtype=bool),
            word_asserts=word_asserts,
            word_relevance=relevance,
            known=known,
            topic_margin=0.0,
            marks=(NO_MARKS,) * len(found),
        )

    def _mended(self, typed: Sequence[Unit], own: frozenset[str]) -> list[Unit]:
        return [msgspec.structs.replace(unit, text=self._spelling.mend(unit.text, own)) for unit in typed]

    def knows(self, scenario: Scenario) -> bool:
        """Whether the word model has learnt every definition of the scenario."""
        part = self._lexicon.scenarios.get(scenario.id)
        return part is not None and all(definition_key(item.definition) in part.keys for item in definitions(scenario))

    def word_scores(self, scenario: Scenario, texts: Sequence[str]) -> Floats:
        """Word scores of texts, texts × definitions."""
        _, asserts, _ = self._scores(scenario, [(text,) for text in texts])
        return asserts

    def _word_scores(
        self, scenario: Scenario, found: Sequence[Unit], kept: Sequence[Window]
    ) -> tuple[NDArray[np.bool_], Floats, Floats]:
        parts = [
            (window.text,) if window.kind == "clause" else tuple(found[index].text for index in window.units)
            for window in kept
        ]
        return self._scores(scenario, parts)

    def _scores(self, scenario: Scenario, parts: Sequence[Sequence[str]]) -> tuple[NDArray[np.bool_], Floats, Floats]:
        items = definitions(scenario)
        known = np.zeros(len(items), dtype=bool)
        asserts = np.zeros((len(parts), len(items)), dtype=np.float32)
        relevance = np.zeros_like(asserts)
        part = self._lexicon.scenarios.get(scenario.id)
        columns = {key: column for column, key in enumerate(part.keys)} if part else {}
        scores = part.scores(parts) if part else None
        for index, item in enumerate(items):
            column = columns.get(definition_key(item.definition))
            if column is not None and scores is not None:
                known[index] = True
                asserts[:, index] = scores[0][:, column]
                relevance[:, index] = scores[1][:, column]
            else:
                relevance[:, index] = _overlap(item, parts)
        return known, asserts, relevance

    def _encode(self, scenario: Scenario, kept: Sequence[Window], chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        items = definitions(scenario)
        where = np.argwhere(chosen)
        values = self._encoder.probabilities([(kept[row].text, items[column].definition) for row, column in where])
        asserts = np.full(chosen.shape, ACROSS, dtype=np.float32)
        denies = np.full(chosen.shape, ACROSS, dtype=np.float32)
        if len(where):
            asserts[where[:, 0], where[:, 1]] = values[:, 0]
            denies[where[:, 0], where[:, 1]] = values[:, 1]
        return asserts, denies


def _only(found: Sequence[Unit], stay: Sequence[int]) -> list[Unit]:
    """Some of the units, with the new places of their headings."""
    place: Mapping[int | None, int] = {old: new for new, old in enumerate(stay)}
    return [msgspec.structs.replace(found[index], heading=place.get(found[index].heading)) for index in stay]


def _cut(answer: str, typed: Sequence[Unit], stay: Sequence[int]) -> str:
    """The answer without the units that do not stay."""
    for index in sorted(set(range(len(typed))).difference(stay), reverse=True):
        answer = answer[: typed[index].start] + answer[typed[index].end :]
    return answer


def _texts(scenario: Scenario) -> Iterator[str]:
    """What its author wrote, spelt right."""
    yield from (scenario.title, scenario.situation, scenario.question)
    for item in definitions(scenario):
        yield from (item.definition, *item.accept, *item.keywords)


def _overlap(item: Point | Misconception, parts: Sequence[Sequence[str]]) -> Floats:
    """How much a definition that nobody trained has in common with windows: 0 to 1, for choosing pairs only."""
    from rapidfuzz import fuzz

    texts = (item.definition, *item.accept, *item.keywords)
    joined = [" ".join(part).lower() for part in parts]
    best = [max(fuzz.token_set_ratio(text.lower(), window) for text in texts) for window in joined]
    return np.array(best, dtype=np.float32) / 100.0


def _choose(kept: Sequence[Window], promise: Floats, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pairs to read: for each definition the most promising windows of each family."""
    chosen = np.zeros(promise.shape, dtype=bool)
    for (kinds, most), most_unknown in zip(FAMILIES, UNKNOWN_FAMILIES, strict=True):
        rows = np.array([index for index, window in enumerate(kept) if window.kind in kinds], dtype=np.int64)
        if not len(rows):
            continue
        order = np.argsort(-promise[rows], axis=0, kind="stable")
        for column in range(promise.shape[1]):
            best = rows[order[: most if known[column] else most_unknown, column]]
            chosen[best[(promise[best, column] > LIKELY) | ~known[column]], column] = True
    return chosen
