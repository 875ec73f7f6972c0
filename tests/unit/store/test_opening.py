"""Migrations with their backups, newer and foreign files left alone, damaged ones set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.sessions.make import START, FakeClock, attempt
from tutor.errors import EnvironmentFault, StoreDamaged, StoreError, StoreTooNew
from tutor.sessions.ports import Draft
from tutor.store import backup
from tutor.store.database import version_of
from tutor.store.migrate import Migration, shipped
from tutor.store.opening import open_database, opener
from tutor.store.sqlite import SqliteStore

Reopen = Callable[[], SqliteStore]
NEXT = Migration(len(shipped()) + 1, "CREATE TABLE later (id INTEGER); INSERT INTO later VALUES (1);")
BROKEN = Migration(NEXT.version + 1, "CREATE TABLE more (id INTEGER);\nINSERT INTO nowhere VALUES (1);")


def filled(path: Path, clock: FakeClock) -> None:
    with SqliteStore.open(path, clock) as store:
        store.add_attempt(attempt(1, "kept"))
        store.save_draft(Draft(2, "kept too", 1.0, START))


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_migrations_are_numbered_without_gaps() -> None:
    assert [migration.version for migration in shipped()] == list(range(1, len(shipped()) + 1))


def test_a_migration_keeps_the_data_and_a_backup_of_before(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    open_database(path, clock, (*shipped(), NEXT)).close()
    assert "later" in tables(path)
    before = [b for b in backup.backups(path) if not b.routine]
    assert [b.version for b in before] == [len(shipped())]
    with SqliteStore.open(before[0].path, clock) as old:
        assert [a.answer for a in old.attempts()] == ["kept"]
        assert [d.text for d in old.drafts()] == ["kept too"]


def test_a_failing_migration_changes_nothing(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    with pytest.raises(StoreError):
        open_database(path, clock, (*shipped(), NEXT, BROKEN))
    assert not {"later", "more"} & tables(path)
    with SqliteStore.open(path, clock) as store:
        assert [a.answer for a in store.attempts()] == ["kept"]


def test_no_migration_without_its_backup(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    (path.parent / backup.FOLDER).write_text("a file where the folder should be")
    with pytest.raises(StoreError):
        open_database(path, clock, (*shipped(), NEXT))
    assert "later" not in tables(path)
    (path.parent / backup.FOLDER).unlink()
    open_database(path, clock, (*shipped(), NEXT)).close()
    assert "later" in tables(path)


def test_a_newer_file_is_refused_byte_for_byte_unchanged(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    open_database(path, clock, (*shipped(), NEXT)).close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew) as caught:
        SqliteStore.open(path, clock)
    assert "Update kafka-tutor" in caught.value.next_step and caught.value.exit_code == 2
    assert path.read_bytes() == before
    open_database(path, clock, (*shipped(), NEXT)).close()


def test_a_foreign_database_is_refused_unchanged(path: Path, clock: FakeClock) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE recipes (id)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore.open(path, clock)
    assert path.read_bytes() == before


def scribble(path: Path) -> None:
    """Overwrite the pages of the tables."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [scribble, lambda p: p.write_bytes(b"not a database at all " * 500)])
def test_a_damaged_file_is_set_aside_and_the_last_backup_offered(
    path: Path, clock: FakeClock, harm: Callable[[Path], None]
) -> None:
    filled(path, clock)
    clock.move(60)
    SqliteStore.open(path, clock).close()  # finds content: makes the routine backup
    harm(path)
    broken = path.read_bytes()
    with pytest.raises(StoreDamaged) as caught:
        SqliteStore.open(path, clock)
    aside = list(path.parent.glob("tutor.damaged-*.db"))
    assert [file.read_bytes() for file in aside] == [broken]
    assert str(aside[0]) in caught.value.cause
    assert "doctor --restore" in caught.value.next_step and "2026-11-23" in caught.value.next_step
    with SqliteStore.open(path, clock) as fresh:
        assert fresh.attempts() == []
    with opener(path):
        chosen, replaced = backup.restore(path, clock.now())
    assert chosen.parent.name == backup.FOLDER and replaced is not None and replaced.exists()
    with SqliteStore.open(path, clock) as store:
        assert [a.answer for a in store.attempts()] == ["kept"]


