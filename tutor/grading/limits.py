"""How much of an answer is graded."""

from __future__ import annotations

import re
from itertools import islice

from tutor.errors import AnswerRefused

REFUSED_FROM = 1_000_000
"""Characters; longer texts are refused."""
MAX_WORDS = 1_500
"""Words that are graded: ten minutes of speech. A strong answer has 100 to 300."""
MAX_CHARACTERS = 12_000
"""… and characters, for text without spaces."""
_WORD = re.compile(r"\S+")


def graded_part(answer: str) -> tuple[str, tuple[str, ...]]:
    """The beginning that is graded, and a note where that is not all. Raises AnswerRefused."""
    if len(answer) > REFUSED_FROM:
        raise AnswerRefused(
            "The answer is too long to be graded",
            f"It has {len(answer):,} characters; at most {REFUSED_FROM:,} are taken.",
            "Shorten it: an interview answer has 100 to 300 words.",
        )
    head = answer[: MAX_CHARACTERS + 1]
    last = next(islice(_WORD.finditer(head), MAX_WORDS, None), None)
    end = min(last.start() if last else len(head), MAX_CHARACTERS)
    if not answer[end:].strip():
        return answer[:end], ()
    words = len(answer[:end].split())
    return answer[:end], (f"The answer is very long: only its first {words:,} words were graded.",)
