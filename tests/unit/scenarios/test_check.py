from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packs import STRONG, WEAK, scenario_data, write_answer, write_pack, write_track
from tutor.errors import AnswerRefused, UsageError
from tutor.scenarios.check import Report, check
from tutor.scenarios.model import Scenario
from tutor.scenarios.proof import GradeAnswer, Graded
from tutor.scenarios.rubric import RUBRIC

LABS = {1: frozenset({"seen"}), 2: frozenset[str]()}


@dataclass
class Item:
    id: str
    status: str = "covered"


@dataclass
class Marks:
    score: float
    points: tuple[Item, ...] = ()
    misconceptions: tuple[Item, ...] = ()


def grader(**scores: Any) -> GradeAnswer:
    """A grader that knows the answers of the small pack."""
    marks: dict[str, Marks] = {
        "": Marks(0),
        STRONG: Marks(8, (Item("under_bed"),)),
        "Perhaps under the bed.": Marks(5),
        WEAK: Marks(1, (), (Item("m_eaten"),)),
    }
    marks.update(scores)

    def grade(_: Scenario, answer: str) -> Graded:
        return marks[answer]

    return grade


def faults(report: Report) -> list[tuple[str, str]]:
    return [(fault.key, fault.message) for fault in report.faults]


def point(**changes: Any) -> list[dict[str, Any]]:
    return [{**scenario_data()["points"][0], **changes}]


def test_a_right_pack_has_no_faults(tmp_path: Path) -> None:
    report = check([write_pack(tmp_path)], LABS, grader())
    assert report.ok, report.faults
    (pack,) = report.packs
    assert (pack.points, pack.misconceptions, pack.examples, pack.ok) == (1, 1, 3, True)
    assert [(result.name, result.score) for result in pack.graded] == [
        ("middling-1", 5),
        ("strong-1", 8),
        ("weak-1", 1),
    ]


def test_nothing_is_graded_without_a_grader(tmp_path: Path) -> None:
    assert check([write_pack(tmp_path)], LABS).packs[0].graded == ()


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"id": 2}, "slug", "must be called 02-lost-sock"),
        ({"situation": "Two socks: 2 of 3, 2 and 3."}, "situation", "2 found, 3 wanted"),
        ({"lab": 3}, "lab", "there is no lab 3"),
        ({"prerequisites": [77]}, "prerequisites[0]", "no other scenario 77"),
        ({"prerequisites": [1]}, "prerequisites[0]", "no other scenario 1"),
        ({"points": point(must=False)}, "points", "must: true"),
        ({"points": point(id="m_x")}, "points[0].id", "m_"),
        ({"points": point(missed="the sock is under  the bed")}, "points[0].missed", "repeats the definition"),
        ({"points": point(accept=["The SOCK is under the bed!"])}, "points[0].accept[0]", "repeats the definition"),
        ({"points": point(reject=["It lies below the bed"])}, "points[0].reject[0]", "accepted, too"),
        ({"points": point(labs=["3.seen"])}, "points[0].labs[0]", "there is no lab 3"),
        ({"points": point(labs=["1.sene"])}, "points[0].labs[0]", "no observation sene (it has seen)"),
    ],
)
def test_rules_name_the_key(tmp_path: Path, changes: dict[str, Any], key: str, message: str) -> None:
    report = check([write_pack(tmp_path, **changes)], LABS)
    hits = [fault for fault in report.faults if fault.key == key and message in fault.message]
    assert hits, report.faults
    assert hits[0].line > 0
    assert hits[0].file.name == "scenario.yaml"


def test_references_that_are_right(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, lab=2, points=point(labs=["1.seen", "2.anything"]), prerequisites=[2])
    assert check([folder, write_pack(tmp_path, 2, "b")], LABS).ok


@pytest.mark.parametrize(
    ("name", "front", "key", "message"),
    [
        ("weak-2", "band: weak\nscore: [0, 6]", "score", "below 6"),
        ("weak-2", "band: weak\nscore: [3, 2]", "score", "lowest and the highest"),
        ("strong-2", "band: strong\nscore: [5.9, 8]", "score", "6 or more"),
        ("strong-2", "band: strong\nscore: [7, 11]", "score", "within 0 to 10"),
        ("strong-2", "band: weak\nscore: [0, 1]", "band", "file name"),
        ("weak-2", "band: weak\nscore: [0, 1]\ncovers: [over_bed]", "covers[0]", "no over_bed"),
        ("weak-2", "band: weak\nscore: [0, 1]\nholds: [m_lost]", "holds[0]", "no m_lost"),
    ],
)
def test_front_matter_is_checked(tmp_path: Path, name: str, front: str, key: str, message: str) -> None:
    folder = write_pack(tmp_path)
    write_answer(folder, name, front, "x")
    (fault,) = check([folder], LABS).faults
    assert (fault.key, fault.file.stem) == (key, name)
    assert message in fault.message


def test_every_band_needs_an_example(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / "answers" / "weak-1.md").unlink()
    assert faults(check([folder], LABS)) == [("", "there is no weak example answer (weak-1.md)")]


