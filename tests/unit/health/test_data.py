"""Directories and data, fine and not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from labs.dirs import Dirs
from tests.unit.sessions.make import FakeClock, attempt
from tutor.errors import StoreError
from tutor.health import data
from tutor.health.finding import Finding
from tutor.store.inspection import inspect
from tutor.store.sqlite import SqliteStore


def below(root: Path) -> Dirs:
    return Dirs(root / "data", root / "cache", root / "state")


def by_name(where: Dirs) -> dict[str, Finding]:
    return {finding.name: finding for finding in data.check(where)}


def filled(path: Path, opens: int = 2) -> None:
    clock = FakeClock()
    with SqliteStore.open(path, clock) as store:
        store.add_attempt(attempt(1))
    for _ in range(opens - 1):
        SqliteStore.open(path, clock).close()


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    found = by_name(below(tmp_path / "new" / "home"))
    assert all(finding.ok for finding in found.values())
    assert "not made yet" in found["Data directory"].found
    assert list(tmp_path.iterdir()) == []


def test_with_data(tmp_path: Path) -> None:
    where = below(tmp_path)
    filled(where.data / "tutor.db")
    found = by_name(where)["Your data"]
    assert found.ok and "1 attempt, 0 drafts" in found.found and "last backup 2026-11-23" in found.found


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    found = by_name(below(tmp_path / "home"))
    assert not found["Data directory"].ok and "is a file" in found["Data directory"].found
    assert "KAFKA_TUTOR_HOME" in found["Data directory"].remedy


def test_a_read_only_directory(plain_user: Path) -> None:
    plain_user.chmod(0o500)
    found = by_name(below(plain_user))
    assert not found["Data directory"].ok and not found["Cache directory"].ok
    (plain_user).chmod(0o700)
    (plain_user / "data").mkdir(mode=0o500)
    found = by_name(below(plain_user))
    assert not found["Data directory"].ok and found["Cache directory"].ok


def test_a_directory_that_may_not_be_looked_into(plain_user: Path) -> None:
    (plain_user / "closed").mkdir(mode=0o000)
    below_closed = below(plain_user / "closed" / "deeper")
    assert not data.writable("Data directory", below_closed.data).ok
    with pytest.raises(StoreError):
        by_name(below_closed)


def test_too_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_name(below(tmp_path))["Disk"].ok
    monkeypatch.setattr(data, "ROOM", 10**18)
    found = by_name(below(tmp_path))["Disk"]
    assert not found.ok and found.remedy.startswith("Free ")


def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tutor.db"
    filled(path)
    path.write_bytes(b"rubbish " * 1000)
    found = data.judge(inspect(path))
    assert not found.ok and found.remedy == "kafka-tutor doctor --restore"
    assert path.read_bytes() == b"rubbish " * 1000


def test_damage_inside_the_pages(tmp_path: Path) -> None:
    path = tmp_path / "tutor.db"
    filled(path, opens=1)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    report = inspect(path)
    assert report.damage and report.last_backup is None
    assert "begins empty" in data.judge(report).remedy


def test_an_emptied_file(tmp_path: Path) -> None:
    path = tmp_path / "tutor.db"
    filled(path)
    path.write_bytes(b"")
    assert inspect(path).damage == "it is empty"


def test_a_foreign_and_a_newer_file(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE attempts (id)")
    assert "another program" in data.judge(inspect(foreign)).found
    newer = tmp_path / "tutor.db"
    filled(newer)
    with closing(sqlite3.connect(newer)) as other:
        other.execute("PRAGMA user_version = 99")
    found = data.judge(inspect(newer))
    assert not found.ok and found.remedy.startswith("Update kafka-tutor")


def test_a_directory_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "tutor.db").mkdir()
    with pytest.raises(StoreError):
        inspect(tmp_path / "tutor.db")
