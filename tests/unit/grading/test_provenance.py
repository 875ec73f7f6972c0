"""The grader's files belong to the rubrics, the data and the code of this tree."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from tutor.grading import calibration, provenance, resources
from tutor.grading.calibrate import shipped_scenarios
from tutor.grading.resources import Resources
from tutor.scenarios.model import Scenario


@pytest.fixture(scope="module")
def scenarios() -> dict[int, Scenario]:
    return shipped_scenarios()


@pytest.fixture
def copy(tmp_path: Path) -> Resources:
    folder = tmp_path / "grader"
    shutil.copytree(resources.shipped().folder, folder)
    return Resources(folder)


def test_everything_has_been_made_since_it_was_last_changed(scenarios: dict[int, Scenario]) -> None:
    found = provenance.stale(resources.shipped(), scenarios)
    assert not found, "\n".join(str(item) for item in found)


def test_a_changed_definition_needs_training_and_calibration(scenarios: dict[int, Scenario]) -> None:
    first = scenarios[1]
    point = msgspec.structs.replace(first.points[0], definition="Something else.")
    other = msgspec.structs.replace(first, points=(point, *first.points[1:]))
    found = provenance.stale(resources.shipped(), {**scenarios, 1: other})
    said = [str(item) for item in found]
    assert any("scenario 1" in line and line.endswith(provenance.TRAIN) for line in said)
    assert any("scenario 1" in line and line.endswith(provenance.CALIBRATE) for line in said)
    assert not any("scenario 2" in line for line in said)


def test_a_new_scenario_needs_training(scenarios: dict[int, Scenario]) -> None:
    eleventh = msgspec.structs.replace(scenarios[1], id=11)
    found = provenance.stale(resources.shipped(), {**scenarios, 11: eleventh})
    assert {item.command for item in found} == {provenance.TRAIN, provenance.CALIBRATE}


def test_a_changed_weight_or_keyword_needs_calibration_only(scenarios: dict[int, Scenario]) -> None:
    first = scenarios[1]
    for change in ({"weight": first.points[0].weight % 5 + 1}, {"keywords": ("other",)}):
        point = msgspec.structs.replace(first.points[0], **change)
        other = msgspec.structs.replace(first, points=(point, *first.points[1:]))
        found = provenance.stale(resources.shipped(), {**scenarios, 1: other})
        assert [item.command for item in found] == [provenance.CALIBRATE]


def test_changed_texts_need_training(scenarios: dict[int, Scenario], copy: Resources) -> None:
    with (copy.data / "statements" / "s01.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"scenario": 1, "point": "log_not_queue", "label": "assert", "text": "It is a log."}\n')
    assert {item.command for item in provenance.stale(copy, scenarios)} == {provenance.TRAIN, provenance.CALIBRATE}


def test_changed_scored_answers_need_calibration(scenarios: dict[int, Scenario], copy: Resources) -> None:
    with (copy.data / "dev_answers.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert [item.command for item in provenance.stale(copy, scenarios)] == [provenance.CALIBRATE]


def test_another_model_needs_its_record_and_a_calibration(scenarios: dict[int, Scenario], copy: Resources) -> None:
    copy.model.write_bytes(copy.model.read_bytes() + b"\0")
    assert [item.file for item in provenance.stale(copy, scenarios)] == ["model.int8.onnx", "calibration.json"]


def test_changed_code_needs_calibration(scenarios: dict[int, Scenario], copy: Resources) -> None:
    fitted = calibration.load(copy.calibration)
    calibration.save(msgspec.structs.replace(fitted, rules="other"), copy.calibration)
    (found,) = provenance.stale(copy, scenarios)
    assert "the code that reads and judges" in found.cause


def test_comments_and_docstrings_are_no_change_of_code() -> None:
    bare = 'def f(a):\n    return a + "# no comment"\n'
    said = '"""Module."""\n\ndef f(a):  # why\n    """What."""\n    return a + "# no comment"  # so\n'
    assert provenance.code_of(said) == provenance.code_of(bare) != provenance.code_of(bare.replace("+", "*"))


def test_every_module_that_counts_exists() -> None:
    assert provenance.rules_hash() == provenance.rules_hash()
    folder = Path(provenance.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in provenance.READING)
