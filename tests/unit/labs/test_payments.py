"""Payments: what the balances tell about them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from labs import payments
from labs.payments import Book, Reader, Tally, new_book

BOOK = new_book("t", random.Random(1))
EVERYTHING = (*BOOK.payments, BOOK.later)
FIRST, SECOND, THIRD = BOOK.payments


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    payments.open_accounts(tmp_path / "payments.db", BOOK)
    made = Reader(tmp_path / "payments.db")
    yield made
    made.close()


def sums(first: int = 2, second: int = 1, later: int = 1) -> dict[str, int]:
    """What left the accounts when payments took effect so often."""
    return {
        FIRST.account: first * FIRST.amount,
        SECOND.account: second * SECOND.amount,
        BOOK.later.account: later * BOOK.later.amount,
    }


def test_a_book_cannot_be_foreseen() -> None:
    assert new_book("t", random.Random(2)) != BOOK
    assert new_book("t").payments != new_book("t").payments


def test_two_payments_are_alike_but_for_their_ids() -> None:
    assert (FIRST.account, FIRST.amount) == (THIRD.account, THIRD.amount)
    assert len({payment.id for payment in EVERYTHING}) == 4


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (sums(), "once"),
        (sums(first=1), "lost"),
        (sums(first=3), "twice"),
        (sums(second=0), "lost"),
        (sums(second=2, later=0), "lost and twice"),
        ({}, "lost"),
        ({**sums(), FIRST.account: 1}, "wrong sum"),
        ({**sums(), FIRST.account: -FIRST.amount}, "wrong sum"),
        ({**sums(), "A-0": 5}, "wrong sum"),
        (None, "wrong sum"),
    ],
)
def test_a_tally(found: dict[str, int] | None, word: str) -> None:
    tally = payments.tally(EVERYTHING, found)
    assert tally.word == word
    assert tally.once == (word == "once")


def test_a_tally_names_the_payments() -> None:
    assert payments.tally(EVERYTHING, sums(first=1, second=2)) == Tally((THIRD,), (SECOND,))
    assert payments.tally(EVERYTHING, sums(first=0)).lost == (FIRST, THIRD)


@pytest.mark.parametrize(
    ("found", "there"), [(sums(), True), (sums(first=5), True), (sums(first=1), False), (None, False)]
)
def test_whether_all_is_there(found: dict[str, int] | None, there: bool) -> None:
    assert payments.all_there(EVERYTHING, found) == there


def test_what_left_the_accounts_is_read_while_a_program_writes(reader: Reader, tmp_path: Path) -> None:
    assert payments.spent(reader, BOOK) == dict.fromkeys(BOOK.opening, 0)
    with closing(sqlite3.connect(tmp_path / "payments.db")) as db:
        db.execute("UPDATE accounts SET balance = balance - 5000 WHERE account = ?", (FIRST.account,))
        assert payments.spent(reader, BOOK) == dict.fromkeys(BOOK.opening, 0)
        db.commit()
    assert payments.spent(reader, BOOK) == {**dict.fromkeys(BOOK.opening, 0), FIRST.account: 5000}


@pytest.mark.parametrize(
    "spoil", ["DROP TABLE accounts", "DELETE FROM accounts", "UPDATE accounts SET balance = 'much'"]
)
def test_spoiled_accounts_cannot_be_read(reader: Reader, tmp_path: Path, spoil: str) -> None:
    with closing(sqlite3.connect(tmp_path / "payments.db")) as db, db:
        db.execute(spoil)
    assert payments.spent(reader, BOOK) is None


def test_a_locked_a_replaced_and_a_missing_database(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "payments.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        assert payments.spent(reader, BOOK) is None
    assert payments.spent(reader, BOOK) is not None
    path.unlink()
    assert payments.spent(reader, BOOK) is None
    payments.open_accounts(path, Book(BOOK.payments, BOOK.later, dict.fromkeys(BOOK.opening, 1)))
    assert payments.spent(reader, Book(BOOK.payments, BOOK.later, dict.fromkeys(BOOK.opening, 1))) is not None


def test_a_payment_survives_its_record() -> None:
    assert payments.parse((FIRST.out().value or b"").decode()) == FIRST
    for text in ("", "{}", "[]", '{"payment_id": 1, "account": 2, "amount": "much"}'):
        assert payments.parse(text) is None
