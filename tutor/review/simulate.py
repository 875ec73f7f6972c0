"""`python -m tutor.review.simulate`: recall with FSRS-6 and with plain SM-2 at the same number of reviews, seeded.

Each learner has cards of different difficulty, a tenth of them new each day at the beginning. Both schedulers meet the
same learners; FSRS's aim is set so that it asks as often as SM-2 does, never more. No
scheduler sees the memory model, and there are two of them, since a scheduler looks best on its own:

fsrs    the forgetting curve of FSRS-6, each card with parameters of its own, far from the defaults
act-r   Pavlik and Anderson's activation: every repetition leaves a trace that decays with a power of time, faster the
        more active the memory was, with a decay of each card's own
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import fsrs

from tutor.review.cards import Rating
from tutor.review.sm2 import Sm2, repeated

START = datetime(2026, 1, 1, tzinfo=UTC)
LOWEST, HIGHEST = 0.60, 0.99
"""Aims of FSRS that are tried."""
SPREAD = 10
"""New cards come in over so many days."""
FIRST = 0.5
"""How likely the first answer is right: the card is there because the learner had missed it."""


class Memory(Protocol):
    """One card in one learner's head."""

    def recall(self, day: int) -> float:
        """How likely it is remembered."""

    def repeat(self, day: int, rating: Rating) -> None:
        """It was asked, and answered so well."""


class FsrsMemory:
    """FSRS's own curve, with parameters of the card's own: forgotten faster or slower than the scheduler thinks."""

    def __init__(self, dice: random.Random) -> None:
        self._truth = fsrs.Scheduler(
            parameters=_parameters(dice), learning_steps=(), relearning_steps=(), enable_fuzzing=False
        )
        self._card = fsrs.Card(card_id=1, due=START)

    def recall(self, day: int) -> float:
        """Its curve."""
        return self._truth.get_card_retrievability(self._card, START + timedelta(days=day))

    def repeat(self, day: int, rating: Rating) -> None:
        """Update the stability."""
        self._card, _ = self._truth.review_card(self._card, fsrs.Rating(rating), START + timedelta(days=day))


def _parameters(dice: random.Random) -> list[float]:
    """The defaults, with first stabilities a third to three times as long, and growth by up to a half more or less."""
    own = list(fsrs.scheduler.DEFAULT_PARAMETERS)
    first = math.exp(dice.uniform(-1.1, 1.1))
    own[:4] = [value * first for value in own[:4]]
    own[8] += math.log(dice.uniform(0.5, 1.5))
    return own


class ActrMemory:
    """Activation from traces; parameters as published, time between sittings counted at a fortieth."""

    SCALE, DECAY, THRESHOLD, NOISE = 0.025, 0.217, -0.704, 0.255

    def __init__(self, dice: random.Random) -> None:
        self._own = 0.177 + dice.uniform(-0.06, 0.06)
        self._traces: list[tuple[float, float]] = []

    def _activation(self, day: int) -> float:
        now = day * 86400 * self.SCALE
        strengths = [max(now - at, 1.0) ** -decay for at, decay in self._traces]
        return math.log(sum(strengths)) if strengths else -math.inf

    def recall(self, day: int) -> float:
        """Logistic in the activation."""
        exponent = (self.THRESHOLD - self._activation(day)) / self.NOISE
        return 0.0 if exponent > 700 else 1.0 / (1.0 + math.exp(exponent))

    def repeat(self, day: int, rating: Rating) -> None:
        """Leave a trace; the answer is read either way."""
        decay = self.DECAY * math.exp(self._activation(day)) + self._own if self._traces else self._own
        self._traces.append((day * 86400 * self.SCALE, decay))


MODELS: dict[str, Callable[[random.Random], Memory]] = {"fsrs": FsrsMemory, "act-r": ActrMemory}


class Scheduler(Protocol):
    """What is compared: says after each answer in how many days the card comes back."""

    def next(self, day: int, rating: Rating) -> int:
        """Days."""


