"""`kafka-tutor export`, `import` and `reset`, as they are typed."""

from __future__ import annotations

import io
import json
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.dirs import HOME_VARIABLE
from tests.unit.sessions.make import attempt
from tests.unit.store.test_transfer import content, fill
from tests.unit.users import plain_user  # noqa: F401
from tutor.cli.main import main
from tutor.review.cards import NewCard
from tutor.store import transfer
from tutor.store.sqlite import SqliteStore


@pytest.fixture
def full() -> None:
    with SqliteStore.open() as store:
        fill(store)


def everything() -> dict:
    with SqliteStore.open() as store:
        return content(store)


class Terminal(io.StringIO):
    """A learner at a keyboard."""

    def isatty(self) -> bool:
        return True


def test_out_and_in_again(full: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, file = everything(), tmp_path / "mine.json"
    assert main(["export", str(file)]) == 0
    assert main(["reset", "--yes"]) == 0
    assert everything() != before
    assert main(["import", str(file)]) == 0  # empty now: nothing to ask about
    assert everything() == before
    assert main(["import", str(file), "--yes"]) == 0
    out = capsys.readouterr().out
    assert f"Written: {file}" in out and "Backup of before:" in out
    assert everything() == before


def test_standard_output_and_input(
    full: None, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = everything()
    assert main(["export", "-"]) == 0
    data = capfdbinary.readouterr().out
    assert json.loads(data)["format"] == "kafka-tutor export"
    assert main(["reset", "--yes"]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["import", "-"]) == 0
    assert everything() == before


def test_an_export_is_not_written_over_what_is_there(
    full: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.json"
    file.write_text("something else")
    assert main(["export", str(file)]) == 2
    assert "there already" in capsys.readouterr().err and file.read_text() == "something else"
    assert main(["export", str(file), "--force"]) == 0
    assert json.loads(file.read_bytes())


@pytest.mark.parametrize("data", [b"", b"{}", b"not json", b"PK\x03\x04", b'{"format": "anki"}', b"[" * 99_999])
def test_a_broken_or_foreign_file_is_refused_with_exit_code_2(
    full: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    before, file = everything(), tmp_path / "mine.json"
    file.write_bytes(data)
    assert main(["import", str(file), "--yes"]) == 2
    caught = capsys.readouterr().err
    assert "cannot be imported" in caught and "untouched" in caught and "Next:" in caught
    assert everything() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "no/such/file"], "No such file"),
        (["import", "/"], "cannot be read"),
        (["export", "no/such/folder/file"], "cannot be written"),
        (["reset", "99", "--yes"], "no scenario"),
    ],
)
def test_bad_command_lines(full: None, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    before = everything()
    assert main(arguments) == 2
    assert message in capsys.readouterr().err and everything() == before


def test_a_folder_that_cannot_be_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["export", str(tmp_path / "mine.json")]) == 0  # what is imported late is imported now
    place: Path = request.getfixturevalue("plain_user")
    monkeypatch.setenv(HOME_VARIABLE, str(place / "home"))
    closed = place / "closed"
    closed.mkdir()
    for mode in (0o500, 0o000):  # with the second, not even whether the file is there can be seen
        closed.chmod(mode)
        capsys.readouterr()
        assert main(["export", str(closed / "mine.json")]) == 2
        assert "The file cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["reset", "import"])
def test_what_takes_something_away_asks(
    full: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    file, before = tmp_path / "mine.json", everything()
    assert main(["export", str(file)]) == 0
    arguments = [command] if command == "reset" else [command, str(file)]
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(arguments) == 2  # nobody to ask
    assert "--yes" in capsys.readouterr().err and everything() == before
    monkeypatch.setattr(sys, "stdin", Terminal())
    for typed, code in (("n", 130), ("y", 0)):
        answers: Iterator[str] = iter([typed])
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda _, given=answers: next(given))
        assert main(arguments) == code
        assert (everything() == before) == (code != 0 or command == "import")


def test_one_scenario_is_reset(capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore.open() as store:
        store.add_attempt(attempt(1)), store.add_attempt(attempt(2))
    assert main(["reset", "1", "--yes"]) == 0
    out = capsys.readouterr().out
    assert "Reset: scenario 1" in out and "reset.db" in out
    with SqliteStore.open() as store:
        assert [a.scenario for a in store.attempts()] == [2]
    assert main(["reset", "--yes"]) == 0 and main(["reset", "--yes"]) == 0
    assert "nothing to reset" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "start"), [("anki", b"PK"), ("csv", b"\xef\xbb\xbfid,"), ("ics", b"BEGIN:VCAL"), ("markdown", b"# Kafka")]
)
def test_exports_for_other_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, start: bytes) -> None:
    file = tmp_path / "out"
    assert main(["export", "--format", kind, str(file)]) == 2
    assert "yet" in capsys.readouterr().err and not file.exists()
    with SqliteStore.open() as store:
        store.add_attempt(attempt(1), (NewCard(1, "offsets_topic", "point"),))
    assert main(["export", "--format", kind, str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert file.read_bytes().startswith(start) and told["bytes"] == file.stat().st_size
    assert told.get("card", told.get("scenario")) == 1 and told["format"] == kind


def test_an_export_to_standard_output_is_the_file_alone(full: None, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "--format", "ics", "-"]) == 2  # its cards belong to no point of a pack
    assert capfdbinary.readouterr().out == b""
    assert main(["export", "-", "--json"]) == 2


def test_a_huge_file_is_not_even_read(full: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, file = everything(), tmp_path / "huge.json"
    with file.open("wb") as stream:
        stream.truncate(transfer.MAX_BYTES + 10**9)
    tracemalloc.start()
    assert main(["import", str(file), "--yes"]) == 2
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()
    assert "larger than 512 MiB" in capsys.readouterr().err and everything() == before
