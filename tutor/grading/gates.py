"""What cannot count as a claim: keyword lists, shuffled words, the question again, orders to the grader, no English.

A gate never scores by itself. It takes stretches out of what is graded, and says whether the answer is an attempt.
Everything here works without numpy, so that the keyword grader has the same gates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from tutor.grading.normalise import plain
from tutor.grading.polarity import contradictions
from tutor.grading.windows import Unit
from tutor.grading.word_order import WordOrder
from tutor.scenarios.model import Scenario

Flag = Literal["list", "shuffled", "question", "order", "foreign", "gibberish", "both"]

_FUNCTION_WORDS = """
a an the and or but if so because as of in on at by for from to with without into within per than then that this
these those it its it's they them their he she his her we us our i me my you your is are was were be been being
am do does did doesn't don't didn't isn't aren't wasn't weren't can could can't cannot couldn't should shouldn't
would wouldn't will won't may might must mustn't has have had hasn't haven't not no nor only just also too when
while where which who what how why there here all each every any some one both either after before until since
still again once over under out up down off about more most less same other such very even i'd i'm i've it'd
that's there's what's you're they're we're isnt dont doesnt cant thats u r im
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
LIST_RUN = 9
"""A run of so many words without a function word makes a list; claims have 6, terse ones 8 in a row at most."""
LIST_FUNCTION_WORDS = 0.27
"""Answers with a higher share of function words are no keyword lists. Terse strong answers have 0.23 and more."""
FRAGMENTS = 8
"""So many pieces between commas, dashes, strokes and line ends make a list …"""
FRAGMENT_WORDS = 2.6
"""… where they have so many words on average. Terse strong answers have 2.8 and more."""
RELATED = 1 / 8
"""… and fewer relations than this to a piece. Notes have 0.13 and more, lists with titles 0.09 at most."""
BARE = 0.12
"""Hardly any function words at all; then `BARE_RUN` words in a row are enough."""
BARE_RUN = 6
UNNATURAL = -0.45
"""Naturalness that 0.3 % of the labelled texts and 92 % of shuffled ones stay under."""
SHUFFLED_SHARE = 0.35
"""An answer is shuffled where more than this share of its words stands in unnatural sentences."""
UNNATURAL_ANSWER = -0.45
"""… and its words are on average less natural than this. Whole answers have -0.42 and more, right notes -0.36."""
KNOWN_WORDS = 0.38
"""Share of an answer's words that a dictionary must know. Answers full of typos have 0.6 and more."""
KNOWN_IN_ENGLISH = 0.75
"""… and where it has hardly any English function words."""
ENGLISH = 0.1
"""Share of English function words, below which unknown words mean another language."""
UNKNOWN_SENTENCE = 0.25
"""The same for a single sentence."""
QUESTION_SHARE = 3.0
"""What repeats the question may be so many times as long as the rest of an attempt."""
REPEATED = 0.8
"""Share of a sentence's words that come, in their order, from the question or the situation."""

_FRAGMENT = re.compile(r"[,;/|]|\s[-–—]\s|\.\s")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_RUN_TOKEN = re.compile(r"[a-z0-9][a-z0-9._'=/-]*", re.IGNORECASE)
RELATION = re.compile(r"->|=>|[→⇒≠≥≤]|(?<!\S)(?:[=<>+]|[!<>=]=)(?!\S)")
"""What notes have in place of function words: `a -> b`, `a = b`."""
_LABEL = re.compile(r":(?=\s|$)")
"""The same before a claim, `fix: b`; but lists have titles too, so it counts half."""
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:rubric|instructions?|prompt|above|previous|rules?|criteria|grading)\b"
    r"|\b(?:give|award|assign|grant)\b.{0,30}\b(?:10|ten|full|maximum|top|perfect|highest)\b\s*(?:/\s*10|out of|points?|marks?|scores?|grades?|credit|[.!]|$)"
    r"|\b(?:dear|hey|hi|hello|attention|note to(?: the)?)\s+(?:the\s+)?(?:grader|examiner|evaluator|assistant|model|llm|ai)\b"
    r"|\bas (?:an? |the )?(?:ai|language model|grader|evaluator)\b|\bsystem prompt\b"
    r"|\byou are (?:now )?(?:an?|the) (?:\w+ )?(?:grader|assistant|evaluator|examiner)\b"
    r"|\b(?:this|my|the) answer (?:is|covers|should|deserves|must|contains|gets?)\b.{0,40}\b(?:perfect|10|ten|full|all|every|pass)\b"
    r"|\b(?:mark|count|treat|consider)\b.{0,40}\b(?:all|every)\b.{0,20}\b(?:points?|criteria)\b"
    r"|\ball (?:\w+ )?(?:points|criteria) (?:are |as )?(?:covered|satisfied|met)\b"
    r"|^\s*system\s*:|\bhas been verified\b"
    r"|\b(?:score|grade|rating)[\"']?\s*(?:[:=]|is|to)\s*(?:10|ten|\d+\s*/\s*10|pass)\b",
    re.IGNORECASE,
)


