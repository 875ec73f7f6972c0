"""Which words of a sentence stand under a negation, and sentences turned into their opposite to learn from."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

SCOPE = 8
"""A negation reaches so many words at most."""
FEWEST = 3
"""Content words that a sentence has at least that contradicts another one."""
SAME_WORDS = 0.85
"""Share of the words of both that two such sentences have in common."""
_TOKEN = re.compile(r"[a-z0-9]+(?:[._'’][a-z0-9]+)*|[,;:.!?()]|->|=>|→")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEGATIONS = _words(
    "not never no none nothing nobody nor neither cannot without hardly dont doesnt isnt arent wasnt cant wont didnt dosnt aint"
)
_ENDS = _words("but because so which while whereas although since instead however and")
_FRAME = re.compile(
    r"\b(?:it|that|this)(?:'s| is| isn't)\s+(?:simply |just |plain )?(?:not true|wrong|false|untrue|incorrect|a myth|not so|true)\b"
    r"(?:\s+to (?:say|think|believe|claim|assume))?\s+that\b|\bi (?:do not|don't) (?:think|believe) that\b"
)
_FRAME_NEGATES = re.compile(r"not true|n't|do not|wrong|false|untrue|incorrect|myth|not so")
_SMALL = _words(
    "a an the and or of in on at by for from to with into per than then that this these those it its is are was were be been "
    "being am do does did has have had will would can could may might must should as if when where there here they them their "
    "we us our you your i he she also just so very too"
)


def polar_words(text: str) -> list[str]:
    """The content words, each with `+`, or `-` where a negation reaches it; two negations cancel each other.

    The `not` of 'it is not true that …' is one and its frame another, so such a sentence keeps its polarity: `framed` tells
    it. Counted once it measured QWK 0.906 instead of 0.897, but let one wrong answer and two attacks pass.
    """
    lowered = text.lower().replace("’", "'")
    frame = _negating_frame(lowered)
    inside = frame is not None
    words: list[str] = []
    left = 0
    for match in _TOKEN.finditer(lowered):
        token = match.group(0)
        if not token[0].isalnum() or token in _ENDS:
            left = 0
            inside = inside and token not in ".!?"
        elif token in _NEGATIONS or token.endswith("n't"):
            left = SCOPE
        elif token not in _SMALL:
            under = inside and frame is not None and match.start() >= frame.end()
            if frame is None or not frame.start() <= match.start() < frame.end():
                words.append(("-" if (left > 0) != under else "+") + _stem(token))
        left = max(0, left - 1)
    return words


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def framed(text: str) -> bool:
    """Whether it begins its claim with 'it is not true that …' or the like."""
    return _negating_frame(text.lower().replace("’", "'")) is not None


def _negating_frame(lowered: str) -> re.Match[str] | None:
    frame = _FRAME.search(lowered)
    return frame if frame and _FRAME_NEGATES.search(frame.group(0)) else None


def contradictions(texts: Sequence[str]) -> frozenset[int]:
    """Indices of sentences that have the words of another one, and a negation more or less."""
    signed = [{word[1:]: word[0] for word in polar_words(text)} for text in texts]
    found: set[int] = set()
    for second, other in enumerate(signed):
        for first, one in enumerate(signed[:second]):
            if len(one) >= FEWEST and len(other) >= FEWEST and _opposed(one, other):
                found |= {first, second}
    return frozenset(found)


def _opposed(one: dict[str, str], other: dict[str, str]) -> bool:
    shared = one.keys() & other.keys()
    return len(shared) >= SAME_WORDS * len(one.keys() | other.keys()) and any(
        one[word] != other[word] for word in shared
    )


_EMPHATIC = re.compile(
    r"(?<!\bhow )(?<!\bwhy )(?<!\bwhat )(?<!\bnot )\b(?:does|did) (?!not\b|the\b|it\b|this\b|that\b|an?\b|so\b)[a-z]{2,}"
)


def emphatic(text: str) -> bool:
    """Whether it insists ('it does delete …'), as few people do who have nothing to deny."""
    return bool(_EMPHATIC.search(text.lower()))


# --- the opposite of a sentence -------------------------------------------------------------------------------------

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|can|will|would|should|must|may|does|do|did|has|have|could)\b(?! not\b)", re.I
)
_CONTRACTED = re.compile(r"\b(\w+?)n['’]t\b", re.I)
_NOT = re.compile(r"\b(is|are|was|were|can|will|would|should|must|may|does|do|did|has|have|could) ?not\b", re.I)
_NEVER = re.compile(r"\bnever\b", re.I)
_NO = re.compile(r"\bno\b(?= [a-z])", re.I)
_ONLY = re.compile(r"\bonly\b", re.I)
_VERB = re.compile(
    r"\b([a-z]{3,}(?:[^s\W]s))\b(?= (?:the|a|an|its|their|in|on|to|at|from|with|only|all|each|every|new|no)\b)"
)
_FRAMES = (
    "It is not true that {}",
    "It's wrong that {}",
    "It is a myth that {}",
    "It is false to say that {}",
    "I don't believe that {}",
    "No, it is wrong to think that {}",
)
_IRREGULAR = {"wo": "will", "ca": "can", "sha": "shall", "ai": "is"}


def opposite(sentence: str, rng: random.Random) -> str:
    """A sentence that claims the opposite, by one of several means; crude, but it turns the words' polarity round."""
    ways: list[Callable[[str], str | None]] = (
        [_without_negation] if negated(sentence) else [_with_not, _with_not, _with_never]
    )
    ways = [*ways, lambda text: rng.choice(_FRAMES).format(text[:1].lower() + text[1:])]
    rng.shuffle(ways)
    return next(turned for way in ways if (turned := way(sentence)) is not None)


def opposites(sentences: Sequence[str], rng: random.Random) -> str:
    """All sentences turned round."""
    return " ".join(opposite(sentence, rng) for sentence in sentences)


def negated(text: str) -> bool:
    """Whether a negation stands in it."""
    return bool(_CONTRACTED.search(text) or _NOT.search(text) or _NEVER.search(text) or _NO.search(text))


def _without_negation(text: str) -> str | None:
    for pattern, word in (
        (_CONTRACTED, lambda match: _IRREGULAR.get(match[1].lower(), match[1])),
        (_NOT, lambda match: match[1]),
        (_NEVER, lambda _: "always"),
        (_NO, lambda _: "some"),
    ):
        if pattern.search(text):
            return pattern.sub(word, text, count=1)
    return None


def _with_not(text: str) -> str | None:
    if not _AUXILIARY.search(text):
        verb = _VERB.search(text)
        return text[: verb.start()] + f"does not {verb[1].removesuffix('s')}" + text[verb.end() :] if verb else None
    return _AUXILIARY.sub(lambda match: match[1] + " not", text, count=1)


def _with_never(text: str) -> str | None:
    return _AUXILIARY.sub(lambda match: match[1] + " never", text, count=1) if _AUXILIARY.search(text) else None