def test_an_emptied_file_is_damage_where_there_was_something(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    SqliteStore.open(path, clock).close()
    path.write_bytes(b"")
    with pytest.raises(StoreDamaged):
        SqliteStore.open(path, clock)
    assert not path.exists()


def test_an_empty_or_missing_file_is_a_new_start(path: Path, clock: FakeClock) -> None:
    path.parent.mkdir()
    path.touch()
    SqliteStore.open(path, clock).close()
    path.unlink()
    SqliteStore.open(path, clock).close()
    with closing(sqlite3.connect(path)) as connection:
        assert version_of(connection) == len(shipped())


def test_two_damaged_files_of_one_second_both_stay(path: Path, clock: FakeClock) -> None:
    path.parent.mkdir()
    for content in (b"first " * 900, b"second " * 900):
        path.write_bytes(content)
        with pytest.raises(StoreDamaged, match="damaged"):
            SqliteStore.open(path, clock)
    assert len(list(path.parent.glob("tutor.damaged-*"))) == 2


def test_routine_backups_once_a_day_and_only_the_last_ones(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    for _ in range(2 * backup.KEEP):
        SqliteStore.open(path, clock).close()
        SqliteStore.open(path, clock).close()
        clock.move(24 * 3600)
    have = backup.backups(path)
    assert len(have) == backup.KEEP
    assert have[0].at == (clock.now() - backup.EVERY).replace(microsecond=0)
    assert all(backup.fault_of(b.path) is None for b in have)


def test_a_clock_set_back_still_makes_backups(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    SqliteStore.open(path, clock).close()
    clock.move(-30 * 24 * 3600)
    SqliteStore.open(path, clock).close()
    assert len(backup.backups(path)) == 2


def test_nothing_learnt_nothing_backed_up(path: Path, clock: FakeClock) -> None:
    for _ in range(2):
        SqliteStore.open(path, clock).close()
    assert backup.backups(path) == ()


def test_a_backup_that_cannot_be_made_keeps_nobody_out(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    (path.parent / backup.FOLDER).write_text("in the way")
    with SqliteStore.open(path, clock) as store:
        assert len(store.attempts()) == 1


def test_other_files_among_the_backups_are_no_backups(path: Path) -> None:
    folder = path.parent / backup.FOLDER
    folder.mkdir(parents=True)
    for name in ("tutor-v1-yesterday-daily.db", "tutor-vx-20261123T101500Z-daily.db", "tutor-v1.db", "notes.txt"):
        (folder / name).touch()
    assert backup.backups(path) == ()


def test_a_damaged_backup_is_passed_over(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    SqliteStore.open(path, clock).close()
    clock.move(2 * 24 * 3600)
    SqliteStore.open(path, clock).close()
    latest, older = backup.backups(path)
    latest.path.write_bytes(b"nothing of use")
    with opener(path):
        assert backup.restore(path, clock.now())[0] == older.path


def test_no_backup_no_restore(path: Path, clock: FakeClock) -> None:
    with opener(path), pytest.raises(StoreError, match="no backup"):
        backup.restore(path, clock.now())


def test_restore_is_refused_while_an_instance_has_the_file_open(path: Path, clock: FakeClock) -> None:
    filled(path, clock)
    with SqliteStore.open(path, clock) as running:
        running.set_setting("a", "b")
        with opener(path), pytest.raises(StoreError, match="in use"):
            backup.restore(path, clock.now())
        running.set_setting("a", "c")
        assert running.setting("a") == "c"


def test_a_file_in_place_of_the_directory(tmp_path: Path, clock: FakeClock) -> None:
    home = tmp_path / "home-is-a-file"
    home.write_text("x")
    with pytest.raises(StoreError) as caught:
        SqliteStore.open(home / "data" / "tutor.db", clock)
    assert "KAFKA_TUTOR_HOME" in caught.value.next_step and caught.value.exit_code == 2
    home.unlink()
    SqliteStore.open(home / "data" / "tutor.db", clock).close()


def test_a_directory_without_write_permission_then_with(plain_user: Path, clock: FakeClock) -> None:
    path = plain_user / "data" / "tutor.db"
    plain_user.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        SqliteStore.open(path, clock)
    plain_user.chmod(0o700)
    filled(path, clock)
    path.parent.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        SqliteStore.open(path, clock)
    path.parent.chmod(0o700)
    with SqliteStore.open(path, clock) as store:
        assert [a.answer for a in store.attempts()] == ["kept"]


def test_a_read_only_file(plain_user: Path, clock: FakeClock) -> None:
    path = plain_user / "tutor.db"
    filled(path, clock)
    path.chmod(0o400)
    with pytest.raises(StoreError, match="cannot be written"):
        SqliteStore.open(path, clock)
    path.chmod(0o600)
    SqliteStore.open(path, clock).close()


def test_a_full_disk_loses_nothing_and_a_retry_works(store: SqliteStore, reopen: Reopen) -> None:
    store.add_attempt(attempt(1, "before"))
    connection = store._database._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite itself says SQLITE_FULL from here on
    with pytest.raises(EnvironmentFault, match="disk is full") as caught:
        store.add_attempt(attempt(1, "x" * 500_000))
    assert caught.value.exit_code == 2
    assert [a.answer for a in store.attempts()] == ["before"]
    connection.execute("PRAGMA max_page_count = 1000000")
    store.add_attempt(attempt(1, "x" * 500_000))
    assert len(reopen().attempts()) == 2
