"""`python -m tutor.store.bench [--reviews 100000]`: the due list and the progress over many reviews, with their medians.

The file is made for it, in a directory of its own: cards of every pack (each several times over, under numbers of their
own), and reviews of two years by FSRS's own schedule.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tutor.grading.types import GraderId, Span
from tutor.review.cards import RATINGS, Card, NewCard, Rating, Review, Schedule, Verdict
from tutor.review.days import day_of
from tutor.review.schedule import answered
from tutor.scenarios.model import Scenario
from tutor.scenarios.packs import load_all
from tutor.sessions.progress import progress
from tutor.sessions.review import queue
from tutor.store import review_rows as sql
from tutor.store.rows import stamp
from tutor.store.sqlite import SqliteStore

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CARDS = 2000
RUNS = 15
VERDICT = Verdict(True, "covered", (Span(0, 40),), 0.9, True, GraderId("model", "3f2a91c0"))
ANSWER = "The group resumes from its committed offset, which is already at the end of every partition. " * 3


def fill(store: SqliteStore, reviews: int, cards: int = CARDS, seed: int = 1) -> list[Scenario]:
    """Cards and reviews, in one transaction; returns the scenarios that they belong to."""
    packs = [pack.scenario for pack in load_all().packs]
    new = [NewCard(pack.id, point.id, "point") for pack in packs for point in pack.points]
    dice = random.Random(seed)
    with store.database.write() as connection:
        for number in range(cards):
            card = new[number % len(new)]
            copy = number // len(new) * 1000  # under another scenario's number: a scenario has one card of each
            row = (card.scenario + copy, card.target, card.kind, stamp(NOW - timedelta(days=730)), None, stamp(NOW))
            connection.execute(sql.INSERT_CARD, row)
        for card_ in [sql.card(row) for row in connection.execute(sql.SELECT_CARDS)]:
            history, schedule = _history(card_, reviews // cards, dice)
            connection.executemany(sql.INSERT_REVIEW, [sql.review_values(review) for review in history])
            connection.execute(sql.UPDATE_SCHEDULE, sql.schedule_values(card_.id, schedule, 0))
    return packs


def _history(card: Card, count: int, dice: random.Random) -> tuple[list[Review], Schedule]:
    schedule, at = card.schedule, NOW - timedelta(days=dice.uniform(400, 730))
    made: list[Review] = []
    pace = (NOW - at) / (count + 1)
    for _ in range(count):
        rating: Rating = dice.choices(RATINGS, (2, 2, 5, 1))[0]
        made.append(Review(0, card.id, at, day_of(at, UTC), rating, rating, 61.5, 0, ANSWER, VERDICT, schedule))
        schedule = answered(schedule, rating, at)
        at += pace * dice.uniform(0.5, 1.5)
    return made, schedule


def median_ms(call: Callable[[], object]) -> tuple[float, float]:
    """Median time of a call: on the wall, and of the processor (what a busy machine leaves alone)."""
    walls, busy = [], []
    for _ in range(RUNS):
        begun, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
    return statistics.median(walls), statistics.median(busy)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tutor.store.bench", description=__doc__)
    parser.add_argument("--reviews", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-bench-") as folder:
        path = Path(folder) / "tutor.db"
        with SqliteStore.open(path) as store:
            packs = fill(store, asked.reviews)
            count = store.database.rows("SELECT count(*) FROM reviews")[0][0]
            figures = {
                "due list": median_ms(lambda: queue(store, packs, NOW, UTC)),
                "progress": median_ms(lambda: progress(store, NOW, UTC)),
            }
            due = queue(store, packs, NOW, UTC)
        size = path.stat().st_size / 1e6
    sys.stdout.write(
        f"{count:,} reviews of {CARDS:,} cards, {size:.0f} MB; {due.ready + due.waiting} askable cards due\n"
    )
    for name, (wall, cpu) in figures.items():
        sys.stdout.write(f"{name:<10} {wall:7.1f} ms, {cpu:7.1f} ms of the processor (medians of {RUNS})\n")


if __name__ == "__main__":
    main()
