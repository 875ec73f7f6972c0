"""What a card asks, the hints it can give, and what is right: all of it from the rubric."""

from __future__ import annotations

import msgspec

from tutor.review.cards import Card
from tutor.scenarios.model import Misconception, Point, Scenario


class Prompt(msgspec.Struct, frozen=True):
    """A card as the learner meets it."""

    title: str
    """Of the scenario."""
    question: str
    hints: tuple[str, ...]
    """One after the other; with the first one the answer is `hard` at best."""
    right: str
    """What is so; shown after the answer."""
    lab: int | None
    """Where it can be seen; None where no lab shows it."""


def target_of(scenario: Scenario, target: str) -> Point | Misconception | None:
    """The point or misconception of that name; None where the pack has it no more."""
    items: tuple[Point | Misconception, ...] = (*scenario.points, *scenario.misconceptions)
    return next((item for item in items if item.id == target), None)


def prompt_of(scenario: Scenario, card: Card) -> Prompt | None:
    """What to ask; None where the pack no longer has the point or misconception."""
    item = target_of(scenario, card.target)
    if item is None:
        return None
    lab = scenario.lab if item.labs else None
    if isinstance(item, Point):
        words = item.keywords[0].replace(" & ", ", ")
        hints = (f"It is about {item.dimension}, in: {scenario.summary}", f"An answer may have these words: {words}.")
        return Prompt(scenario.title, item.follow_up, hints, item.missed, lab)
    hints = (f"Many get this wrong, in: {scenario.summary}", f"This belief is wrong: {item.definition}")
    return Prompt(scenario.title, item.follow_up, hints, item.correction, lab)
