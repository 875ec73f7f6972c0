"""Payments and the accounts they debit: what labs about lost and doubled payments write, and how they read the result.

The result is read from the balances alone, so it does not depend on which tables a program adds to keep out duplicates.
"""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.values import Out

DATABASE = "payments.db"
FAMOUS = 5000
"""Rupees of the payment that everybody talks about."""
LOCKED_SECONDS = 0.1
"""How long a reader waits for a writer."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment request."""

    id: str
    account: str
    amount: int
    """Rupees."""

    def out(self) -> Out:
        """The record that asks for it, keyed by account."""
        row = {"payment_id": self.id, "account": self.account, "amount": self.amount}
        return Out(json.dumps(row).encode(), self.account.encode())


def parse(text: str) -> Payment | None:
    """The payment in a record; None where there is none."""
    try:
        row = json.loads(text)
        return Payment(str(row["payment_id"]), str(row["account"]), int(row["amount"]))
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Book:
    """The payments of one trial. All payments of an account are of the same amount: the balance tells how many there were."""

    payments: tuple[Payment, ...]
    later: Payment
    """Arrives after the crash. Once it has been debited, everything before it has been handled."""
    opening: Mapping[str, int]
    """Account → balance."""

    @property
    def first(self) -> Payment:
        """The first payment."""
        return self.payments[0]


def new_book(token: str, rng: random.Random | None = None, payments: int = 3) -> Book:
    """Payments that nobody can have foreseen. The first and the third are alike but for their ids, as two purchases may be."""
    rng = rng or random.Random(secrets.randbits(64))
    accounts = [f"A-{number}" for number in rng.sample(range(1000, 10000), 3)]
    amounts = [FAMOUS, rng.randrange(700, 1900), rng.randrange(2000, 4000)]
    made = [Payment(f"TXN-{token}-{1001 + n}", accounts[n % 2], amounts[n % 2]) for n in range(payments)]
    later = Payment(f"TXN-{token}-{1001 + payments}", accounts[2], amounts[2])
    return Book(tuple(made), later, {account: rng.randrange(60, 100) * 1000 for account in accounts})


def open_accounts(database: Path, book: Book) -> None:
    """Make the database with the accounts in it."""
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("CREATE TABLE accounts (account TEXT PRIMARY KEY, balance INTEGER NOT NULL)")
        db.executemany("INSERT INTO accounts VALUES (?, ?)", book.opening.items())


class Reader:
    """A database that other processes write, read again and again. Safe to use from several threads."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._inode = 0

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]] | None:
        """What a query finds; None where the database cannot be read now (locked, gone, without that table)."""
        with self._lock:
            try:
                return self._connected().execute(query, values).fetchall()
            except (sqlite3.Error, OSError):
                self._drop()
                return None

    def _connected(self) -> sqlite3.Connection:
        inode = self._database.stat().st_ino
        if self._db is None or inode != self._inode:
            self._drop()
            self._db = sqlite3.connect(self._database, timeout=LOCKED_SECONDS, check_same_thread=False)
            self._inode = inode
        return self._db

    def _drop(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._drop()


def spent(reader: Reader, book: Book) -> dict[str, int] | None:
    """Account → rupees that left it; None where the database cannot be read now."""
    rows = reader.rows("SELECT account, balance FROM accounts")
    try:
        balances = dict(rows or ())
        return {account: opening - int(balances[account]) for account, opening in book.opening.items()}
    except (KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often payments took effect."""

    lost: tuple[Payment, ...] = ()
    twice: tuple[Payment, ...] = ()
    """Twice or more often."""
    odd: str = ""
    """Where the sums are no multiple of the amounts, or cannot be read: what was found."""

    @property
    def once(self) -> bool:
        """Whether every payment took effect once."""
        return not (self.lost or self.twice or self.odd)

    @property
    def word(self) -> str:
        """`once`, `lost`, `twice`, `lost and twice` or `wrong sum`."""
        if self.odd:
            return "wrong sum"
        found = [word for word, hit in (("lost", self.lost), ("twice", self.twice)) if hit]
        return " and ".join(found) or "once"


def tally(payments: Iterable[Payment], sums: Mapping[str, int] | None) -> Tally:
    """Compare what left the accounts, or was charged, with the payments."""
    if sums is None:
        return Tally(odd="the balances cannot be read")
    by_account: dict[str, list[Payment]] = {}
    for payment in payments:
        by_account.setdefault(payment.account, []).append(payment)
    for account, total in sums.items():
        amount = by_account[account][0].amount if account in by_account else 0
        if (total % amount if amount else total) or total < 0:
            return Tally(odd=f"₹{total:,} left account {account}")
    counted = Counter({account: sums.get(account, 0) // own[0].amount for account, own in by_account.items()})
    lost = [payment for account, own in by_account.items() for payment in own[counted[account] :]]
    twice = [own[0] for account, own in by_account.items() if counted[account] > len(own)]
    return Tally(tuple(lost), tuple(twice))


def all_there(payments: Iterable[Payment], sums: Mapping[str, int] | None) -> bool:
    """Whether every payment took effect at least once."""
    if sums is None:
        return False
    wanted: Counter[str] = Counter()
    for payment in payments:
        wanted[payment.account] += payment.amount
    return all(sums.get(account, 0) >= amount for account, amount in wanted.items())
