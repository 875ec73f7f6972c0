"""`python -m tests.unit.store.kill [--kills 300]`: SIGKILL a writing process again and again; count what is lost.

The child writes rounds: draft, draft, attempt with a card (which drops the draft), verdict, review of the card, undo of
it, review again, lab record with predictions, setting; then a mock interview: its draft, its answer (which drops the
draft), the learner's own mark, the debrief (which brings an attempt with a card).
It acknowledges each write on its standard output after the call has returned. The parent kills it after a random
number of acknowledgements and a random number of spins, then opens the file and compares.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tests.unit.sessions.make import START, grade
from tutor.clock import SystemClock
from tutor.grading.types import GraderId, Span
from tutor.mocks.values import Answer, Assessment, Chosen, Mock, MockDraft
from tutor.review.cards import NewCard, Review, Verdict
from tutor.sessions.ports import Attempt, Draft, GradedAnswer, LabRecord, Overrule, PredictionRecord
from tutor.store.backup import fault_of
from tutor.store.sqlite import SqliteStore

SCENARIO = 3
MOCKED = 4
"""The scenario of the mock interviews."""
VERDICT = Verdict(True, "covered", (Span(0, 3),), 0.9, True, GraderId("model", "1"))
KINDS = (
    "draft",
    "redraft",
    "attempt",
    "verdict",
    "review",
    "undo",
    "again",
    "lab",
    "setting",
    "mock",
    "said",
    "marked",
    "told",
)


def answer(number: int) -> str:
    """Text of a known content and of many sizes: some transactions take one page, some hundreds."""
    size = random.Random(number).choice((40, 900, 5_000, 60_000))
    return f"{number} " + hashlib.sha256(str(number).encode()).hexdigest() * (size // 64 + 1)


def predictions(number: int) -> tuple[PredictionRecord, ...]:
    return tuple(PredictionRecord(f"q{n}", float(number), float(n), n == number) for n in range(20))


def write_forever(path: Path, first: int) -> None:
    """The child: writes rounds from number `first` on, one acknowledgement a write."""
    store = SqliteStore.open(path, SystemClock())
    number = first
    while True:
        for kind in KINDS:
            os.write(1, f"> {kind}\n".encode())
            write(store, kind, number)
            os.write(1, f"{number} {kind}\n".encode())
        number += 1


def write(store: SqliteStore, kind: str, number: int) -> None:
    if kind == "draft":
        store.save_draft(Draft(SCENARIO, f"begun {number}", 1.0, START))
    elif kind == "redraft":
        store.save_draft(Draft(SCENARIO, answer(number), float(number), START))
    elif kind == "attempt":
        attempt = Attempt(0, SCENARIO, answer(number), grade(5.0, SCENARIO), START, float(number))
        store.add_attempt(attempt, [NewCard(SCENARIO, f"p{number}", "point")])
    elif kind == "verdict":
        store.overrule(Overrule(store.attempts(SCENARIO)[-1].id, "resume", True, START))
    elif kind in ("review", "again"):
        add_review(store, number)
    elif kind == "undo":
        last = store.last_review()
        assert last is not None
        store.undo_review(last, START)
    elif kind == "lab":
        store.add_lab_record(LabRecord(number, "verified", START, 1.0, 0, 1, 20, answer(number), predictions(number)))
    elif kind == "setting":
        store.set_setting("last", str(number))
    else:
        write_mock(store, kind, number)


def write_mock(store: SqliteStore, kind: str, number: int) -> None:
    """One step of a mock interview; one that an earlier child left open is given up."""
    if kind == "mock":
        for left in store.open_mocks():
            store.mark_mock(left, "abandoned", START)
        mock = store.add_mock(Mock(0, "senior", 45, START, (Chosen(1, MOCKED, float(number), ("Because.",)),)))
        store.save_mock_draft(MockDraft(mock.id, 1, 0, False, answer(number), float(number), START))
        return
    mock_id, graded = store.open_mocks()[0], grade(5.0, MOCKED)
    if kind == "said":
        store.add_mock_answer(mock_id, Answer(1, 0, "Why?", answer(number), graded, START, float(number)))
    elif kind == "marked":
        store.assess(mock_id, Assessment(1, number % 11, START))
    else:
        attempt = Attempt(0, MOCKED, answer(number), graded, START, float(number))
        cards = (NewCard(MOCKED, f"p{number}", "point"),)
        store.mark_mock(mock_id, "debriefed", START, [GradedAnswer(attempt, cards)])


def add_review(store: SqliteStore, number: int) -> None:
    card = store.cards(SCENARIO)[-1]
    after = msgspec.structs.replace(card.schedule, answered=1, stability=float(number), state=2, step=None)
    review = Review(0, card.id, START, START.date(), 3, 3, float(number), 0, answer(number), VERDICT, card.schedule)
    store.add_review(review, after)


@dataclass
class Tally:
    """What a series of kills showed."""

    kills: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    inside: int = 0
    """Kills that fell between the call of a write and its return."""


def kill_once(path: Path, first: int, dice: random.Random, tally: Tally) -> list[tuple[int, str]]:
    """Run the child, kill it at a random moment, and return the writes that it acknowledged."""
    command = [sys.executable, "-m", "tests.unit.store.kill", "--child", str(path), "--first", str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(2 + dice.randint(0, 120))]
        for _ in range(dice.randint(0, 40_000)):  # some part of the next write
            pass
        child.kill()
        lines += child.stdout.readlines()
    whole = [line.split() for line in lines if line.endswith(b"\n")]
    tally.inside += whole[-1][0] == b">"
    return [(int(number), kind.decode()) for number, kind in whole if number != b">"]


def compare_reviews(store: SqliteStore, attempts: set[int], tally: Tally) -> dict[str, set[int]]:
    """Attempts have their cards, cards the schedule that their reviews give; returns the numbers by kind."""
    cards = {int(card.target[1:]): card.schedule for card in store.cards(SCENARIO)}
    reviews = {int(review.seconds or 0): review for review in store.reviews()}
    if set(cards) != attempts:
        tally.torn.append(f"attempt and card: {set(cards) ^ attempts}")
    for number, schedule in cards.items():
        found = reviews.get(number)
        if schedule.answered != (found is not None) or (found and schedule.stability != number):
            tally.torn.append(f"review {number} and its card's schedule")
        if found and (found.answer != answer(number) or found.verdict != VERDICT):
            tally.torn.append(f"review {number}: another text")
    rows = store.database.rows("SELECT seconds, id IN (SELECT review FROM undone) FROM reviews")
    undone = {int(number) for number, gone in rows if gone}
    return {"review": {int(number) for number, _ in rows}, "undo": undone, "again": set(reviews)}


def compare_mocks(store: SqliteStore, tally: Tally) -> dict[str, set[int]]:
    """No draft beside its answer, no debrief without its attempt and card; returns the numbers by kind."""
    there: dict[str, set[int]] = {"mock": set(), "said": set(), "marked": set(), "told": set()}
    attempts = {int(one.seconds): one.answer for one in store.attempts(MOCKED)}
    cards = {int(card.target[1:]) for card in store.cards(MOCKED)}
    for mock in [store.mock(one) for one in store.mock_ids()]:
        assert mock is not None
        number, texts = int(mock.questions[0].minutes), [one.text for one in mock.answers]
        drafts = [draft.text for draft in store.mock_drafts(mock.id)]
        if any(text != answer(number) for text in (*texts, *drafts)) or (texts and drafts):
            tally.torn.append(f"mock {number}: its text")
        if mock.is_finished != (number in attempts) or (number in attempts) != (number in cards):
            tally.torn.append(f"mock {number}: debrief, attempt and card")
        found = {"mock": bool(texts or drafts), "said": bool(texts), "marked": bool(mock.assessments)}
        for kind in (kind for kind, is_there in {**found, "told": mock.is_finished}.items() if is_there):
            there[kind].add(number)
    return there


def compare(path: Path, acknowledged: list[tuple[int, str]], tally: Tally) -> None:
    """Every acknowledged write is there, and no transaction is there in part."""
    if fault := fault_of(path):
        tally.damaged.append(fault)
        return
    with SqliteStore.open(path, SystemClock()) as store:
        attempts = {int(a.seconds): a for a in store.attempts(SCENARIO)}
        records = {record.lab: record for record in store.lab_records()}
        draft = store.draft(SCENARIO)
        setting = int(store.setting("last") or 0)
        verdicts = {number for number, a in attempts.items() if store.overrules(a.id)}
        there = compare_reviews(store, set(attempts), tally) | compare_mocks(store, tally)
    there |= {"attempt": set(attempts), "lab": set(records), "verdict": verdicts, "setting": set(range(setting + 1))}
    for number, kind in acknowledged:
        if kind in there and number not in there[kind]:
            tally.lost.append(f"{number} {kind}")
    last_number, last_kind = acknowledged[-1]
    wanted = {"draft": (f"begun {last_number}", answer(last_number)), "redraft": (answer(last_number),)}.get(
        last_kind, ()
    )
    replaced = last_kind == "redraft" and last_number in attempts
    if wanted and not replaced and (draft is None or draft.text not in wanted):
        tally.lost.append(f"{last_number} {last_kind}")
    for number, kept in attempts.items():
        if kept.answer != answer(number):
            tally.torn.append(f"attempt {number}: another text")
    for number, record in records.items():
        if record.evidence != answer(number) or record.predictions != predictions(number):
            tally.torn.append(f"lab {number}: incomplete")
    if draft and draft.text in {answer(number) for number in attempts}:
        tally.torn.append(f"attempt {last_number} and its draft are both there")


def run(path: Path, kills: int, seed: int) -> Tally:
    """Kill again and again over the same file."""
    dice, tally, first = random.Random(seed), Tally(), 1
    for _ in range(kills):
        acknowledged = kill_once(path, first, dice, tally)
        tally.kills += 1
        tally.acknowledged += len(acknowledged)
        compare(path, acknowledged, tally)
        first = acknowledged[-1][0] + 2  # a number of its own, whatever was in flight
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    if asked.child:
        write_forever(asked.child, asked.first)
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-kill-") as folder:
        tally = run(Path(folder) / "tutor.db", asked.kills, asked.seed)
    sys.stdout.write(
        f"kills {tally.kills}, writes acknowledged {tally.acknowledged}, lost {len(tally.lost)}, "
        f"torn {len(tally.torn)}, damaged {len(tally.damaged)}; {tally.inside} kills fell inside a write\n"
    )
    sys.exit(bool(tally.lost or tally.torn or tally.damaged))


if __name__ == "__main__":
    main()
