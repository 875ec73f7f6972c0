"""Lab 4: what two members of the learner's program must have shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labs.catalog.storm04 import Stuck, Work
from labs.catalog.text04 import BOUND, INVOICES, SERVICE_SECONDS
from labs.contract import Check

SCRIPT = "consumer.py"
NOBODY = Stuck("no member was there")


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen of a program; `fault`: why nothing could be."""

    work: Work
    hung: Stuck = NOBODY
    frozen: Stuck = NOBODY
    fault: str = ""


def checks_of(found: Found) -> list[Check]:
    """The checks, in the order in which they are best mended."""
    return [_runs(found), _calm(found), _once(found), _all(found), _hung(found), _frozen(found)]


def _runs(found: Found) -> Check:
    title, expected = f"Two processes of {SCRIPT} work as one group", "two members that share the partitions, and go on"
    fault = found.fault or found.work.fault
    if not fault:
        return Check("runs", title, True, expected, "two members, until the end")
    hints = (
        f"Two processes of {SCRIPT} are started, before any invoice is there. They have to join GROUP and read TOPIC.",
        f"What happened: {fault}",
        f"Its output is above. `reset` puts {SCRIPT} back as it was.",
    )
    return Check("runs", title, False, expected, fault, hints)


def _calm(found: Found) -> Check:
    title, expected = "No rebalance after the group has settled", "0 rebalances"
    if not found.work.settled:
        return _untried("calm", title, expected)
    count = found.work.rebalances
    told = f"{count} rebalances in {found.work.seconds:.1f} s"
    if not count:
        return Check("calm", title, True, expected, told)
    hints = (
        "Nobody came and nobody was stopped. So somebody left: ask how long a member goes without calling poll().",
        f"{told}. A poll brings so many records, each takes {SERVICE_SECONDS} s, and the product is more than "
        "max_poll_interval_ms allows.",
        "Bring less per poll (max_poll_records), allow more time (max_poll_interval_ms), or let a thread wait for the service "
        "while the loop goes on polling with its partitions paused.",
    )
    return Check("calm", title, False, expected, told, hints)


def _once(found: Found) -> Check:
    title, expected = "No invoice is handled twice", "0 invoices that the service has had twice"
    work = found.work
    if not work.settled or not work.handled:
        return _untried("once", title, expected)
    told = f"{work.twice} of {work.handled}"
    if not work.twice:
        return Check("once", title, True, expected, told)
    refused = f", and {work.refused} commits failed" if work.refused else ""
    hints = (
        "The service keeps a log of its own. What made a member begin with an invoice that had been handled?",
        f"{work.calls} calls for {work.handled} invoices{refused}: who gets a partition starts at its committed offset.",
        "A member must still be in the group when it commits. See the check on rebalances first."
        if work.rebalances
        else "Commit what is handled, once it is, and give no record to two threads.",
    )
    return Check("once", title, False, expected, told, hints)


def _all(found: Found) -> Check:
    title, expected = "Every invoice is handled, and then committed", f"{INVOICES} handled, {INVOICES} committed"
    work, early = found.work, found.hung.lost
    if not work.settled:
        return _untried("all", title, expected)
    told = f"{work.handled} handled, {work.committed} committed after {work.seconds:.1f} s"
    if early:
        told += f"; {early} committed that had not been handled"
    if work.done and not early:
        return Check("all", title, True, expected, told)
    if early:
        third = "Wait for the answer of the service before you commit the offset of its invoice."
    elif work.handled == INVOICES:
        third = "Commit when the records of a poll are handled, in the group that GROUP names."
    else:
        third = f"Two members need {INVOICES * SERVICE_SECONDS / 2:.0f} s. Look at what keeps them from it: see the checks above."
    hints = ("Handled is what the service has answered; committed is what the group would not do again.", told, third)
    return Check("all", title, False, expected, told, hints)


def _hung(found: Found) -> Check:
    title = "A member that hangs does not hold up the group"
    expected = f"beside it, a new member has partitions within {BOUND:.0f} s"
    if found.fault or found.hung.fault:
        return _untried("hung", title, expected, found.fault or found.hung.fault)
    if found.hung.waited is not None:
        return Check("hung", title, True, expected, f"after {found.hung.waited:.1f} s")
    told = f"none after {BOUND:.0f} s"
    hints = (
        "The service gave one member no answer any more. Its heartbeats went on. What tells the group that it is stuck?",
        "The rebalance for the new member waits for the stuck one, as long as its max_poll_interval_ms allows.",
        "An interval that never ends is a limit that never helps: make it as long as the worst batch needs, with some room, and "
        "no longer. Fewer records per poll need no longer one at all.",
    )
    return Check("hung", title, False, expected, told, hints)


def _frozen(found: Found) -> Check:
    title = "A member that stands still is noticed"
    expected = f"the other one has its partitions within {BOUND:.0f} s"
    if found.fault or found.frozen.fault:
        return _untried("frozen", title, expected, found.fault or found.frozen.fault)
    if found.frozen.waited is not None:
        return Check("frozen", title, True, expected, f"after {found.frozen.waited:.1f} s")
    told = f"not after {BOUND:.0f} s"
    hints = (
        "One of two processes was stopped with SIGSTOP. It sends nothing more, not even heartbeats.",
        "The broker gives up a member without heartbeats after its session_timeout_ms, and that is longer here.",
        f"session_timeout_ms has nothing to do with the batch. Leave it at 3000; at most {BOUND:.0f} s are allowed.",
    )
    return Check("frozen", title, False, expected, told, hints)


def _untried(name: str, title: str, expected: str, why: str = "") -> Check:
    hints = (
        "It has to work first; see the first check.",
        why or "The two processes never worked as a group.",
        "Mend that, and save.",
    )
    return Check(name, title, False, expected, f"not tried: {why or 'there was no group of two'}", hints)


# --- side by side ----------------------------------------------------------------------------------------------------

_COLUMNS = ("rebalances", "commits refused", "handled", "twice", "committed", "seconds")


def table(rows: Mapping[str, Work]) -> list[str]:
    """What programs have done, a line each."""
    width = max(map(len, rows), default=0)
    lines = [f"{'':<{width}}  " + "  ".join(_COLUMNS)]
    for name, work in rows.items():
        cells = (work.rebalances, work.refused, work.handled, work.twice, work.committed, f"{work.seconds:.1f}")
        shown = "  ".join(f"{cell:>{len(title)}}" for cell, title in zip(cells, _COLUMNS, strict=True))
        lines.append(f"{name:<{width}}  {shown}")
    return lines
