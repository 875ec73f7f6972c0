"""What a level asks for: how many follow-ups, at which spots, and what makes a hire."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tutor.mocks.values import Level
from tutor.scenarios.model import Dimension


class Standard(msgspec.Struct, frozen=True):
    """The bar of one level. Scores are means over the questions, 0 to 10."""

    follow_ups: int
    """To each question, at most."""
    musts_only: bool
    """Follow-ups go to points that must be there and to wrong beliefs only."""
    hire: float
    strong: float
    floors: Mapping[Dimension, float]
    """What these dimensions must reach, each."""
    text: str
    """For the learner: what it changes."""


STANDARDS: dict[Level, Standard] = {
    "junior": Standard(1, True, 4.0, 6.0, {}, "one follow-up, to what must be there; a hire from 4.0"),
    "mid": Standard(1, False, 5.0, 7.0, {}, "one follow-up; a hire from 5.0"),
    "senior": Standard(
        2,
        False,
        6.0,
        8.0,
        {"debugging": 4.0, "trade-offs": 3.0},
        "two follow-ups; a hire from 6.0, with debugging from 4.0 and trade-offs from 3.0",
    ),
    "staff": Standard(
        3,
        False,
        7.0,
        8.5,
        {"debugging": 5.0, "trade-offs": 5.0, "judgement": 5.0},
        "three follow-ups; a hire from 7.0, with debugging, trade-offs and judgement from 5.0",
    ),
}
"""A senior passes where an answer passes everywhere else in the program (`PASS_SCORE`)."""
FOLLOW_UP_MINUTES = 2.0
"""What the plan gives a follow-up."""
