"""The checks of a program that handles payments, from a survey of its crash points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labs.contract import Check
from labs.survival import Row, Survey

PLACES = 2
"""Places that are named in a check; the table has all."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How an effect of a payment is spoken of."""

    prefix: str
    """Of the ids of its checks."""
    does: str
    done: str
    remedy: str
    """What keeps it from happening twice."""


LEDGER = Wording(
    "",
    "debits",
    "debited",
    "Have the database refuse a payment_id the second time (a primary key or unique constraint), and store it in the same "
    "transaction as the debit: no commit between the two.",
)
GATEWAY = Wording(
    "gateway-",
    "charges",
    "charged",
    "Let the gateway recognise the repetition: a header with a key that is the same in every attempt for this payment, and "
    "another one for every other payment.",
)
WORDINGS = {"ledger": LEDGER, "gateway": GATEWAY}


def checks(found: Survey, script: str, effects: Sequence[str] = ("ledger",)) -> list[Check]:
    """It works in peace; it never loses and never repeats any of its effects."""
    made = [_works(found, script, effects)]
    for effect in effects:
        made += [_never_lost(found, effect), _never_twice(found, effect)]
    return made


def _works(found: Survey, script: str, effects: Sequence[str]) -> Check:
    done = " and ".join(WORDINGS[effect].done for effect in effects)
    title = f"Each payment is {done} once by {script} while nothing goes wrong"
    expected = f"each payment {done} once, and calls into SQLite and Kafka that can be crashed"
    if found.fault:
        return Check("works", title, False, expected, found.fault, _broken_hints(found.fault, script))
    calm = [f"{WORDINGS[effect].done}: {found.calm[effect].word}" for effect in effects]
    if not all(found.calm[effect].once for effect in effects):
        shown = f"{', '.join(calm)}, before anything was killed"
        hints = (
            f"Before any crash matters: watch what {script} does with three ordinary payments.",
            f"Found: {', '.join(calm)}. Two purchases may be alike but for their payment_id.",
            "Compare the result with the payments: account, amount, and how often. Only payment_id tells payments apart.",
        )
        return Check("works", title, False, expected, shown, hints)
    if not found.seen:
        hints = (
            "verify watches the calls from the files of the workspace into sqlite3 and kafka, and saw too few of them.",
            f"Of the database and of the consumer at least one cannot be seen from {script}.",
            "Make these calls in the workspace's own files and in the process that is started, not in another one.",
        )
        return Check("works", title, False, expected, f"{len(found.rows)} crash points, not around both", hints)
    return Check("works", title, True, expected, f"each {done} once; {len(found.rows)} crash points found")


def _broken_hints(fault: str, script: str) -> tuple[str, str, str]:
    return (
        f"Three payments wait in the topic. {script} has to debit them without any crash first.",
        f"What happened: {fault}",
        f"Its output is above. `reset` puts {script} back as it was.",
    )


def _never_lost(found: Survey, effect: str) -> Check:
    words = WORDINGS[effect]
    check_id, title = f"{words.prefix}never-lost", f"Killed anywhere, it leaves no payment that is not {words.done}"
    expected = f"0 crash points at which a payment is not {words.done}"
    if not found.rows:
        return _nothing_yet(check_id, title, expected)
    rows = (*found.hit(effect, "lost"), *found.hit(effect, "wrong"), *found.stuck)
    hit = list({id(row): row for row in rows}.values())
    if not hit:
        return Check(check_id, title, True, expected, f"0 of {len(found.rows)}")
    return Check(check_id, title, False, expected, places(hit, found), _lost_hints(hit[0], words))


def _lost_hints(row: Row, words: Wording) -> tuple[str, str, str]:
    if row.outcome.stuck:
        return (
            f"Killed {row.place}, it was started again and never got on.",
            f"Each start ended like this: {row.outcome.stuck}",
            "A payment that comes a second time is normal. The handler must skip it and go on, not fail on it.",
        )
    return (
        f"Killed {row.place}, a payment was never {words.done}. What counted as done at that moment?",
        f"Something said that it was done (a committed offset, or an id that was stored and committed) before it was "
        f"{words.done}.",
        f"Commit the offset last. And let nothing mark a payment as done before it is {words.done}, or in another "
        "transaction.",
    )


def _never_twice(found: Survey, effect: str) -> Check:
    words = WORDINGS[effect]
    check_id, title = f"{words.prefix}never-twice", f"Killed anywhere, it {words.does} no payment twice"
    expected = f"0 crash points at which a payment is {words.done} twice"
    if not found.rows:
        return _nothing_yet(check_id, title, expected)
    hit = found.hit(effect, "twice")
    if not hit:
        return Check(check_id, title, True, expected, f"0 of {len(found.rows)}")
    row = hit[0]
    payment = row.outcome.tallies[effect].twice[0]
    hints = (
        f"Killed {row.place}, it got a record again that it had handled. That will always happen; the handler must bear it.",
        f"{payment.id} was {words.done} twice: it had been {words.done} already, Kafka did not have the offset, and nothing "
        "could tell the second attempt from a new payment.",
        words.remedy,
    )
    return Check(check_id, title, False, expected, places(hit, found), hints)


def places(hit: Sequence[Row], found: Survey) -> str:
    """`2 of 7: after …; after …`."""
    named = "; ".join(row.place for row in hit[:PLACES])
    return f"{len(hit)} of {len(found.rows)}: {named}" + ("; …" if len(hit) > PLACES else "")


def _nothing_yet(check_id: str, title: str, expected: str) -> Check:
    hints = (
        "It has to work without a crash first; see the check above.",
        "Nothing could be killed yet, because nothing was handled.",
        "Mend the first check, then verify again.",
    )
    return Check(check_id, title, False, expected, "not tried: it does not work without a crash yet", hints)
