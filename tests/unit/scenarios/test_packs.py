from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs import STRONG, scenario_data, write_answer, write_pack, write_scenario, write_track
from tutor.errors import PackError, UnknownScenario
from tutor.scenarios.packs import PackSet, faults_of, find, load_all, load_pack


def test_a_pack_is_read_whole(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path))
    assert (pack.id, pack.slug) == (1, "lost-sock")
    assert pack.model_answer == "Look under the bed."
    assert pack.debrief == "Socks roll."
    assert [example.name for example in pack.examples] == ["middling-1", "strong-1", "weak-1"]
    strong = pack.examples[1]
    assert strong.text == STRONG
    assert strong.front.score == (7.0, 10.0)
    assert strong.front.covers == ("under_bed",)


def test_every_fault_of_a_scenario_is_listed_with_line_and_key(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / "scenario.yaml").write_text(
        "format: 1\n"
        "id: 0\n"
        "uuid: none\n"
        "slug: lost-sock\n"
        "title: ''\n"
        "sumary: One.\n"
        "situation: 3 of 12\n"
        "question: 7\n"
        "minutes: 5\n"
        "lab: soon\n"
        "points:\n"
        "  - id: under_bed\n"
        "    definition: The sock is under the bed.\n"
        "    weight: 9\n"
        "    dimension: colour\n"
        "    keywords: []\n"
    )
    found = {(fault.line, fault.key): fault.message for fault in faults_of(folder)}
    assert found == {
        (1, "summary"): "the key is missing",
        (2, "id"): "must be 1 or more, and is 0",
        (3, "uuid"): "'none' has the wrong form",
        (5, "title"): "must not be empty",
        (6, "sumary"): "unknown key: is 'summary' meant?",
        (8, "question"): "must be text, and is 7",
        (10, "lab"): "must be a whole number or null, and is 'soon'",
        (12, "points[0].source"): "the key is missing",
        (12, "points[0].missed"): "the key is missing",
        (12, "points[0].follow_up"): "the key is missing",
        (14, "points[0].weight"): "must be 5 or less, and is 9",
        (15, "points[0].dimension"): found[(15, "points[0].dimension")],
        (16, "points[0].keywords"): "must have 1 entries or more",
    }
    assert found[(15, "points[0].dimension")].endswith("and is 'colour'")


def test_faults_of_all_files_are_listed(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, title="")
    (folder / "debrief.md").write_text(" \n")
    (folder / "model_answer.md").unlink()
    write_answer(folder, "weak-1", "band: weak\nscore: [0]", "x")
    write_answer(folder, "weak-2", "band: weak\nscore: [0, 1, 2]", "x")
    write_answer(folder, "weak-3", "band: feeble\nscore: [0, 1]", "x")
    places = {(fault.file.name, fault.line, fault.key) for fault in faults_of(folder)}
    assert places == {
        ("scenario.yaml", 5, "title"),
        ("debrief.md", 1, ""),
        ("model_answer.md", 0, ""),
        ("weak-1.md", 3, "score"),
        ("weak-2.md", 3, "score"),
        ("weak-3.md", 2, "band"),
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no front matter", "must begin with a front matter"),
        ("---\nband: weak\n", "must begin with a front matter"),
        ("text\n---\nband: weak\n---\n", "must begin with a front matter"),
        ("---\nband: weak\nscore: [0, 1]\n---\n\n", "no answer below"),
        ("---\n---\ntext\n", "the file is empty"),
    ],
)
def test_front_matter_faults(tmp_path: Path, content: str, message: str) -> None:
    folder = write_pack(tmp_path)
    (folder / "answers" / "weak-1.md").write_text(content)
    (fault,) = faults_of(folder)
    assert message in fault.message


