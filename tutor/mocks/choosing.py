"""Which scenarios are asked, and why: by turns what is weakest, what is due, and what was never seen."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tutor.mocks.levels import FOLLOW_UP_MINUTES, STANDARDS
from tutor.mocks.values import Chosen, Level
from tutor.scenarios.model import DIMENSIONS, Dimension
from tutor.text import counted

WEAKEST = 2
"""So many dimensions count as the weakest."""


class Standing(msgspec.Struct, frozen=True):
    """Where the learner stands with one scenario."""

    scenario: int
    minutes: int
    """Time an interview gives its question."""
    last: float | None = None
    """Score of the last answer; None where it was never answered."""
    dimensions: Mapping[Dimension, float] = {}
    """Scores of the last answer."""
    due: int = 0
    """Cards of it that are due."""
    asked_last: bool = False
    """It was asked in the last mock interview."""


Weakest = Mapping[Dimension, float]


def choose(standings: Sequence[Standing], level: Level, minutes: int, dice: random.Random) -> tuple[Chosen, ...]:
    """As many questions as the time has room for, at least one; none where there are no scenarios.

    What was asked in the last mock comes after everything else. `dice` decides where nothing else does.
    """
    shuffled = list(standings)
    dice.shuffle(shuffled)
    weak, room = weakest(standings), float(minutes)
    again = [standing for standing in shuffled if standing.asked_last]
    others = [standing for standing in shuffled if not standing.asked_last]
    taken: list[Standing] = []
    for standing in (*_by_turns(others, level, weak), *_by_turns(again, level, weak)):
        cost = need(standing, level)
        if taken and cost > room:
            continue
        taken.append(standing)
        room -= cost
    whole = sum(need(standing, level) for standing in taken) or 1.0
    return tuple(
        Chosen(
            number,
            one.scenario,
            round(minutes * need(one, level) / whole, 1),
            tuple(reasons(one, level, weak)) or _REST,
        )
        for number, one in enumerate(taken, 1)
    )


_REST = ("Nothing of it is due or weak: asked to keep it fresh.",)


def need(standing: Standing, level: Level) -> float:
    """Minutes that a question takes with its follow-ups."""
    return standing.minutes + FOLLOW_UP_MINUTES * STANDARDS[level].follow_ups


def weakest(standings: Sequence[Standing]) -> Weakest:
    """The weakest dimensions over all last answers, with their means, weakest first."""
    means = {}
    for dimension in DIMENSIONS:
        scores = [one.dimensions[dimension] for one in standings if dimension in one.dimensions]
        if scores:
            means[dimension] = sum(scores) / len(scores)
    ordered = sorted(means.items(), key=lambda pair: pair[1])[:WEAKEST]
    return dict(ordered)


def _by_turns(standings: Sequence[Standing], level: Level, weak: Weakest) -> Iterator[Standing]:
    """The first of each kind, then the second of each, and so on; then the rest."""
    left = list(standings)
    while left:
        before = len(left)
        for pick in (_weakest_of, _due_of, _unseen_of):
            found = pick(left, level, weak)
            if found is not None:
                left.remove(found)
                yield found
        if len(left) == before:
            yield from sorted(left, key=lambda one: one.last or 0.0)
            return


def _weakest_of(left: Sequence[Standing], level: Level, weak: Weakest) -> Standing | None:
    seen = [one for one in left if one.last is not None and _is_weak(one, level, weak)]
    return min(seen, key=lambda one: _weakness(one, weak), default=None)


def _weakness(one: Standing, weak: Weakest) -> float:
    """The score in the weakest dimensions, and in all where it has none of them."""
    scores = [one.dimensions[dimension] for dimension in weak if dimension in one.dimensions]
    return sum(scores) / len(scores) if scores else (one.last or 0.0)


def _is_weak(one: Standing, level: Level, weak: Weakest) -> bool:
    bar = STANDARDS[level].hire
    return (one.last or 0.0) < bar or any(one.dimensions.get(dimension, bar) < bar for dimension in weak)


def _due_of(left: Sequence[Standing], level: Level, weak: Weakest) -> Standing | None:
    due = [one for one in left if one.due]
    return max(due, key=lambda one: one.due, default=None)


def _unseen_of(left: Sequence[Standing], level: Level, weak: Weakest) -> Standing | None:
    return next((one for one in left if one.last is None), None)


def reasons(one: Standing, level: Level, weak: Weakest) -> Iterator[str]:
    """Why a scenario is worth asking, a sentence each."""
    bar = STANDARDS[level].hire
    if one.last is None:
        yield "You have never answered it."
    elif one.last < bar:
        yield f"Your last answer scored {one.last:.1f}, and {level} needs {bar:.1f}."
    low = [(name, one.dimensions[name]) for name in weak if one.dimensions.get(name, bar) < bar]
    if low:
        said = " and ".join(f"{name} ({score:.1f} here)" for name, score in low)
        yield f"Weakest of your dimensions: {said}."
    if one.due:
        yield f"{counted(one.due, 'card')} of it {'is' if one.due == 1 else 'are'} due."