class Verdict(msgspec.Struct, frozen=True):
    """What the gates found."""

    flags: tuple[Flag | None, ...]
    """One a unit; a flagged unit is not credited."""
    honest: bool
    """Whether this is an attempt at all, right or wrong."""
    notes: tuple[str, ...]
    naturalness: float = 0.0
    """Of the words' order, on average: above 0 as in sentences, about 0 in notes."""

    @property
    def most(self) -> float:
        """Highest score that the answer can have: words without a sentence are worth next to nothing, the rest nothing."""
        if self.honest:
            return 10.0
        return WORDS_ONLY if any(flag in ("list", "shuffled") for flag in self.flags) else 0.0


WORDS_ONLY = 0.9
"""Highest score of keyword lists and shuffled words."""
_Search = Callable[[Sequence[Unit], Sequence["Flag | None"]], list[int]]


class Gates:
    """The gates with what they have learnt: word order and known words."""

    def __init__(self, order: WordOrder, known: frozenset[str]) -> None:
        self._order = order
        self._known = known

    def judge(self, scenario: Scenario, units: Sequence[Unit]) -> Verdict:
        """Look at all units of an answer."""
        flags: list[Flag | None] = [self._own_flag(scenario, unit) for unit in units]
        searches: tuple[tuple[Flag, _Search], ...] = (
            ("gibberish", self._unknown),
            ("list", _listed),
            ("shuffled", self._shuffled),
            ("both", _said_and_denied),
        )
        for flag, search in searches:
            for index in search(units, flags):
                flags[index] = flag
        natural = self._naturalness(units, flags)
        return Verdict(tuple(flags), _is_attempt(units, flags), _notes(flags, units), natural)

    def _own_flag(self, scenario: Scenario, unit: Unit) -> Flag | None:
        if _ORDER.search(unit.text):
            return "order"
        if repeats(unit.text, scenario):
            return "question"
        if _non_latin(unit.text):
            return "foreign"
        words = [word for word in _WORD.findall(unit.text.lower()) if not word.isdigit()]
        if len(words) >= 4 and self.known_share(words) < UNKNOWN_SENTENCE:
            return "foreign" if any(not word.isascii() for word in words) else "gibberish"
        return None

    def _unknown(self, units: Sequence[Unit], flags: Sequence[Flag | None]) -> list[int]:
        """All units, where most words of the answer are unknown."""
        free = [index for index in range(len(units)) if flags[index] is None and units[index].kind != "code"]
        text = " ".join(units[index].text for index in free).lower()
        words = [word for word in _WORD.findall(text) if not word.isdigit()]
        known = self.known_share(words)
        foreign = known < KNOWN_IN_ENGLISH and function_share(text) < ENGLISH
        return free if len(words) >= 3 and (known < KNOWN_WORDS or foreign) else []

    def known_share(self, words: Sequence[str]) -> float:
        """Share of words, by letters, that a dictionary knows."""
        total = sum(len(word) for word in words)
        return sum(len(word) for word in words if self._is_known(word)) / total if total else 0.0

    def _is_known(self, word: str) -> bool:
        stem = word.replace("’", "'").partition("'")[0]
        return any(form in self._known for form in (word, stem, stem.removesuffix("s"), stem.removesuffix("ed")))

    def _shuffled(self, units: Sequence[Unit], flags: Sequence[Flag | None]) -> list[int]:
        judged = self._judged(units, flags)
        total = sum(words for _, words in judged)
        odd = sum(words for value, words in judged if value < UNNATURAL)
        if total < 12 or self._naturalness(units, flags) > UNNATURAL_ANSWER or odd <= SHUFFLED_SHARE * total:
            return []
        return [index for index, unit in enumerate(units) if flags[index] is None and unit.kind != "code"]

    def _naturalness(self, units: Sequence[Unit], flags: Sequence[Flag | None]) -> float:
        """Mean over the words of what can be judged; 0 where nothing can."""
        judged = self._judged(units, flags)
        total = sum(words for _, words in judged)
        return sum(value * words for value, words in judged) / total if total else 0.0

    def _judged(self, units: Sequence[Unit], flags: Sequence[Flag | None]) -> list[tuple[float, int]]:
        """Naturalness and number of words of all that is prose and not flagged."""
        return [
            (value, unit.words)
            for unit, flag in zip(units, flags, strict=True)
            if flag is None and unit.kind != "code" and (value := self._order.naturalness(unit.text)) is not None
        ]


