from __future__ import annotations

import random
from collections import Counter

import pytest

from tutor.mocks.choosing import Standing, choose, weakest
from tutor.mocks.levels import STANDARDS
from tutor.mocks.values import LEVELS

LOW = {"cause": 8.0, "debugging": 2.0, "trade-offs": 1.0}


def new(number: int, **more: object) -> Standing:
    return Standing(number, 8, **more)  # type: ignore[arg-type]


def chosen(standings: list[Standing], level: str = "senior", minutes: int = 45, seed: int = 1) -> list[int]:
    return [one.scenario for one in choose(standings, level, minutes, random.Random(seed))]  # type: ignore[arg-type]


def test_by_turns_what_is_weak_what_is_due_and_what_is_new() -> None:
    standings = [
        new(1, last=8.5, dimensions={"cause": 9.0}),
        new(2, last=3.2, dimensions=LOW),
        new(3, last=7.0, dimensions={"cause": 7.0}, due=4),
        new(4, last=6.5, dimensions={"cause": 6.5}, due=1),
        new(5),
    ]
    assert chosen(standings) == [2, 3, 5]
    assert chosen(standings, minutes=60) == [2, 3, 5, 4, 1]


def test_every_question_says_why() -> None:
    standings = [new(1, last=3.2, dimensions=LOW, due=1), new(2, due=3), new(3, last=9.0)]
    found = {one.scenario: one.reasons for one in choose(standings, "senior", 120, random.Random(1))}
    assert found[1] == (
        "Your last answer scored 3.2, and senior needs 6.0.",
        "Weakest of your dimensions: trade-offs (1.0 here) and debugging (2.0 here).",
        "1 card of it is due.",
    )
    assert found[2] == ("You have never answered it.", "3 cards of it are due.")
    assert found[3] == ("Nothing of it is due or weak: asked to keep it fresh.",)


def test_the_level_moves_the_bar_and_the_number_of_questions() -> None:
    standings = [new(1, last=4.5, dimensions={"cause": 4.5}), *(new(n) for n in range(2, 9))]
    assert chosen(standings, "mid")[0] == 1
    assert chosen(standings, "junior")[0] != 1
    counts = [len(chosen(standings, level)) for level in LEVELS]
    assert counts == [4, 4, 3, 3]


def test_what_the_last_mock_asked_comes_after_everything_else() -> None:
    standings = [new(1, last=1.0, dimensions=LOW, asked_last=True), new(2), new(3), new(4)]
    for seed in range(5):
        assert 1 not in chosen(standings, seed=seed)
    assert chosen(standings, minutes=240)[-1] == 1


def test_a_new_learner_gets_other_questions_with_other_dice_and_the_same_with_the_same() -> None:
    standings = [new(number) for number in range(1, 11)]
    assert chosen(standings, seed=3) == chosen(standings, seed=3)
    met = Counter(number for seed in range(60) for number in chosen(standings, seed=seed))
    assert set(met) == set(range(1, 11)) and max(met.values()) < 3 * min(met.values())


@pytest.mark.parametrize(("minutes", "count"), [(5, 1), (12, 1), (24, 2), (36, 3), (240, 10)])
def test_as_many_as_there_is_time_for_and_the_time_is_shared_out(minutes: int, count: int) -> None:
    found = choose([new(number) for number in range(1, 11)], "senior", minutes, random.Random(1))
    assert len(found) == count and [one.position for one in found] == list(range(1, count + 1))
    assert sum(one.minutes for one in found) == pytest.approx(minutes, abs=0.1 * count)


def test_without_scenarios_there_is_nothing_to_ask() -> None:
    assert choose([], "staff", 45, random.Random(1)) == ()


def test_the_weakest_dimensions_are_means_over_the_last_answers() -> None:
    found = weakest([new(1, dimensions={"cause": 2.0, "fixes": 4.0}), new(2, dimensions={"cause": 8.0}), new(3)])
    assert found == {"fixes": 4.0, "cause": 5.0}


def test_the_bar_rises_with_the_level() -> None:
    bars = [STANDARDS[level].hire for level in LEVELS]
    assert bars == sorted(bars) and all(STANDARDS[level].strong > STANDARDS[level].hire for level in LEVELS)
    assert [STANDARDS[level].follow_ups for level in LEVELS] == [1, 1, 2, 3]
