"""`kafka-tutor new pack` and `kafka-tutor pack …`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.packs import write_pack
from tests.unit.labs.test_added import SOURCE, write_lab
from tutor.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    status = main([str(arg) for arg in args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def test_a_new_pack_says_what_is_to_be_written_and_check_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, "new", "pack", "lag-alert", "--in", tmp_path)
    (folder,) = tmp_path.glob("*-lag-alert")
    assert status == 0
    assert "scenario.yaml          lines 6, 7, 9, 10" in out
    status, out, _ = run(capsys, "pack", "check", folder, "--no-grade")
    assert status == 2
    assert f"{folder}/scenario.yaml:10: question: still to be written" in out
    todo = sum(file.read_text().count("TODO") for file in folder.rglob("*") if file.is_file()) - 1  # the comment's
    assert out.count("still to be written") == todo


def test_a_new_pack_that_is_filled_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "new", "pack", "lag-alert", "--in", tmp_path)
    (folder,) = tmp_path.glob("*-lag-alert")
    for count, file in enumerate(file for file in folder.rglob("*") if file.is_file()):
        parts = file.read_text().split("TODO")
        filled = "".join(f"{part}W{count}-{number}" for number, part in enumerate(parts[:-1])) + parts[-1]
        file.write_text(filled.replace("three figures", "12 or 13 or 14 figures"))
    assert run(capsys, "pack", "check", folder, "--no-grade")[:2] == (
        0,
        f"{folder.name.partition('-')[0]} lag-alert                 2 points  1 misconceptions  3 answers  ok\n"
        "1 pack read, example answers not graded: no faults\n",
    )
    assert run(capsys, "pack", "add", folder, "--no-grade")[0] == 0


@pytest.mark.parametrize("name", ["Lag", "../x", "a--b", "", "x" * 41, "a/b"])
def test_names_that_are_none(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "new", "pack", "--in", tmp_path, "--", name)
    assert (status, out) == (2, "")
    assert "cannot be the name of a pack" in err
    assert not list(tmp_path.glob("*-*"))


def test_from_add_to_remove(tmp_path: Path, capsys: pytest.CaptureFixture[str], own_home: Path) -> None:
    source = write_pack(tmp_path, 412, lab=412)
    write_lab(tmp_path)
    assert "Its lab is a program by its author and is off" in run(capsys, "pack", "add", source, "--no-grade")[1]
    assert "its lab: off (not trusted)" in run(capsys, "pack", "list")[1]
    home = json.loads(run(capsys, "scenarios", "--json")[1])
    assert home["scenarios"][-1]["scenario"] == 412
    assert home["scenarios"][-1]["lab_state"]["kind"] == "missing"
    assert "A program by the pack's author" in home["scenarios"][-1]["lab_state"]["reason"]

    status, out, err = run(capsys, "pack", "trust", "lost-sock")
    assert (status, "runs\nwith all your rights" in out, "This needs a yes" in err) == (2, True, True)
    assert "its lab: off" in run(capsys, "pack", "list")[1]
    assert run(capsys, "pack", "trust", "lost-sock", "--yes")[0] == 0
    (row,) = json.loads(run(capsys, "pack", "list", "--json")[1])
    assert (row["lab"], row["scenario"], row["faults"]) == ("on", 412, [])
    assert "412  locked" in run(capsys, "lab", "list")[1]

    assert run(capsys, "pack", "distrust", "412")[0] == 0
    assert "412" not in run(capsys, "lab", "list")[1]
    run(capsys, "pack", "trust", "412", "--yes")
    assert run(capsys, "pack", "remove", "lost-sock")[0] == 2
    assert run(capsys, "pack", "remove", "lost-sock", "--yes")[0] == 0
    assert json.loads(run(capsys, "pack", "list", "--json")[1]) == []
    assert json.loads((own_home / "data" / "packs" / "trust.json").read_text()) == {}


def test_a_lab_that_cannot_be_loaded_is_said_where_it_is_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_pack(tmp_path, 412, lab=412)
    write_lab(tmp_path, SOURCE + "1 / 0\n")
    run(capsys, "pack", "add", source, "--no-grade")
    status, _, err = run(capsys, "pack", "trust", "412", "--yes")
    assert (status, "ZeroDivisionError" in err) == (2, True)
    assert "ZeroDivisionError" in run(capsys, "pack", "list")[1]


def test_a_pack_without_a_lab_cannot_be_trusted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "pack", "add", write_pack(tmp_path, 412), "--no-grade")
    status, _, err = run(capsys, "pack", "trust", "412", "--yes")
    assert (status, "has no lab" in err) == (2, True)


def test_a_damaged_pack_is_listed_and_told_without_hiding_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    run(capsys, "pack", "add", write_pack(tmp_path, 412), "--no-grade")
    (own_home / "data" / "packs" / "412-lost-sock" / "scenario.yaml").write_text(
        "format: 1\nid: !!python/name:os.system\n"
    )
    status, out, err = run(capsys, "scenarios")
    assert (status, " 10 " in out or "10  " in out) == (0, True)
    assert "412-lost-sock/scenario.yaml:2: id: the tag" in err
    assert "BROKEN" in run(capsys, "pack", "list")[1]


def test_answers_to_a_pack_stay_when_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_pack(tmp_path, 412)
    run(capsys, "pack", "add", source, "--no-grade")
    answer = tmp_path / "answer.txt"
    answer.write_text("The sock is under the bed, so I look there first and pull the bed away from the wall.")
    status, out, _ = run(capsys, "study", "412", "--answer", answer, "--json")
    attempt = json.loads(out)
    assert (status, attempt["scenario"], attempt["points"][0]["status"]) == (0, 412, "covered")
    assert any("not been trained on this scenario" in note for note in attempt["notes"])
    run(capsys, "pack", "remove", "412", "--yes")
    for command in (("scenarios",), ("stats",), ("review", "due"), ("export", "-")):
        assert run(capsys, *command)[0] == 0, command
    run(capsys, "pack", "add", source, "--no-grade")
    assert json.loads(run(capsys, "scenarios", "--json")[1])["scenarios"][-1]["attempts"] == 1
