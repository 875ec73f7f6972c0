"""Negations, turned-round sentences and what keeps an answer from passing."""

from __future__ import annotations

import random

import pytest

from tutor.grading.passing import enumerates
from tutor.grading.polarity import contradictions, emphatic, framed, negated, opposite, polar_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Order is kept.", ["+order", "+kept"]),
        ("Order is not kept, it is lost.", ["+order", "-kept", "+lost"]),
        ("It doesn't delete but keeps.", ["-delete", "+keep"]),
        ("It is wrong that reading deletes data.", ["-read", "-delet", "-data"]),
        ("It's wrong that it never moves.", ["+mov"]),
    ],
)
def test_words_know_whether_they_are_negated(text: str, words: list[str]) -> None:
    assert [word[:4] for word in polar_words(text)] == [word[:4] for word in words]


def test_only_a_sentence_and_its_opposite_contradict_each_other() -> None:
    said = "Kafka keeps the order within one partition."
    assert contradictions([said, "So use a key.", "Kafka does not keep the order within one partition."]) == {0, 2}
    assert contradictions([said, said]) == frozenset()
    assert contradictions(["It is on.", "It is not on."]) == frozenset()


@pytest.mark.parametrize("seed", range(8))
def test_an_opposite_has_other_polarity(seed: int) -> None:
    for text in (
        "The group is waiting at the end.",
        "The broker doesn't delete it.",
        "There is no order between them.",
    ):
        turned = opposite(text, random.Random(seed))
        assert turned != text
        assert negated(turned) != negated(text) or framed(turned)


def test_signs_of_turned_round_claims() -> None:
    assert emphatic("Reading does delete anything.") and not emphatic("How does Kafka keep it? It does not.")
    assert framed("It's a myth that a commit removes data.") and not framed("It is true that it stays.")


def test_names_in_padded_sentences_are_no_claims() -> None:
    assert enumerates(
        ["This has to do with keys, with order and with the group.", "I look at lag, offsets and also members."]
    )
    assert not enumerates(
        ["The group resumes from its committed offset, so old records are not read again after a restart."]
    )
    assert not enumerates(["key -> same partition, no key -> sticky; add partitions -> mapping changes"])
