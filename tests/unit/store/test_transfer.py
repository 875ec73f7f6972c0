"""Everything out and in again; broken, foreign, newer and huge documents refused with nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.unit.sessions.make import EVERYTHING, START, FakeClock, attempt, grade
from tests.unit.store.make import add_cards, after, review
from tutor.errors import EnvironmentFault, UsageError
from tutor.grading.types import Grade, MisconceptionResult, Span
from tutor.mocks.values import Answer, Assessment, Chosen, Mock, MockDraft
from tutor.review.cards import CardDraft
from tutor.sessions.ports import Attempt, Draft, LabRecord, Overrule, PredictionRecord
from tutor.store import backup, transfer
from tutor.store.migrate import shipped
from tutor.store.opening import open_database
from tutor.store.sqlite import SqliteStore

Harm = Callable[[dict[str, Any]], None]


def fill(store: SqliteStore) -> None:
    """A row of every kind, with every kind of character and number."""
    held = (MisconceptionResult("m_always", (Span(0, 3),), 0.1 + 0.2, True),)
    full = msgspec.structs.replace(grade(7.3, held=held), notes=(EVERYTHING,))
    first = store.add_attempt(Attempt(0, 1, EVERYTHING, full, START, 1 / 3))
    store.add_attempt(Attempt(0, 1, "", grade(), START, 2.0, first.id, EVERYTHING, "resume", 2))
    store.overrule(Overrule(first.id, "policy", False, START))
    for text in (EVERYTHING, "\x00", ""):
        store.save_draft(Draft(3, text, 1.0, START))
    store.save_draft(Draft(1, "\ud800", 1.0, START, first.id))
    predictions = (PredictionRecord("q1", EVERYTHING, ("a", "b"), False), PredictionRecord("q2", 0.1, 3.0, True))
    store.add_lab_record(LabRecord(1, "gave_up", START, 1e-9, 1, 1, 2, EVERYTHING, predictions))
    store.skip_lab_lock(5, START)
    store.set_setting("theme", EVERYTHING)
    card, other = add_cards(store, attempt(2), "resume", "m_always")
    store.add_review(review(card, answer=EVERYTHING), after(card))
    gone = store.add_review(review(other, seconds=None), after(other))
    store.undo_review(gone, START)
    store.save_card_draft(CardDraft(card.id, EVERYTHING, 0.5, 1, START))
    fill_mock(store, full)
    store.add_attempt(attempt(4))
    store.reset(4, 4)  # an id that was given out and is gone


def fill_mock(store: SqliteStore, full: Grade) -> None:
    """A finished mock interview with a second try begun, and one in the middle of its second question."""
    for end in (True, False):
        questions = (Chosen(1, 1, 22.5, (EVERYTHING, "")), Chosen(2, 2, 0.1 + 0.2, ()))
        mock = store.add_mock(Mock(0, "staff", 45, START, questions))
        store.add_mock_answer(mock.id, Answer(1, 0, EVERYTHING, EVERYTHING, full, START, 1 / 3))
        store.add_mock_answer(mock.id, Answer(1, 1, "", "\x00", full, START, 2.0, "resume"))
        store.save_mock_draft(MockDraft(mock.id, 2, 0, False, EVERYTHING, 0.5, START))
        if end:
            store.assess(mock.id, Assessment(1, 10, START))
            store.mark_mock(mock.id, "closed", START)
            store.mark_mock(mock.id, "debriefed", START)
            store.save_mock_draft(MockDraft(mock.id, 1, 0, True, "\ud800", 1e-9, START))


def content(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    """Every value of every table with its type, straight from SQLite."""
    names = [name for (name,) in store.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: [tuple(map(repr, row)) for row in store.database.rows(f"SELECT * FROM {name}")] for name in names}


@pytest.fixture
def full(store: SqliteStore) -> SqliteStore:
    fill(store)
    return store


@pytest.fixture
def other(tmp_path: Path, clock: FakeClock) -> Any:
    with SqliteStore.open(tmp_path / "other" / "tutor.db", clock) as opened:
        yield opened


def test_everything_comes_back_value_for_value_and_type_for_type(full: SqliteStore, other: SqliteStore) -> None:
    assert all(content(full).values()), "the example leaves a table empty"
    data = transfer.export(full, START)
    assert transfer.import_(other, transfer.parse(data), START) is None
    assert content(other) == content(full)
    assert transfer.export(other, START) == data
    assert other.attempts() == full.attempts() and other.reviews() == full.reviews()
    assert [other.mock(one) for one in other.mock_ids()] == [full.mock(one) for one in full.mock_ids()] != []
    assert other.mock_drafts(1) == full.mock_drafts(1) != []
    assert other.add_attempt(attempt(9)).id == 5  # ids go on after those ever given out


def test_an_import_replaces_what_was_there_and_keeps_a_backup(
    full: SqliteStore, other: SqliteStore, clock: FakeClock
) -> None:
    other.add_attempt(attempt(7, "mine"))
    kept = transfer.import_(other, transfer.parse(transfer.export(full, START)), clock.now())
    assert content(other) == content(full)
    assert kept is not None and backup.backups(other.path)[0].path == kept
    with SqliteStore.open(kept, clock) as before:
        assert [a.answer for a in before.attempts()] == ["mine"]


def test_an_empty_store_comes_back_empty(store: SqliteStore, other: SqliteStore) -> None:
    other.add_attempt(attempt(7))
    transfer.import_(other, transfer.parse(transfer.export(store, START)), START)
    assert other.attempts() == [] and transfer.is_empty(other)


def test_an_export_of_an_older_release_is_migrated(tmp_path: Path, other: SqliteStore, clock: FakeClock) -> None:
    with closing(open_database(tmp_path / "old.db", clock, shipped()[:1])) as old:
        store = SqliteStore(old)
        store.save_draft(Draft(1, EVERYTHING, 1.0, START))
        from tutor.store import rows

        with old.write() as connection:
            connection.execute(rows.INSERT_ATTEMPT, rows.attempt_values(attempt(1)))
        data = transfer.export(store, START)
    assert json.loads(data)["version"] == 1
    transfer.import_(other, transfer.parse(data), START)
    assert other.drafts()[0].text == EVERYTHING and [c.target for c in other.cards()][:1] == ["resume"]


def test_people_can_read_it(full: SqliteStore) -> None:
    found = json.loads(transfer.export(full, START))
    assert found["format"] == transfer.FORMAT and found["version"] == len(shipped())
    assert {"text": "The group resumes."} in found["tables"]["attempts"]["rows"][2]


def spoil(name: str, column: str, value: object) -> Harm:
    def harm(document: dict[str, Any]) -> None:
        table = document["tables"][name]
        table["rows"][0][table["columns"].index(column)] = value

    return harm


def drop(name: str) -> Harm:
    return lambda document: document["tables"].pop(name)


BROKEN: dict[str, Harm] = {
    "table missing": drop("reviews"),
    "table too many": lambda d: d["tables"].update(more={"columns": [], "rows": []}),
    "column renamed": lambda d: d["tables"]["cards"]["columns"].__setitem__(1, "lane"),
    "row too short": lambda d: d["tables"]["cards"]["rows"][0].pop(),
    "no parent": spoil("reviews", "card", 99),
    "rating out of range": spoil("reviews", "rating", 5),
    "null": spoil("attempts", "answer", None),
    "twice the same id": lambda d: d["tables"]["attempts"]["rows"].append(d["tables"]["attempts"]["rows"][0]),
    "grade that is none": spoil("attempts", "grade", '{"score": "high"}'),
    "grade that is no JSON": spoil("attempts", "grade", "{"),
    "answer that is a number": spoil("attempts", "answer", 7),
    "verdict that is none": spoil("reviews", "verdict", "[]"),
    "time that is none": spoil("cards", "due", "tomorrow"),
    "day that is none": spoil("reviews", "day", "2026-13-01"),
    "answer of no question": spoil("mock_answers", "position", 9),
    "grade of a mock that is none": spoil("mock_answers", "grade", "{}"),
    "level that is none": spoil("mocks", "level", "boss"),
    "minutes that are text": spoil("mocks", "minutes", "long"),
    "reasons that are none": spoil("mock_questions", "reasons", '{"a": 1}'),
    "own mark out of range": spoil("mock_assessments", "score", 11),
    "mark that is none": spoil("mock_marks", "mark", "lost"),
    "draft that is a number": spoil("mock_drafts", "answer", 7),
    "bytes that are no base64": spoil("attempts", "answer", {"base64": "?"}),
    "value of no kind": spoil("attempts", "answer", {"hex": "00"}),
    "number too large": spoil("cards", "answered", 2**70),
    "text of an endless number": spoil("attempts", "seconds", "1e999"),
    "unknown key": lambda d: d.update(extra=1),
    "version 0": lambda d: d.update(version=0),
    "version that is text": lambda d: d.update(version="1"),
    "foreign": lambda d: d.update(format="anki"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_refused_and_nothing_changes(full: SqliteStore, other: SqliteStore, name: str) -> None:
    other.add_attempt(attempt(7, "mine"))
    before = content(other)
    document = json.loads(transfer.export(full, START))
    BROKEN[name](document)
    with pytest.raises(UsageError, match="cannot be imported") as caught:
        transfer.import_(other, transfer.parse(json.dumps(document).encode()), START)
    assert caught.value.exit_code == 2 and "untouched" in caught.value.cause
    assert content(other) == before and backup.backups(other.path) == ()


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff", b"[]", b"null", b"{", b'{"format": 3}', b"[" * 200_000, b"PK\x03\x04"]
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="cannot be imported"):
        transfer.parse(data)


def test_a_document_cut_anywhere_is_refused(full: SqliteStore) -> None:
    data = transfer.export(full, START)
    for length in range(0, len(data), 97):
        with pytest.raises(UsageError):
            transfer.parse(data[:length])


def test_a_newer_export_is_refused(full: SqliteStore) -> None:
    document = json.loads(transfer.export(full, START)) | {"version": len(shipped()) + 1, "more": []}
    with pytest.raises(UsageError, match="newer") as caught:
        transfer.parse(json.dumps(document).encode())
    assert "Update kafka-tutor" in caught.value.next_step


def test_a_huge_file_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MAX_BYTES", 1000)
    with pytest.raises(UsageError, match="larger than"):
        transfer.parse(b"{" * 1001)


def test_a_full_disk_in_the_middle_of_an_import_changes_nothing(full: SqliteStore, other: SqliteStore) -> None:
    other.add_attempt(attempt(7, "mine"))
    before = content(other)
    full.add_attempt(attempt(1, "x" * 3_000_000))
    pages = other.database.rows("PRAGMA page_count")[0][0]
    other.database.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(EnvironmentFault, match="disk is full"):
        transfer.import_(other, transfer.parse(transfer.export(full, START)), START)
    assert content(other) == before
    other.database.rows("PRAGMA max_page_count = 1000000")
    transfer.import_(other, transfer.parse(transfer.export(full, START)), START + timedelta(1))
    assert content(other) == content(full)


def test_files_that_cannot_grow_are_a_full_disk_and_nothing_is_lost(
    full: SqliteStore, other: SqliteStore, small_files: Callable[[int], AbstractContextManager[None]], tmp_path: Path
) -> None:
    """The copy that an import is tried on, the export's file, a draft: each in turn meets the limit in mid-write."""
    other.add_attempt(attempt(7, "mine"))
    before, data, target = content(other), transfer.export(full, START), tmp_path / "out.json"
    target.write_bytes(b"before")
    with small_files(32_768):
        for write in (
            lambda: transfer.import_(other, transfer.parse(data), START),
            lambda: transfer.write(b"x" * 100_000, target),
            lambda: other.save_draft(Draft(1, "x" * 500_000, 1.0, START)),
        ):
            with pytest.raises(EnvironmentFault, match="disk is full") as caught:
                write()
            assert caught.value.exit_code == 2
    assert content(other) == before and target.read_bytes() == b"before"
    assert [file.name for file in tmp_path.glob(".*")] == []
    transfer.import_(other, transfer.parse(data), START)
    assert content(other) == content(full)


def test_an_export_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    transfer.write(b"first", target)
    transfer.write(b"second", target)
    assert target.read_bytes() == b"second" and [f.name for f in tmp_path.iterdir()] == ["out.json"]
    for place in (tmp_path / "no" / "out.json", tmp_path):
        with pytest.raises(EnvironmentFault, match="The file cannot be written") as caught:
            transfer.write(b"third", place)
        assert caught.value.exit_code == 2 and str(place) in caught.value.cause
    assert [f.name for f in tmp_path.iterdir()] == ["out.json"]
