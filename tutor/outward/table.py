"""The cards as CSV, for spreadsheets and for Anki's own CSV import."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from tutor.outward.anki import guid_of
from tutor.outward.cards import CardRow

COLUMNS = (
    "id",
    "scenario",
    "title",
    "kind",
    "target",
    "dimension",
    "question",
    "answer",
    "lab",
    "due_day",
    "due_utc",
    "answered",
    "failed",
    "suspended",
)
"""`id` is the same in every export, and the GUID of the Anki package."""


def table(rows: Sequence[CardRow]) -> bytes:
    """UTF-8 with a mark, which spreadsheets need to read it as that; lines end as RFC 4180 wants."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_values(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _values(row: CardRow) -> tuple[object, ...]:
    return (
        guid_of(row),
        row.scenario,
        row.title,
        row.kind,
        row.target,
        row.dimension,
        " ".join(row.question.split()),
        " ".join(row.answer.split()),
        row.lab if row.lab is not None else "",
        row.day.isoformat(),
        row.due.isoformat(timespec="seconds"),
        row.answered,
        row.failed,
        "yes" if row.suspended else "no",
    )
