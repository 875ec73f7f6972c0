"""Reported speech that the author refutes: 'many think X, but …' claims no X, right or wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

_REPORT = re.compile(
    r"\b(?:many|most|some|people|everyone|everybody|developers|candidates|colleagues?|teams?|folks|they|somebody|someone|blogs?|you)\b"
    r"(?:\s+\w+){0,3}?\s+(?:think|thinks|believe|believes|assume|assumes|say|says|claim|claims|expect|expects|suggests?|"
    r"suggested|tell|tells|told|hear|heard|read|warn|warns|warned|advise|recommend|thought|assumed|believed|said|claimed|expected)\b"
    r"|\b(?:it is|it's|it gets|is)\s+(?:often|sometimes|commonly|frequently|widely)\s+(?:said|believed|assumed|claimed|thought)\b"
    r"|\b(?:common|popular|widespread|frequent)\s+(?:myth|misconception|belief|mistake|error|misunderstanding|assumption|advice)\b"
    r"|\b(?:the|a)\s+myth\b|\bcontrary to\b|\bi (?:used to think|once thought)\b",
    re.IGNORECASE,
)
_REFUTE = re.compile(
    r"\b(?:but|however|yet|wrong|false|not true|isn't true|untrue|incorrect|mistaken|in (?:fact|reality|truth)|actually|"
    r"that's not|that is not|it doesn't|it does not|they don't|no,|not so|nonsense|myth|misconception|don't|doesn't|isn't)\b",
    re.IGNORECASE,
)
_REFUTING_START = re.compile(
    r"\W*(?:but|however|no\b|not so|that's|that is|this is|it's|it isn't|it is not|it doesn't|it does not|they don't|"
    r"wrong|false|actually|what (?:it|this|they) (?:actually|really)|in (?:fact|reality|truth)|doesn't|isn't|nope|neither|nonsense|"
    r"i (?:disagree|doubt|(?:consider|find|think|call) (?:it|that|this) (?:unnecessary|wrong|nonsense|a myth|outdated|overdone)))\b",
    re.IGNORECASE,
)


def reported(units: Sequence[str]) -> frozenset[int]:
    """Indices of the units that report a belief which the same or the next unit refutes."""
    return frozenset(index for index, text in enumerate(units) if _refuted(units, index, text))


def _refuted(units: Sequence[str], index: int, text: str) -> bool:
    report = _REPORT.search(text)
    if not report:
        return False
    if _REFUTE.search(text, report.end()) or report.group(0).lower().startswith(("contrary", "the myth", "a myth")):
        return True
    return index + 1 < len(units) and bool(_REFUTING_START.match(units[index + 1]))
