"""The learner's routing.yaml: what it says, and what is wrong with it."""

from __future__ import annotations

import pytest

from labs import handouts
from labs.routing_plan import MAILBOXES, WORK, Rule, parse

GOOD = handouts.text(10, "reference/routing.yaml")


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_the_template_routes_everything_the_wrong_way_round_and_has_no_other_fault() -> None:
    template, reference = parse(handouts.text(10, "routing.yaml")), parse(GOOD)
    assert (template.faults, reference.faults) == ((), ())
    assert set(template.systems) == set(reference.systems) == set(WORK)
    assert all(template.systems[work] != reference.systems[work] for work in WORK)
    assert set(template.bindings) == set(MAILBOXES)


def test_a_binding_is_a_key_or_headers_or_a_list_of_them() -> None:
    headers = parse(changed('urgent: "*.*.urgent"', "urgent: {x-match: all, urgency: urgent}"))
    assert headers.bindings["urgent"] == (Rule("", {"x-match": "all", "urgency": "urgent"}),)
    several = parse(changed('urgent: "*.*.urgent"', 'urgent: ["de.*.urgent", "at.*.urgent"]'))
    assert several.bindings["urgent"] == (Rule("de.*.urgent"), Rule("at.*.urgent"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "two parts"),
        ("- a\n- b", "two parts"),
        ("work: [", "line 1"),
        ("work: {a: 1", "line 1"),
        ("\x00", "no YAML"),
        ("a: 2026-99-99", "no YAML"),
        ("[" * 3000, "no YAML"),
        (changed("work:", "works:"), "did you mean work?"),
        (changed("  jobs:", "  job:"), "did you mean jobs?"),
        (changed("  jobs:", "  job:"), "jobs is missing"),
        (changed("jobs: rabbitmq", "jobs: redis"), "it must be kafka or rabbitmq"),
        (changed("jobs: rabbitmq", "jobs: [kafka]"), "jobs goes to `a list`"),
        (changed("exchange: topic", "exchange: consistent"), "it must be direct"),
        (changed('"de.#"', "#"), "# begins a comment"),
        (changed('"de.#"', "[[de]]"), "neither a routing key nor headers"),
        (changed('"de.#"', str([f"k{n}" for n in range(30)])), "20 are enough"),
        (changed('"de.#"', "x" * 300), "neither a routing key"),
        (changed("germany:", "germani:"), "did you mean germany?"),
        ("work: 1\nproof: 2", "five lines"),
        ("work: 1\nproof: 2", "an exchange and bindings"),
        ("work: {}\nproof: {bindings: 3, more: 4}", "a line for each mailbox"),
    ],
)
def test_what_is_wrong_is_said(text: str, fault: str) -> None:
    faults = parse(text).faults
    assert any(fault in said for said in faults), faults


def test_aliases_of_aliases_fill_no_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    plan = parse("\n".join([*lines, "work: {jobs: *a11}", "proof: {exchange: *a11, bindings: {germany: *a11}}"]))
    assert sum(map(len, plan.faults)) < 5000
