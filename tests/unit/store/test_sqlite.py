"""What goes in comes out, and every kind of write is there after the file is opened again."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from tests.unit.sessions.make import EVERYTHING, START, attempt, grade
from tutor.errors import StoreError
from tutor.grading.types import MisconceptionResult, Span
from tutor.sessions.ports import Attempt, Draft, LabRecord, Overrule, PredictionRecord, Store
from tutor.store.sqlite import SqliteStore, data_file

Reopen = Callable[[], SqliteStore]


def test_it_is_the_store_of_the_ports(store: SqliteStore) -> None:
    port: Store = store
    assert port.drafts() == []


def test_default_place_is_the_data_directory(own_home: Path) -> None:
    assert data_file() == own_home / "data" / "tutor.db"


@pytest.mark.parametrize("text", [EVERYTHING, "", "\x00", "\ud800", "a\r\nb\rc\n", "x" * 1_000_000])
def test_an_answer_is_kept_character_for_character(store: SqliteStore, reopen: Reopen, text: str) -> None:
    store.save_draft(Draft(1, text, 1.25, START))
    stored = store.add_attempt(attempt(2, text))
    other = reopen()
    assert other.draft(1) == Draft(1, text, 1.25, START)
    assert other.attempt(stored.id) == stored
    assert other.attempts(2)[0].answer == text


def test_a_grade_comes_back_whole(store: SqliteStore, reopen: Reopen) -> None:
    held = (MisconceptionResult("m_always", (Span(0, 3), Span(4, 9)), 0.1 + 0.2, True),)
    full = grade(7.3, statuses={"resume": "contradicted"}, spans={"resume": (Span(1, 4),)}, held=held)
    full = type(full)(
        full.scenario,
        full.score,
        {"trade-offs": 1 / 3, "cause": 10.0},
        full.points,
        held,
        full.grader,
        False,
        (EVERYTHING,),
        ("resume", "m_always"),
    )
    stored = store.add_attempt(Attempt(0, 1, "x", full, START, 0.1))
    assert reopen().attempt(stored.id) == stored
    assert stored.grade == full


def test_attempts_are_listed_oldest_first_whatever_the_clock_says(store: SqliteStore) -> None:
    first = store.add_attempt(attempt(1))
    back = Attempt(0, 1, "earlier by the clock", grade(), START - timedelta(days=3), 1.0)
    second = store.add_attempt(back)
    other = store.add_attempt(attempt(2))
    assert [a.id for a in store.attempts(1)] == [first.id, second.id]
    assert [a.id for a in store.attempts()] == [first.id, second.id, other.id]
    assert store.attempt(99) is None


def test_times_are_utc_whatever_zone_they_came_in(store: SqliteStore) -> None:
    local = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    store.save_draft(Draft(1, "x", 1.0, local))
    found = store.draft(1)
    assert found is not None and found.at == START and found.at.utcoffset() == timedelta(0)


def test_an_attempt_drops_the_draft_of_its_own_question_only(store: SqliteStore) -> None:
    parent = store.add_attempt(attempt(1))
    own = Draft(1, "again", 2.0, START)
    follow_up = Draft(1, "because", 3.0, START, parent.id)
    store.save_draft(own)
    store.save_draft(follow_up)
    store.add_attempt(Attempt(0, 1, "because", grade(), START, 3.0, parent.id, "Why?", "resume"))
    assert store.draft(1) == own
    assert store.draft(1, parent.id) is None
    store.add_attempt(attempt(1))
    assert store.drafts() == []


def test_an_answer_from_elsewhere_leaves_the_draft(store: SqliteStore) -> None:
    store.save_draft(Draft(1, "typed in the app", 2.0, START))
    store.add_attempt(attempt(1, "from a file"), keep_draft=True)
    assert [d.text for d in store.drafts()] == ["typed in the app"]


def test_a_follow_up_keeps_its_question_and_target(store: SqliteStore, reopen: Reopen) -> None:
    parent = store.add_attempt(attempt(1))
    child = store.add_attempt(Attempt(0, 1, "x", grade(), START, 3.0, parent.id, "Why \x00?", "m_always", 2))
    assert reopen().attempt(child.id) == child
    assert child.follow_up_to == parent.id


def test_a_follow_up_needs_its_parent_and_nothing_is_half_stored(store: SqliteStore) -> None:
    store.save_draft(Draft(1, "kept", 1.0, START))
    with pytest.raises(StoreError):
        store.add_attempt(attempt(1, follow_up_to=77))
    assert store.attempts() == []
    assert store.draft(1) is not None


def test_drafts_are_replaced_and_listed_latest_first(store: SqliteStore) -> None:
    for number, text in [(1, "a"), (2, "b"), (1, "c")]:
        store.save_draft(Draft(number, text, 1.0, START))
    assert [(d.scenario, d.text) for d in store.drafts()] == [(1, "c"), (2, "b")]
    store.drop_draft(1)
    assert store.draft(1) is None
    store.drop_draft(1)


def test_the_learners_verdict_replaces_the_one_before(store: SqliteStore, reopen: Reopen) -> None:
    stored = store.add_attempt(attempt(1))
    store.overrule(Overrule(stored.id, "resume", True, START))
    later = Overrule(stored.id, "resume", False, START + timedelta(minutes=1))
    store.overrule(later)
    assert reopen().overrules(stored.id) == [later]
    assert store.overrules(99) == []
    with pytest.raises(StoreError):
        store.overrule(Overrule(99, "resume", True, START))


def test_lab_records_keep_predictions_in_their_order(store: SqliteStore, reopen: Reopen) -> None:
    predictions = (
        PredictionRecord("z-number", 300.0, 299.0, True),
        PredictionRecord("a-choice", "refused", "refused", True),
        PredictionRecord("m-order", ("b", "a"), ("a", "b"), False),
    )
    record = LabRecord(1, "verified", START, 31.5, 2, 2, 3, '{"claim":"\\u0000 ' + EVERYTHING + '"}', predictions)
    bare = LabRecord(5, "stopped", START, 1.0, 0, 0, 0, "{}")
    store.add_lab_record(record)
    store.add_lab_record(bare)
    assert reopen().lab_records() == [record, bare]
    assert store.lab_records(1) == [record]
    assert store.lab_records(6) == []


def test_a_lab_record_is_whole_or_not_there(store: SqliteStore) -> None:
    bad = PredictionRecord("q", None, 1.0, True)  # type: ignore[arg-type]
    worse = PredictionRecord(None, 1.0, 1.0, True)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.add_lab_record(LabRecord(1, "verified", START, 1.0, 0, 0, 2, "{}", (bad, worse)))
    assert store.lab_records() == []


def test_a_skipped_lock_is_remembered_once(store: SqliteStore) -> None:
    assert not store.lab_lock_skipped(1)
    store.skip_lab_lock(1, START)
    store.skip_lab_lock(1, START + timedelta(days=1))
    assert store.lab_lock_skipped(1) and not store.lab_lock_skipped(5)


def test_settings_are_kept_character_for_character(store: SqliteStore, reopen: Reopen) -> None:
    assert store.setting("theme") is None
    store.set_setting("theme", "dark")
    store.set_setting("theme", EVERYTHING)
    assert reopen().setting("theme") == EVERYTHING


def test_threads_share_one_store(store: SqliteStore) -> None:
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for count in range(25):
                store.save_draft(Draft(number, f"{count}", 1.0, START))
                store.add_attempt(attempt(number, f"{number}/{count}"))
                assert len(store.attempts(number)) == count + 1
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert len(store.attempts()) == 125 and not store.drafts()


def test_after_closing_every_call_is_a_fault_in_words(store: SqliteStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.drafts()
    with pytest.raises(StoreError):
        store.set_setting("a", "b")


def test_the_file_is_written_for_good_at_each_commit(store: SqliteStore, path: Path) -> None:
    connection = store._database._connection
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_grade_that_cannot_be_read_is_named(store: SqliteStore, path: Path) -> None:
    stored = store.add_attempt(attempt(1))
    with store._database.write() as connection:
        connection.execute("UPDATE attempts SET grade = '{\"score\": 1}'")
    with pytest.raises(StoreError, match=f"Attempt {stored.id}"):
        store.attempts()


def test_a_store_migrated_by_a_newer_program_meanwhile_is_not_written(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(StoreError, match="newer"):
        store.set_setting("a", "b")
    assert store.setting("a") is None