def function_share(text: str) -> float:
    """Share of English function words, and of the marks that stand for them in notes."""
    words = [word.lower() for word in _RUN_TOKEN.findall(text)]
    relations = len(RELATION.findall(text))
    functional = sum(word in FUNCTION_WORDS for word in words) + relations
    return functional / (len(words) + relations) if words else 0.0


def longest_run(text: str) -> int:
    """Most words in a row without a function word or a mark that stands for one."""
    return max(_run(_RUN_TOKEN.findall(part)) for part in RELATION.split(text))


def _run(words: Sequence[str]) -> int:
    best = run = 0
    for word in words:
        run = 0 if word.lower() in FUNCTION_WORDS else run + 1
        best = max(best, run)
    return best


def repeats(text: str, scenario: Scenario) -> bool:
    """Whether a sentence only says the question or the situation again."""
    words = [word.lower() for word in _RUN_TOKEN.findall(text)]
    if len(words) < 3:
        return False
    return any(_follows(words, source) for source in _sources(scenario))


def _sources(scenario: Scenario) -> tuple[list[str], ...]:
    texts = (scenario.question, scenario.situation, scenario.title, scenario.summary)
    return tuple([word.lower() for word in _RUN_TOKEN.findall(plain(text))] for text in texts)


def _follows(words: Sequence[str], source: Sequence[str]) -> bool:
    """Whether most of the words stand in the source in runs of three or more."""
    triples = {tuple(source[start : start + 3]) for start in range(len(source) - 2)}
    covered: set[int] = set()
    for start in range(len(words) - 2):
        if tuple(words[start : start + 3]) in triples:
            covered.update(range(start, start + 3))
    return len(covered) >= REPEATED * len(words)


def _said_and_denied(units: Sequence[Unit], flags: Sequence[Flag | None]) -> list[int]:
    """Sentences that take each other back."""
    free = [index for index in range(len(units)) if flags[index] is None and units[index].kind != "code"]
    return [free[index] for index in contradictions([units[index].text for index in free])]


def _fragmented(texts: Sequence[str]) -> bool:
    """Whether nothing but short pieces stand side by side, unrelated."""
    pieces = [piece for text in texts for piece in _FRAGMENT.split(text) if piece.strip()]
    short = sum(len(piece.split()) for piece in pieces) <= FRAGMENT_WORDS * len(pieces)
    related = sum(len(RELATION.findall(text)) + len(_LABEL.findall(text)) / 2 for text in texts)
    return len(pieces) >= FRAGMENTS and short and related < RELATED * len(pieces)


def _listed(units: Sequence[Unit], flags: Sequence[Flag | None]) -> list[int]:
    """The list-like units, where most of the answer is a list."""
    free = [index for index in range(len(units)) if flags[index] is None and units[index].kind != "code"]
    if _fragmented([units[index].text for index in free]):
        return free
    total = sum(units[index].words for index in free)
    share = function_share(" ".join(units[index].text for index in free))
    if total < 4 or share >= LIST_FUNCTION_WORDS:
        return []
    run = LIST_RUN if share > BARE else BARE_RUN
    lists = [index for index in free if longest_run(units[index].text) >= run or _only_names(units[index].text)]
    return lists if sum(units[index].words for index in lists) > 0.5 * total else []


def _only_names(text: str) -> bool:
    words = _RUN_TOKEN.findall(text)
    return len(words) >= 4 and longest_run(text) == len(words) and not re.search(r"->|=>|→|=|\w:\s", text)


def _non_latin(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return sum(not char.isascii() for char in letters) > 0.5 * len(letters)


def _is_attempt(units: Sequence[Unit], flags: Sequence[Flag | None]) -> bool:
    """At least a sentence of five words that is more than a phrase, not flagged."""
    own = [unit.text for unit, flag in zip(units, flags, strict=True) if flag is None]
    words = [word for text in own for word in _WORD.findall(text)]
    repeated = sum(unit.words for unit, flag in zip(units, flags, strict=True) if flag == "question")
    return len(words) >= 5 and len({word.lower() for word in words}) >= 5 and repeated <= QUESTION_SHARE * len(words)


_NOTES: dict[Flag, str] = {
    "list": "A list of keywords makes no claim: say what each of them does here, in a sentence.",
    "shuffled": "The words stand in an order that makes no sentences, so nothing could be credited: say it in sentences.",
    "question": "Sentences that repeat the question earn nothing.",
    "order": "Sentences addressed to the grader are not graded.",
    "both": "You say something and its opposite: neither is credited.",
    "foreign": "Part of the answer is not in English and could not be graded.",
    "gibberish": "Part of the answer has no known words and could not be graded.",
}


def _notes(flags: Sequence[Flag | None], units: Sequence[Unit]) -> tuple[str, ...]:
    if not units:
        return ("There is nothing to grade: no words were found.",)
    return tuple(_NOTES[flag] for flag in _NOTES if flag in flags)
