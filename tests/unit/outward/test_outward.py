"""Anki, CSV, calendar and notes: read back by other means, and the same ids however often and wherever they are made."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from icalendar import Calendar

from tests.unit.outward.conftest import ZONE
from tests.unit.sessions.make import START, FakeClock, attempt, scenario
from tests.unit.store.make import after, review
from tutor.errors import UsageError
from tutor.grading.types import MisconceptionResult
from tutor.outward.anki import rich
from tutor.outward.formats import CALENDAR, FILES, Format, Made, make
from tutor.review.cards import NewCard
from tutor.scenarios.model import Scenario
from tutor.sessions.ports import Overrule
from tutor.sessions.review import Plan, write_plan
from tutor.store.sqlite import SqliteStore


def made(kind: Format, store: SqliteStore, scenarios: list[Scenario], days: int = 0) -> Made:
    return make(kind, store, scenarios, START + timedelta(days=days), ZONE)


def anki(data: bytes) -> tuple[dict[str, tuple], dict]:
    """Notes by GUID with note type, fields, tags and deck, and the collection's own row, straight from SQLite."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert sorted(archive.namelist()) == ["collection.anki2", "media"] and archive.read("media") == b"{}"
    with closing(sqlite3.connect(":memory:")) as collection:
        collection.deserialize(archive.read("collection.anki2"))
        assert collection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = collection.execute(
            "SELECT n.guid, n.mid, n.flds, n.tags, c.did, n.mod FROM notes n JOIN cards c ON c.nid = n.id"
        ).fetchall()
        decks, models = collection.execute("SELECT decks, models FROM col").fetchone()
    return {guid: rest for guid, *rest in rows}, {"decks": json.loads(decks), "models": json.loads(models)}


def test_the_anki_package_holds_every_card_once(store: SqliteStore, scenarios: list[Scenario]) -> None:
    found = made("anki", store, scenarios)
    notes, collection = anki(found.data)
    assert (found.count, len(notes)) == (3, 3)
    ((mid, fields, tags, did, _),) = [row for row in notes.values() if "Always?" in row[1]]
    assert fields.split("\x1f") == [
        "Always?",
        "It applies without an offset.",
        "1 Title 1",
        "a belief to give up",
        "",
    ]
    assert "kafka-tutor::01-scenario-1" in tags.split()
    assert collection["decks"][str(did)]["name"] == "kafka-tutor" and str(mid) in collection["models"]


def test_a_new_export_updates_in_anki_and_never_duplicates(
    tmp_path: Path, store: SqliteStore, scenarios: list[Scenario]
) -> None:
    """A week later, and from another machine after a reset, where the cards have other ids: the same notes, newer."""
    first, head = anki(made("anki", store, scenarios).data)
    later, head_later = anki(made("anki", store, [msgspec.structs.replace(s, title="New") for s in scenarios], 7).data)
    with SqliteStore.open(tmp_path / "other.db", FakeClock()) as other:
        for number, target in ((3, "resume"), (2, "policy"), (1, "m_always"), (1, "resume")):
            kind = "misconception" if target.startswith("m_") else "point"
            other.add_attempt(attempt(number), (NewCard(number, target, kind),))
        elsewhere, _ = anki(made("anki", other, scenarios).data)
    assert set(first) == set(later) and set(first) < set(elsewhere) and len(elsewhere) == 4
    for guid, (mid, _, _, did, mod) in first.items():
        assert (later[guid][0], later[guid][3]) == (mid, did) == (elsewhere[guid][0], elsewhere[guid][3])
        assert later[guid][4] > mod and "New" in later[guid][1]
    assert set(head["decks"]) == set(head_later["decks"]) and set(head["models"]) == set(head_later["models"])


def test_nothing_of_a_text_becomes_markup_in_anki() -> None:
    assert (
        rich("a < b & `poll(<Duration>)`\n {{Answer}}")
        == "a &lt; b &amp; <code>poll(&lt;Duration&gt;)</code> {{Answer}}"
    )


def test_the_table_has_the_same_ids_and_the_learners_days(store: SqliteStore, scenarios: list[Scenario]) -> None:
    data = made("csv", store, scenarios).data
    assert data == made("csv", store, scenarios, 7).data, "nothing in it depends on when it is made"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert {row["id"] for row in rows} == set(anki(made("anki", store, scenarios).data)[0])
    assert all(row["id"].isalnum() for row in rows), "nothing that a spreadsheet takes for a formula"
    assert [(row["scenario"], row["target"], row["due_day"]) for row in rows] == [
        ("2", "policy", "2026-12-03"),
        ("1", "resume", "2026-11-20"),
        ("1", "m_always", "2026-11-25"),
    ]


def events(data: bytes) -> dict[str, tuple[date, str, int]]:
    calendar = Calendar.from_ical(data)
    found = {
        str(e["uid"]): (e.decoded("dtstart"), str(e["summary"]), int(e["sequence"])) for e in calendar.walk("VEVENT")
    }
    assert len(found) == len(calendar.walk("VEVENT"))
    assert all(type(e.decoded("dtstart")) is date for e in calendar.walk("VEVENT")), "whole days, without a zone"
    return found


