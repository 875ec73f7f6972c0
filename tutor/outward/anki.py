"""An Anki package. What a re-import must recognise never changes: a note by its GUID, deck and note type by their ids.

The schedule stays here: Anki keeps its own, and an update of a note leaves it alone.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import re
import sqlite3
import zipfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import genanki

from tutor.outward.cards import CardRow

DECK = "kafka-tutor"
FIELDS = ("Question", "Answer", "Scenario", "Kind", "Lab")
STYLE = (
    ".card { font-family: sans-serif; font-size: 18px; text-align: left; max-width: 40em; margin: auto; }"
    " .from { color: #777; font-size: 14px; } code { font-size: 90%; }"
)
FRONT = '<p class="from">{{Scenario}}</p><p>{{Question}}</p>'
BACK = '{{FrontSide}}<hr id="answer"><p>{{Answer}}</p><p class="from">{{Kind}}{{#Lab}} · {{Lab}}{{/Lab}}</p>'


def stable_id(name: str) -> int:
    """An id in the range that Anki wants, the same for the same name for ever."""
    digest = hashlib.sha256(f"kafka-tutor/{name}".encode()).digest()
    return (1 << 30) + int.from_bytes(digest[:4], "big") % (1 << 30)


def guid_of(row: CardRow) -> str:
    """What Anki knows a note by: letters and digits only, since the table has it too and `=` would be a formula there."""
    return f"kt{hashlib.sha256(row.key.encode()).hexdigest()[:20]}"


def package(rows: Sequence[CardRow], now: datetime) -> bytes:
    """The `.apkg` file."""
    deck = genanki.Deck(stable_id("deck"), DECK)
    model = genanki.Model(
        stable_id("note type"),
        "kafka-tutor",
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Question", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE,
    )
    for row in rows:
        deck.add_note(genanki.Note(model=model, fields=_fields(row), tags=_tags(row), guid=guid_of(row)))
    return _zipped(_collection(deck, now))


def _collection(deck: genanki.Deck, now: datetime) -> bytes:
    """In memory: genanki's own `write_to_file` leaves its scratch file behind."""
    with closing(sqlite3.connect(":memory:")) as connection:
        stamp = now.timestamp()
        genanki.Package(deck).write_to_db(connection.cursor(), stamp, itertools.count(int(stamp * 1000)))
        connection.commit()
        return connection.serialize()


def _zipped(collection: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collection.anki2", collection)
        archive.writestr("media", "{}")
    return data.getvalue()


def _fields(row: CardRow) -> list[str]:
    lab = f"Lab {row.lab} shows it" if row.lab is not None else ""
    kind = "a belief to give up" if row.kind == "misconception" else row.dimension
    return [rich(row.question), rich(row.answer), rich(f"{row.scenario} {row.title}"), kind, lab]


def _tags(row: CardRow) -> list[str]:
    tags = [f"kafka-tutor::{row.scenario:02}-{row.slug}", f"kafka-tutor::{row.kind}"]
    return [*tags, f"kafka-tutor::{row.dimension}"] if row.dimension else tags


def rich(text: str) -> str:
    """Plain text with `code` as HTML; nothing in it is taken for markup or for a field."""
    safe = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
