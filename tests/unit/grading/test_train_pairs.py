"""The pairs that the cross-encoder is trained on."""

from __future__ import annotations

import dataclasses
import random
import re

import pytest

from tutor.grading.corpus import Passage, Statement
from tutor.grading.train import pairs as train_pairs
from tutor.grading.train.pairs import ASSERTS, DENIES, NEITHER, Material, epoch

DEFINITIONS = {1: {"a": "A holds.", "b": "B holds.", "m_c": "C holds."}, 2: {"z": "Zed holds here."}}
MATERIAL = Material(
    definitions=DEFINITIONS,
    questions={1: "What holds? And why?", 2: "What else?"},
    statements=[Statement(1, "a", "assert", "Surely a is so.", also_deny=("m_c",)), Statement(1, "b", "deny", "No b.")],
    passages=[Passage(1, "A passage.", ("a",), ("b",))],
    fillers=["Well."],
)


def test_labels_become_pairs_with_their_stance() -> None:
    pairs = epoch(MATERIAL, random.Random(1))
    passage = {pair.definition: pair.stance for pair in pairs if pair.text == "A passage."}
    assert passage == {"A holds.": ASSERTS, "B holds.": DENIES, "C holds.": NEITHER}
    assert any(pair.definition == "Zed holds here." and pair.stance == NEITHER for pair in pairs)
    said = [p for p in pairs if "Surely a is so." in p.text and p.definition == "A holds." and p.weight == 2.0]
    assert said and all(pair.stance == ASSERTS for pair in said)


def test_the_same_seed_makes_the_same_pairs() -> None:
    assert epoch(MATERIAL, random.Random(7)) == epoch(MATERIAL, random.Random(7)) != epoch(MATERIAL, random.Random(8))


def test_a_stance_that_no_label_knows_is_no_negative() -> None:
    lone = dataclasses.replace(MATERIAL, statements=MATERIAL.statements[1:], passages=(), fillers=())
    for stance in (None, ASSERTS):
        found = dataclasses.replace(lone, missing={("No b.", "a"): stance})
        for seed in range(20):
            pairs = [p for p in epoch(found, random.Random(seed)) if p.weight == 0.6 and "No b." in p.text]
            assert "A holds." not in {pair.definition for pair in pairs}


def test_some_texts_are_written_in_a_hurry_and_claim_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_pairs, "NOISY", 1.0)
    text = "The broker does not send the records to another consumer of this group, however long it takes."
    passages = [Passage(1, text, ("a",))]
    material = dataclasses.replace(MATERIAL, statements=(), passages=passages, fillers=())
    seen = {pair.text for seed in range(30) for pair in epoch(material, random.Random(seed)) if "group" in pair.text}
    assert len(seen) > 10
    assert all(re.search(r"\bdoes not\b", typed) for typed in seen)
    assert all(abs(len(typed) - len(text)) <= 5 for typed in seen)