class WithSm2:
    """Plain SM-2."""

    def __init__(self) -> None:
        self._card = Sm2()

    def next(self, day: int, rating: Rating) -> int:
        """Days."""
        self._card = repeated(self._card, rating)
        return max(self._card.interval, 1)


class WithFsrs:
    """FSRS-6 with one aim; whole days only, as SM-2."""

    def __init__(self, aim: float) -> None:
        self._scheduler = fsrs.Scheduler(
            desired_retention=aim, learning_steps=(), relearning_steps=(), enable_fuzzing=False
        )
        self._card = fsrs.Card(card_id=1, due=START)

    def next(self, day: int, rating: Rating) -> int:
        """Days."""
        now = START + timedelta(days=day)
        self._card, _ = self._scheduler.review_card(self._card, fsrs.Rating(rating), now)
        return max((self._card.due - now).days, 1)


class Outcome(NamedTuple):
    """What a series of learners showed."""

    reviews: int
    retention: float
    """Recall of all cards, over all days from the tenth on."""
    at_end: float
    """Recall of all cards on the last day."""


def run(model: str, make: Callable[[], Scheduler], cards: int, days: int, seed: int) -> Outcome:
    """Let one card after the other live through the days."""
    lives = [_live(MODELS[model], make(), number, days, seed) for number in range(cards)]
    recalls = [recall for _, seen in lives for recall in seen]
    return Outcome(
        reviews=sum(reviews for reviews, _ in lives),
        retention=sum(recalls) / len(recalls),
        at_end=sum(seen[-1] for _, seen in lives) / cards,
    )


def _live(
    model: Callable[[random.Random], Memory], scheduler: Scheduler, number: int, days: int, seed: int
) -> tuple[int, list[float]]:
    """One card: how often it was asked, and its recall on every day after all cards had come in."""
    memory, luck = model(random.Random(f"{seed} {number}")), random.Random(f"{seed} {number} luck")
    due, reviews, seen = number % SPREAD, 0, []
    for day in range(days):
        if day == due:
            rating = _rating(memory.recall(day) if reviews else FIRST, luck)
            memory.repeat(day, rating)
            due, reviews = day + scheduler.next(day, rating), reviews + 1
        if day >= SPREAD:
            seen.append(memory.recall(day))
    return reviews, seen


def _rating(recall: float, luck: random.Random) -> Rating:
    """Wrong is `again`; right is `hard` where it was a near thing, `easy` where it was hardly in doubt."""
    if luck.random() >= recall:
        return 1
    return 2 if recall < 0.7 else 4 if recall > 0.97 else 3


def at_equal_workload(model: str, cards: int, days: int, seed: int) -> tuple[Outcome, Outcome, float]:
    """SM-2, FSRS that asks as often, and the aim with which it does."""
    plain = run(model, WithSm2, cards, days, seed)
    low, high = LOWEST, HIGHEST
    for _ in range(7):
        middle = (low + high) / 2
        asked = run(model, lambda aim=middle: WithFsrs(aim), cards, days, seed).reviews  # type: ignore[misc]
        low, high = (middle, high) if asked <= plain.reviews else (low, middle)
    return plain, run(model, lambda: WithFsrs(low), cards, days, seed), low


def lines(cards: int, days: int, seeds: Sequence[int]) -> list[str]:
    """The table."""
    head = f"{'memory':<7} {'seed':>4}  {'scheduler':<14} {'reviews':>8} {'retention':>10} {'on the last day':>16}"
    table = [f"{cards} cards, {days} days", "", head]
    for model in MODELS:
        for seed in seeds:
            plain, modern, aim = at_equal_workload(model, cards, days, seed)
            for name, outcome in (("SM-2", plain), (f"FSRS-6 at {aim:.2f}", modern)):
                figures = f"{outcome.reviews:>8} {outcome.retention:>10.1%} {outcome.at_end:>16.1%}"
                table.append(f"{model:<7} {seed:>4}  {name:<14} {figures}")
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tutor.review.simulate", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--cards", type=int, default=200)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    sys.stdout.write("\n".join(lines(asked.cards, asked.days, range(1, asked.seeds + 1))) + "\n")


if __name__ == "__main__":
    main()
