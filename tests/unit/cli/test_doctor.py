"""`kafka-tutor doctor`, as it is typed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from labs.dirs import Dirs, dirs
from tests.unit.sessions.make import FakeClock, attempt
from tutor.cli.main import main
from tutor.errors import StoreError
from tutor.health import examination
from tutor.health.finding import Finding
from tutor.store.sqlite import SqliteStore, data_file

FINE = Finding("Java", True, "Java 25")
BAD = Finding("Kafka's jars", False, "46 of 46 jars\x1b are missing", "kafka-tutor tools --prepare")


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, object]]:
    status = main(["doctor", "--json", *arguments])
    caught = capsys.readouterr()
    assert status in (0, 2) and caught.out, caught.err
    return {check["name"]: check for check in json.loads(caught.out)["checks"]}


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the checks find, in place of this machine's own."""
    found: list[Finding] = []
    monkeypatch.setattr(examination, "checks", lambda: [("All", lambda: found)])
    return found


def test_all_is_fine(only: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    only.append(FINE)
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok     Java  Java 25\nAll is fine.\n"


def test_a_fault_has_its_command_and_exit_code_2(only: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    only.extend((FINE, BAD))
    assert main(["doctor"]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "ok     Java          Java 25",
        "FAULT  Kafka's jars  46 of 46 jars␛ are missing",
        "                     Next: kafka-tutor tools --prepare",
        "1 fault.",
    ]


def test_for_programs(only: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    only.extend((FINE, BAD))
    assert main(["doctor", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False and found["version"]
    assert found["checks"][1] == {"name": BAD.name, "ok": False, "found": BAD.found, "remedy": BAD.remedy}


def test_a_check_that_fails_itself_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def halfway() -> Iterable[Finding]:
        yield FINE
        raise ZeroDivisionError("by zero")

    def refused() -> Iterable[Finding]:
        raise StoreError("It cannot be read", "It is gone.", "mend it")

    monkeypatch.setattr(examination, "checks", lambda: [("Halfway", halfway), ("Refused", refused)])
    assert main(["doctor"]) == 2
    caught = capsys.readouterr()
    assert "ok     Java" in caught.out and "ZeroDivisionError: by zero" in caught.out
    assert "It cannot be read. It is gone." in caught.out and "Next: mend it" in caught.out
    assert "Traceback" not in caught.out + caught.err


def test_on_this_machine_every_fault_has_a_remedy_and_nothing_is_made(
    capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    found = findings(capsys)
    assert {"Python", "Data directory", "Disk", "Your data", "Java", "Kafka's jars", "Memory", "Grader"} <= set(found)
    assert all(bool(check["remedy"]) is not check["ok"] for check in found.values())
    assert found["Python"]["ok"] and found["Java"]["ok"]
    assert not found["Kafka's jars"]["ok"]
    assert not own_home.exists()


def test_a_home_that_is_a_file(capsys: pytest.CaptureFixture[str], own_home: Path) -> None:
    own_home.write_text("x")
    found = findings(capsys)
    assert not found["Data directory"]["ok"] and "KAFKA_TUTOR_HOME" in str(found["Data directory"]["remedy"])
    assert own_home.read_text() == "x"


def test_no_home_at_all(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TUTOR_HOME", "~no-such-user-anywhere/x")
    found = findings(capsys)
    assert list(found) == ["Directories"] and "KAFKA_TUTOR_HOME=" in str(found["Directories"]["remedy"])


def test_damaged_data_is_found_and_put_back(capsys: pytest.CaptureFixture[str]) -> None:
    clock, path = FakeClock(), data_file()
    with SqliteStore.open(path, clock) as store:
        store.add_attempt(attempt(1, "kept"))
    SqliteStore.open(path, clock).close()
    path.write_bytes(b"rubbish " * 999)
    damaged = findings(capsys)["Your data"]
    assert not damaged["ok"] and damaged["remedy"] == "kafka-tutor doctor --restore"
    mended = findings(capsys, "--restore")["Your data"]
    assert mended["ok"] and "1 attempt," in str(mended["found"])
    assert [file.read_bytes() for file in path.parent.glob("tutor.replaced-*.db")] == [b"rubbish " * 999]
    with SqliteStore.open(path, clock) as store:
        assert [a.answer for a in store.attempts()] == ["kept"]


def test_nothing_to_restore(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--restore"]) == 2
    assert "There is no backup" in capsys.readouterr().err


@pytest.mark.broker
def test_fix_fetches_and_prepares_what_is_missing(kafka_dirs: Dirs, capsys: pytest.CaptureFixture[str]) -> None:
    assert dirs().cache == kafka_dirs.cache
    found = findings(capsys, "--fix")
    assert found["Kafka's jars"]["ok"] and "AOT cache" in str(found["Fast start"]["found"])
