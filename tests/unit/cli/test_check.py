from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.packs import scenario_data, write_pack
from tutor.cli.main import main


def test_a_right_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--no-grade", str(write_pack(tmp_path))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        " 1 lost-sock                 1 points  1 misconceptions  3 answers  ok",
        "1 pack read, example answers not graded: no faults",
    ]


def test_every_fault_is_named_with_file_line_and_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = write_pack(tmp_path, 1, "a", title="", minutes=0)
    point = scenario_data()["points"][0]
    odd = write_pack(tmp_path, 2, "b", points=[{**point, "labs": ["99.x"]}])
    assert main(["check", "--no-grade", str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert f"{broken}/scenario.yaml:5: title: must not be empty\n" in out
    assert f"{broken}/scenario.yaml:9: minutes: must be 1 or more, and is 0\n" in out
    assert f"{odd}/scenario.yaml:26: points[0].labs[0]: there is no lab 99\n" in out
    assert out.splitlines()[-1] == "1 pack read, example answers not graded: 3 faults"


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_pack(tmp_path, minutes="soon")
    assert main(["check", "--no-grade", "--json", str(folder)]) == 2
    report = json.loads(capsys.readouterr().out)
    message = "must be a whole number, and is 'soon'"
    fault = {"file": str(folder / "scenario.yaml"), "line": 9, "key": "minutes", "message": message}
    assert report == {"ok": False, "packs": [], "faults": [fault], "grader": None}


def test_no_pack_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--no-grade", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "There is no question pack in" in captured.err
    assert "Traceback" not in captured.err
