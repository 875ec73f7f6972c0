"""The lab commands where no broker is needed: locks, refusals, lists."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from labs.rabbit.server import URL_VARIABLE
from tests.unit.labs.worlds import INFO
from tutor.cli import lab_view
from tutor.cli.main import main

ANSWERED = ("same-group=0", "new-earliest=1", "new-latest=2", "new-latest-later=3", "out-of-range=a", "reset-active=c")
ALL = [part for pair in ANSWERED for part in ("--predict", pair)]


def test_the_list_says_which_labs_are_locked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "list", "--json"]) == 0
    rows = {row["lab"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows[1]["state"] == "locked"
    assert "honest attempt" in rows[1]["reason"]
    assert rows[1]["questions"][0]["id"] == "same-group"
    assert main(["lab", "list"]) == 0
    assert "A running consumer that consumes nothing" in capsys.readouterr().out


def test_a_locked_lab_does_not_run_and_says_what_opens_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "run", "1", *ALL]) == 2
    said = capsys.readouterr().err
    assert "Lab 1 is locked" in said
    assert "study 1" in said
    assert "--skip-lock" in said


def test_skipping_the_lock_is_recorded(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "run", "1", "--skip-lock"]) == 2  # nobody can be asked for predictions here
    assert "--predict same-group=…" in capsys.readouterr().err
    main(["lab", "list", "--json"])
    assert json.loads(capsys.readouterr().out)[0]["state"] == "skipped"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["same-group=-3"], "negative"),
        (["same-group="], "Nothing was typed"),
        (["reset-active=d"], "none of the outcomes"),
        (["nonsense=3"], "no question `nonsense`"),
        (["same-group"], "needs a question and a value"),
        (["=3"], "needs a question and a value"),
    ],
)
def test_a_wrong_prediction_is_refused_before_anything_starts(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [part for pair in given for part in ("--predict", pair)]
    assert main(["lab", "run", "1", "--skip-lock", *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["run", "98"], ["verify", "98"], ["prove", "98"], ["reset", "98"], ["evidence", "98"]]
)
def test_a_lab_that_does_not_exist(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", *command]) == 2
    assert "There is no lab 98" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["prove"], ["prove", "1", "--all"], ["prove", "1", "--times", "0"], ["run", "x"]])
def test_a_command_line_that_makes_no_sense(command: list[str]) -> None:
    assert main(["lab", *command]) == 2


def test_nothing_runs_and_nothing_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "verify", "1"]) == 2
    assert "Lab 1 is not running" in capsys.readouterr().err
    assert main(["lab", "evidence", "1"]) == 2
    assert "no evidence" in capsys.readouterr().err
    assert main(["lab", "clean"]) == 0
    assert "Nothing to clean" in capsys.readouterr().out
    assert main(["lab", "reset", "1"]) == 0
    assert "ready" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["verify", "10"], ["prove"], ["run", "98", "--skip-lock"]])
def test_a_rabbitmq_is_named_for_one_command(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, "amqp://before")
    assert main(["lab", *command, "--amqp-url", "none"]) == 2
    assert os.environ[URL_VARIABLE] == "amqp://before"
    monkeypatch.delenv(URL_VARIABLE)
    assert main(["lab", *command, "--amqp-url", "none"]) == 2
    assert URL_VARIABLE not in os.environ


@pytest.mark.parametrize(
    ("values", "line"), [([0], "▁"), ([0, 1], "▁█"), ([5, 5, 5], "▁▁▁"), ([0, 50, 100], "▁▄█"), ([-1, 0], "▁█")]
)
def test_sparklines(values: list[float], line: str) -> None:
    assert lab_view.sparkline(values) == line


def test_a_question_shows_what_may_be_typed() -> None:
    text = "\n".join(lab_view.question_lines(INFO.questions[0], 1, 1))
    assert "1/1  How many?" in text
    assert "A number of 0 or more, in files" in text
