"""What a lab needs, what a cluster has, and the words for what is missing."""

from __future__ import annotations

import pytest

from labs import catalog, fitness
from labs.broker.capabilities import EVERY, EVERYTHING, NAMES, OFFSETS_TOPIC, AtMost, Capabilities, Needs, Right, judge

THEIRS = Capabilities("4.3", 3, can_kill=False, settings={}, own=False)
LIMIT = Needs(settings=(AtMost("group.min.session.timeout.ms", 5000, "its members say so"),))


def test_a_cluster_that_was_started_for_a_lab_has_all() -> None:
    assert not any(fitness.verdict(catalog.info(number), EVERYTHING).cannot for number in catalog.numbers())


def test_what_a_cluster_has_not_is_told_with_its_reason() -> None:
    assert judge(Needs(brokers=3, kills=True), THEIRS).cannot == (
        "It kills a broker with SIGKILL, and brokers of a cluster of yours are not touched.",
    )
    one = Capabilities("4.3", 1, can_kill=False, settings={}, own=False)
    assert judge(Needs(brokers=3), one).cannot == ("It needs 3 brokers, and the cluster has 1 broker.",)


@pytest.mark.parametrize(
    ("value", "cannot", "doubts"), [("5000", 0, 0), ("6000", 1, 0), (None, 0, 1), ("strange", 0, 1)]
)
def test_a_setting_that_is_too_high_is_a_reason_and_an_unknown_one_a_doubt(
    value: str | None, cannot: int, doubts: int
) -> None:
    settings = {} if value is None else {"group.min.session.timeout.ms": value}
    found = judge(LIMIT, Capabilities("4.3", 3, False, settings, own=False))
    assert (len(found.cannot), len(found.doubts)) == (cannot, doubts)
    assert all("because its members say so." in text for text in (*found.cannot, *found.doubts))


def test_only_rights_that_the_lab_uses_count() -> None:
    alter = Right("Alter", "topic", NAMES)
    without = Capabilities("4.3", 3, False, {}, False, missing=(alter,))
    assert judge(Needs(), without).cannot == ()
    assert judge(Needs(rights=(alter,)), without).rights == (alter,)
    assert judge(Needs(), Capabilities("4.3", 3, False, {}, False, missing=EVERY)).rights == EVERY


@pytest.mark.parametrize(
    ("right", "rule"),
    [
        (Right("Delete", "group", NAMES), "--operation Delete --group kt- --resource-pattern-type prefixed"),
        (Right("Read", "topic", OFFSETS_TOPIC), "--operation Read --topic __consumer_offsets"),
        (Right("Describe", "cluster"), "--operation Describe --cluster"),
    ],
)
def test_the_command_that_gives_a_right(right: Right, rule: str) -> None:
    assert right.rule("bob") == f"kafka-acls --add --allow-principal User:bob {rule}"


def test_production_defaults_keep_out_the_labs_that_count_on_quick_ones() -> None:
    settings = {
        "group.initial.rebalance.delay.ms": "3000",
        "group.min.session.timeout.ms": "6000",
        "log.retention.check.interval.ms": "300000",
        "log.cleaner.backoff.ms": "15000",
    }
    found = Capabilities("4.3", 3, False, settings, False)
    runs = [number for number in catalog.numbers() if not fitness.verdict(catalog.info(number), found).cannot]
    assert runs == [1, 2, 3, 5, 8, 9, 10]