def test_the_calendar_has_one_event_a_day_of_the_learner(store: SqliteStore, scenarios: list[Scenario]) -> None:
    found = events(made("ics", store, scenarios).data)
    assert {uid: (day, summary) for uid, (day, summary, _) in found.items()} == {
        "due-20261123@kafka-tutor": (date(2026, 11, 23), "Kafka: review 1 card"),  # overdue: today
        "due-20261125@kafka-tutor": (date(2026, 11, 25), "Kafka: review 1 card"),
        "due-20261203@kafka-tutor": (date(2026, 12, 3), "Kafka: review 1 card"),
    }
    later = events(made("ics", store, scenarios, 1).data)
    common = set(found) & set(later)
    assert len(common) == 2 and all(later[uid][2] > found[uid][2] for uid in common)


def test_a_learner_who_travels_has_the_days_of_where_they_are(store: SqliteStore, scenarios: list[Scenario]) -> None:
    far = make(
        "ics", store, scenarios, START, ZoneInfo("Pacific/Kiritimati")
    ).data  # past midnight there: still the 23rd
    assert set(events(far)) == {f"due-{day}@kafka-tutor" for day in ("20261123", "20261126", "20261203")}


def test_the_interview_is_an_event_and_brings_cards_forward(store: SqliteStore, scenarios: list[Scenario]) -> None:
    card = store.cards(2)[0]
    store.add_review(review(card), after(card, due=START + timedelta(days=90)))
    write_plan(store, Plan(20, date(2026, 12, 10)))
    found = events(made("ics", store, scenarios, 1).data)  # what was answered today has no day of the plan yet
    assert found["interview@kafka-tutor"][:2] == (date(2026, 12, 10), "Kafka interview")
    assert max(day for uid, (day, *_) in found.items() if uid.startswith("due")) < date(2026, 12, 10)


def test_a_card_set_aside_is_in_no_calendar(store: SqliteStore, scenarios: list[Scenario]) -> None:
    store.suspend(store.cards(2)[0].id, suspended=True)
    assert len(events(made("ics", store, scenarios).data)) == 2
    assert ",yes\r\n" in made("csv", store, scenarios).data.decode()


def cancelled(data: bytes) -> set[str]:
    return {str(e["uid"]) for e in Calendar.from_ical(data).walk("VEVENT") if e.get("status") == "CANCELLED"}


def test_a_day_that_has_become_empty_is_taken_out_of_the_calendar(
    store: SqliteStore, scenarios: list[Scenario]
) -> None:
    write_plan(store, Plan(20, date(2026, 12, 10)))
    before = made("ics", store, scenarios).data
    assert cancelled(before) == set()
    write_plan(store, Plan(20, None))
    moved = store.cards(2)[0]
    store.add_review(review(moved), after(moved, due=START + timedelta(days=90)))
    for _ in range(2):  # and in the next export too, until the day is past
        found = made("ics", store, scenarios).data
        assert set(events(found)) >= set(events(before)), "what was in it stays in it: as it is, or cancelled"
        assert cancelled(found) >= {"interview@kafka-tutor"} and len(cancelled(found)) >= 2
        assert all(events(found)[uid][2] >= events(before)[uid][2] for uid in cancelled(found))
    assert cancelled(made("ics", store, scenarios, 365).data) == set()


def test_a_damaged_note_of_earlier_days_stops_no_export(store: SqliteStore, scenarios: list[Scenario]) -> None:
    store.set_setting(CALENDAR, '{"due-1": "someday"}')
    assert cancelled(made("ics", store, scenarios).data) == set()


def test_the_notes_say_what_was_missed_corrected_and_asked(store: SqliteStore, scenarios: list[Scenario]) -> None:
    held = (MisconceptionResult("m_always", (), 0.9, True), MisconceptionResult("m_deleted", (), 0.9, True))
    last = store.add_attempt(attempt(1, score=6.5, statuses={"resume": "covered"}, held=held))
    store.overrule(Overrule(last.id, "policy", True, START))
    store.overrule(Overrule(last.id, "m_deleted", False, START))
    text = made("markdown", store, scenarios).data.decode()
    assert text.index("## 2 Title 2") < text.index("## 1 Title 1") and "## 3" not in text
    own = text[text.index("## 1 Title 1") :]
    assert "6.5 of 10. Best of 2 answers: 6.5." in own
    assert "- You did not say replay. (judgement)" in own and "You did not say resume" not in own
    assert "It applies without an offset." in own and "Reading deletes nothing" not in own
    assert "- [x] Claim of resume." in own and "- [x] Claim of policy." in own and "- [ ] Claim of describe." in own


@pytest.mark.parametrize("kind", FILES)
def test_nothing_to_export_is_said_and_nothing_is_made(tmp_path: Path, kind: Format) -> None:
    with (
        SqliteStore.open(tmp_path / "empty.db", FakeClock()) as empty,
        pytest.raises(UsageError, match="yet"),
    ):
        make(kind, empty, [scenario(1)], START, ZONE)


def test_a_card_whose_point_is_gone_from_its_pack_is_left_out(store: SqliteStore) -> None:
    assert made("csv", store, [msgspec.structs.replace(scenario(1), misconceptions=())]).count == 1