def test_a_rule_inside_an_answer_stays_text(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    write_answer(folder, "weak-1", "band: weak\nscore: [0, 1]", "one\n---\ntwo")
    assert load_pack(folder).examples[2].text == "one\n---\ntwo"


def test_double_ids_keep_a_pack_out(tmp_path: Path) -> None:
    point = scenario_data()["points"][0]
    folder = write_pack(tmp_path, points=[point, {**point, "weight": 1}])
    (fault,) = faults_of(folder)
    assert (fault.key, fault.message) == ("points[1].id", "under_bed is there twice")


def test_load_pack_says_the_first_fault_and_the_next_step(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, title="", minutes=0)
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert "scenario.yaml:5: title: must not be empty (and 1 more)" in caught.value.cause
    assert str(folder) in caught.value.next_step


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(PackError):
        load_pack(tmp_path / "nothing")


class TestLoadAll:
    def test_order_is_that_of_the_track(self, tmp_path: Path) -> None:
        for number, slug in ((1, "a"), (2, "b"), (3, "c")):
            write_pack(tmp_path, number, slug)
        write_track(tmp_path, (3, "c"), (1, "a"))
        packset = load_all(tmp_path)
        assert [pack.id for pack in packset.packs] == [3, 1, 2]
        assert packset.faults == ()

    def test_a_broken_pack_hides_no_other(self, tmp_path: Path) -> None:
        write_pack(tmp_path, 1, "a")
        (write_pack(tmp_path, 2, "b") / "scenario.yaml").write_text("id: [\n")
        write_pack(tmp_path, 3, "c")
        write_track(tmp_path, (1, "a"), (2, "b"), (3, "c"))
        packset = load_all(tmp_path)
        assert [pack.id for pack in packset.packs] == [1, 3]
        (fault,) = packset.faults
        assert (fault.file.parent.name, fault.line > 0) == ("02-b", True)

    @pytest.mark.parametrize(
        "track", ["- {id: 1}\n", "}", "id: 1\n", "- {id: 1, slug: a}\n- {id: 1, slug: a}\n", "\xff"]
    )
    def test_a_broken_track_hides_no_pack(self, tmp_path: Path, track: str) -> None:
        write_pack(tmp_path, 2, "b")
        write_pack(tmp_path, 1, "a")
        (tmp_path / "track.yaml").write_bytes(track.encode("latin-1"))
        packset = load_all(tmp_path)
        assert [pack.id for pack in packset.packs] == [1, 2]
        assert packset.faults
        assert all(fault.file.name == "track.yaml" for fault in packset.faults)

    def test_a_pack_on_the_track_that_is_not_there(self, tmp_path: Path) -> None:
        write_pack(tmp_path, 1, "a")
        write_track(tmp_path, (1, "a"), (2, "b"))
        packset = load_all(tmp_path)
        assert [pack.id for pack in packset.packs] == [1]
        assert "02-b" in packset.faults[0].message

    def test_the_second_pack_of_a_number_is_left_out(self, tmp_path: Path) -> None:
        write_pack(tmp_path, 1, "a")
        write_scenario(write_pack(tmp_path, 2, "b"), scenario_data(1, "b"))
        write_track(tmp_path, (1, "a"), (2, "b"))
        packset = load_all(tmp_path)
        assert [pack.slug for pack in packset.packs] == ["a"]
        assert "left out" in packset.faults[0].message

    def test_an_empty_or_missing_folder(self, tmp_path: Path) -> None:
        assert load_all(tmp_path).packs == ()
        assert load_all(tmp_path / "nothing").packs == ()

    def test_the_shipped_packs_are_found_without_a_path(self) -> None:
        assert 1 in [pack.id for pack in load_all().packs]


class TestFind:
    @pytest.fixture
    def packset(self, tmp_path: Path) -> PackSet:
        write_pack(tmp_path, 1, "lost-sock")
        write_pack(tmp_path, 4, "broken-mug")
        (write_pack(tmp_path, 7, "spoilt") / "scenario.yaml").write_text("x")
        write_track(tmp_path, (1, "lost-sock"), (4, "broken-mug"), (7, "spoilt"))
        return load_all(tmp_path)

    @pytest.mark.parametrize("ref", [4, "4", "04", "broken-mug", " Broken-Mug "])
    def test_by_number_or_slug(self, packset: PackSet, ref: str | int) -> None:
        assert find(packset, ref).id == 4

    def test_near_matches_are_named(self, packset: PackSet) -> None:
        with pytest.raises(UnknownScenario) as caught:
            find(packset, "broken-mgu")
        assert caught.value.cause == "Near matches: 4 broken-mug."

    @pytest.mark.parametrize("ref", ["zzz", "99", "", "²", "9" * 5000, "\x00"])
    def test_nothing_near(self, packset: PackSet, ref: str) -> None:
        with pytest.raises(UnknownScenario) as caught:
            find(packset, ref)
        assert "1 lost-sock" in caught.value.cause
        assert len(caught.value.title) < 200

    @pytest.mark.parametrize("ref", ["7", "spoilt"])
    def test_a_broken_pack_is_called_broken(self, packset: PackSet, ref: str) -> None:
        with pytest.raises(UnknownScenario) as caught:
            find(packset, ref)
        assert "cannot be read" in caught.value.title
        assert "scenario.yaml" in caught.value.cause
