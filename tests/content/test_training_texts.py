"""The labelled passages: every label is an id of the rubric."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor.grading import calibrate, resources
from tutor.grading.corpus import Passage, read_rows
from tutor.grading.reading import definitions

DATA = resources.shipped().data
FILES = sorted((DATA / "passages").glob("*.jsonl"))


@pytest.fixture(scope="module")
def ids() -> dict[int, set[str]]:
    return {number: {item.id for item in definitions(s)} for number, s in calibrate.shipped_scenarios().items()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_label_is_an_id_of_the_rubric(file: Path, ids: dict[int, set[str]]) -> None:
    rows = read_rows(file, Passage)
    assert {row.scenario for row in rows} == {int(file.stem[1:])}
    for row in rows:
        assert {*row.asserts, *row.denies} <= ids[row.scenario], row.text
        assert not set(row.asserts) & set(row.denies), row.text
    assert len({row.text for row in rows}) == len(rows)
