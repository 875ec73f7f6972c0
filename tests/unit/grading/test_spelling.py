"""Typos: what is mended, and what is left as it is typed."""

from __future__ import annotations

import pytest

from tutor.grading import resources
from tutor.grading.spelling import Spelling, words_of

OWN = words_of(["The committed offset of a partition", "Rebalance of consumers", "auto.offset.reset"])


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return resources.shipped().spelling()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("the commited ofset", "the committed offset"),  # a letter lost
        ("a partittion, a rebalnace.", "a partition, a rebalance."),  # doubled, swapped
        ("(Beacuse it shuold)", "(Because it should)"),
        ("“exisitng”: alredy!", "“existing”: already!"),
    ],
)
def test_a_slip_of_the_finger_is_mended(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.mend(typed, OWN) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "auto.ofset.reset=latest max.pol.records",  # settings mean what they say
        "kafka-consumer-group, group_id, ofset2, OFSET, enableAutoComit",
        "We were rebalancing; a rebalance reassigns partitions, never uncommitted ones.",  # forms of known words
        "throughput, schema, serialise, analyses, caching, stopping",
        "teh isr acks",  # too short to tell
        "xqzvw blorptk",  # like nothing
    ],
)
def test_everything_else_stays_as_it_is(spelling: Spelling, text: str) -> None:
    assert spelling.mend(text, OWN) == text


def test_a_word_of_the_rubric_is_meant_before_a_common_one() -> None:
    spelling = Spelling(["petitions"])
    assert spelling.mend("patitions", frozenset()) == "petitions"
    assert spelling.mend("patitions", words_of(["partitions"])) == "partitions"


def test_hardly_a_word_of_good_answers_is_taken_for_a_typo(spelling: Spelling) -> None:
    from tutor.grading.calibrate import shipped_scenarios
    from tutor.grading.corpus import read

    answers = [answer for answer in read(resources.shipped().data).answers if answer.kind == "strong"]
    own = {
        number: words_of([s.situation, *(p.definition for p in s.points)]) for number, s in shipped_scenarios().items()
    }
    words = [(word, own[answer.scenario]) for answer in answers for word in answer.answer.split()]
    changed = {word: new for word, known in words if (new := spelling.mend(word, known)) != word}
    assert len(answers) > 20 and len(changed) < len(words) / 200, changed