class TestGrading:
    @pytest.mark.parametrize(
        ("answer", "marks", "key", "message"),
        [
            (
                STRONG,
                Marks(5.9, (Item("under_bed"),)),
                "band",
                "a strong answer must pass (6), and the grader gives 5.9",
            ),
            (STRONG, Marks(8, (Item("under_bed", "missed"),)), "covers", "does not find under_bed"),
            (WEAK, Marks(6, (), (Item("m_eaten"),)), "band", "a weak answer must fail"),
            (WEAK, Marks(3.6, (), (Item("m_eaten"),)), "score", "3.6, which is more than 1.5 from 0 to 2"),
            (WEAK, Marks(1), "holds", "does not find m_eaten"),
        ],
    )
    def test_differences(self, tmp_path: Path, answer: str, marks: Marks, key: str, message: str) -> None:
        (fault,) = check([write_pack(tmp_path)], LABS, grader(**{answer: marks})).faults
        assert fault.key == key
        assert message in fault.message
        assert fault.line > 1

    def test_a_score_as_near_to_its_band_as_graders_are_exact_is_no_fault(self, tmp_path: Path) -> None:
        marks = {WEAK: Marks(3.4, (), (Item("m_eaten"),))}
        assert not check([write_pack(tmp_path)], LABS, grader(**marks)).faults

    def test_empty_must_score_nothing(self, tmp_path: Path) -> None:
        (fault,) = check([write_pack(tmp_path)], LABS, grader(**{"": Marks(0.5)})).faults
        assert "an empty answer scores 0.5" in fault.message

    def test_refusals(self, tmp_path: Path) -> None:
        def refuse(_: Scenario, answer: str) -> Graded:
            raise AnswerRefused("It is no text")

        report = check([write_pack(tmp_path)], LABS, refuse)
        assert [message for _, message in faults(report)] == ["the answer cannot be graded: It is no text"] * 3


class TestRubric:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        point = {"def": "The sock is under the bed.", "source": "common"}
        wrong = {"def": "The machine has eaten it.", "source": "common"}
        self.write(tmp_path, {1: {"title": "t", "points": {"under_bed": point}, "misconceptions": {"m_eaten": wrong}}})
        return tmp_path

    def write(self, root: Path, scenarios: dict[int, Any]) -> None:
        file = root / RUBRIC
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"version": 1, "scenarios": scenarios}))

    def test_word_for_word_is_right(self, root: Path) -> None:
        assert check([write_pack(root)], LABS).ok

    def test_other_scenarios_are_free(self, root: Path) -> None:
        assert check([write_pack(root, 11, "own")], LABS).ok

    def test_another_wording_is_a_fault(self, root: Path) -> None:
        (fault,) = check([write_pack(root, points=point(definition="It is under the bed."))], LABS).faults
        assert fault.key == "points[0].definition"
        assert "The sock is under the bed." in fault.message

    def test_missing_and_made_up_ids(self, root: Path) -> None:
        report = check([write_pack(root, points=point(id="on_bed"), misconceptions=[])], LABS)
        assert {fault for fault in faults(report) if "rubric" in fault[1]} == {
            ("misconceptions", "m_eaten of the rubric is missing"),
            ("points", "under_bed of the rubric is missing"),
            ("points[0].id", f"the rubric ({RUBRIC}) has no such id"),
        }

    def test_a_broken_rubric_is_named(self, root: Path) -> None:
        (root / RUBRIC).write_text("scenarios: {1: {points: 3}}\n")
        (fault,) = [f for f in check([write_pack(root)], LABS).faults if f.file.name != "01-lost-sock"]
        assert fault.file == root / RUBRIC


class TestRoot:
    def test_broken_packs_are_listed_and_the_others_checked(self, tmp_path: Path) -> None:
        write_pack(tmp_path, 1, "a")
        write_pack(tmp_path, 2, "b", title="", minutes=0)
        report = check([tmp_path], LABS, grader())
        assert [pack.id for pack in report.packs] == [1]
        assert [key for key, _ in faults(report)] == ["title", "minutes"]

    def test_track(self, tmp_path: Path) -> None:
        write_pack(tmp_path, 1, "a")
        write_track(tmp_path, (2, "b"))
        assert faults(check([tmp_path], LABS)) == [
            ("", "the pack 01-a is not on the track"),
            ("[0]", "there is no pack in the folder 02-b"),
        ]

    def test_shared_ids(self, tmp_path: Path) -> None:
        uuid = scenario_data(1)["uuid"]
        report = check([write_pack(tmp_path / "x", 1, "a"), write_pack(tmp_path / "y", 1, "b", uuid=uuid)], LABS)
        assert [key for key, _ in faults(report)] == ["id", "uuid"]

    def test_an_old_schema_file(self, tmp_path: Path) -> None:
        write_pack(tmp_path)
        (tmp_path / "schema.json").write_text("{}")
        assert "python -m tutor.scenarios.schema" in check([tmp_path], LABS).faults[0].message

    def test_a_file_of_the_pack_means_the_pack(self, tmp_path: Path) -> None:
        folder = write_pack(tmp_path)
        files = [folder / "scenario.yaml", folder / "answers" / "weak-1.md", folder]
        assert [pack.id for pack in check(files, LABS).packs] == [1]

    @pytest.mark.parametrize("name", ["nothing", "empty"])
    def test_no_pack_there(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(UsageError):
            check([tmp_path / name], LABS)
