"""The simulation: seeded, at equal workload, and SM-2 as published."""

from __future__ import annotations

import pytest

from tutor.review.simulate import MODELS, at_equal_workload, lines
from tutor.review.sm2 import Sm2, repeated


def test_sm2_as_published() -> None:
    card, intervals = Sm2(), []
    for _ in range(5):
        card = repeated(card, 3)
        intervals.append(card.interval)
    assert intervals == [1, 6, 15, 38, 95] and card.ease == 2.5
    failed = repeated(card, 1)
    assert (failed.interval, failed.repetitions) == (1, 0) and failed.ease == pytest.approx(2.18)
    for _ in range(9):
        failed = repeated(failed, 1)
    assert failed.ease == 1.3


@pytest.mark.parametrize("model", MODELS)
def test_both_ask_about_as_often_and_the_same_seed_gives_the_same_figures(model: str) -> None:
    plain, modern, aim = at_equal_workload(model, 30, 60, 1)
    assert 0.8 * plain.reviews <= modern.reviews <= plain.reviews and 0.6 <= aim <= 0.99
    assert 0.4 < plain.retention < 1 and 0.4 < modern.retention < 1
    assert (plain, modern, aim) == at_equal_workload(model, 30, 60, 1)
    assert plain != at_equal_workload(model, 30, 60, 2)[0]


def test_the_table() -> None:
    found = lines(10, 30, [1])
    assert len(found) == 3 + 2 * len(MODELS) and "SM-2" in found[3] and "FSRS-6 at" in found[4]
