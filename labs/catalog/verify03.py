"""Lab 3: what a trial of the learner's program must have shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labs.catalog.text03 import AT_ONCE, BACKLOG, LATER, PACE, REFERENCE, TEMPLATE
from labs.catalog.trial03 import Seen, try_out
from labs.contract import Check, LabContext, Output, Whose
from labs.notebook import measured, plot

Hints = tuple[str, str, str]
MOST_NAMED = 2
OTHERS: Mapping[str, Whose] = {TEMPLATE: "template", REFERENCE: "reference"}


def checks(ctx: LabContext, script: Path) -> list[Check]:
    """Try the program out, and say what came of it."""
    seen, others = try_out(ctx, script), ctx.facts.get("figures", {})
    for line in figures(others, seen):
        ctx.emit(Output(line))
    if seen.handled:
        rates = {f"records/s, {name}": float(row["rate"]) for name, row in others.items()}
        plot(ctx, {**rates, "records/s, yours": seen.rate}, "records/s")
        _keep(ctx, others, seen)
    return checks_of(seen)


def _keep(ctx: LabContext, others: Mapping[str, Mapping[str, Any]], seen: Seen) -> None:
    """The same figures for the evidence."""
    rows: list[tuple[Whose, Mapping[str, Any]]] = [("yours", _row(seen))]
    rows += [(whose, others[name]) for name, whose in OTHERS.items() if name in others]
    for whose, row in rows:
        measured(ctx, "rate", row["rate"], "records/s", whose)
        measured(ctx, "calls at once, at most", row["at_once"], whose=whose)
        measured(ctx, "records in a call", row["per_call"], whose=whose)
        measured(ctx, "customers out of order", row["disordered"], whose=whose)


def _row(seen: Seen) -> dict[str, Any]:
    return {
        "rate": seen.rate,
        "at_once": seen.at_once,
        "per_call": seen.per_call,
        "disordered": len(seen.disordered),
    }


def checks_of(seen: Seen) -> list[Check]:
    """The checks of a trial."""
    return [_runs(seen), _drained(seen), _order(seen), _bounded(seen), _committed(seen), _survives(seen)]


def figures(others: Mapping[str, Mapping[str, Any]], seen: Seen) -> list[str]:
    """The learner's figures beside those of the symptom, as lines."""
    if seen.fault or not seen.handled:
        return []
    lines = [f"{'':<24}{'records/s':>10}{'calls at once':>15}{'records a call':>16}{'out of order':>14}"]
    for name, row in {**others, "yours": _row(seen)}.items():
        told = f"{row['rate']:>10.0f}{row['at_once']:>15}{row['per_call']:>16.1f}{row['disordered']:>14}"
        lines.append(f"{name:<24}{told}")
    return lines


def _runs(seen: Seen) -> Check:
    title, expected = "consumer.py runs, and does not fail", "it works, and calls the service"
    result = seen.result
    if seen.fault:
        hints = (
            "The program is looked for in the workspace.",
            seen.fault,
            "Put it back, or type `reset` for a new one.",
        )
        return Check("runs", title, False, expected, seen.fault, hints)
    if result is not None and (result.status or seen.handled < BACKLOG):
        hints = (
            "Read what it printed last.",
            result.explanation,
            f"Mend what Python names: {result.errors[-1]}"
            if result.errors
            else "It should go on as long as records come.",
        )
        return Check("runs", title, False, expected, result.explanation, hints)
    if not seen.handled:
        found = "it had no call answered by the service"
        hints = (
            "The program runs, and the profile service has nothing to do.",
            "Does it poll the topic that TOPIC names, and post to the address in PROFILES? An endless loop before that looks the same.",
            "`reset` puts consumer.py back as it was, which calls the service for each record.",
        )
        return Check("runs", title, False, expected, found, hints)
    return Check("runs", title, True, expected, "it works")


def _drained(seen: Seen) -> Check:
    title, expected = "It drains its backlog", f"{BACKLOG} records at {PACE} a second or more"
    if not seen.handled:
        return _untried("drained", title, expected)
    found = f"{seen.handled} of {BACKLOG} in {seen.seconds:.1f} s: {seen.rate:.0f} a second"
    if seen.in_time:
        return Check("drained", title, True, expected, found)
    return Check("drained", title, False, expected, found, _slow_hints(seen))


def _slow_hints(seen: Seen) -> Hints:
    if seen.ahead:
        return (
            "Some records were never handled, so the backlog cannot be drained.",
            f"{seen.ahead} were committed without having been handled: their calls failed, or were never made.",
            "Let no call fail unseen: look at the result of each, and commit only what the service answered with 200.",
        )
    if seen.refused:
        return (
            "Calls that the service has refused are not done, and the records in them wait for ever.",
            f"It refused {seen.refused} calls, and handled {seen.handled} records.",
            "Make no more calls at once than it has room for; look at the result of each call, and let none fail unseen.",
        )
    where = f"{seen.at_once} call{'s' if seen.at_once != 1 else ''} at once, {seen.per_call:.1f} records in each"
    return (
        "Where does the time go? A call takes 50 ms, and the program waits for it.",
        f"The service saw {where}. That is at most {seen.at_once * seen.per_call / 0.05:.0f} records a second.",
        "Share the waiting: many events in one call, or several calls at once for different customers, or both.",
    )


def _order(seen: Seen) -> Check:
    title, expected = "Each customer's events are handled in their order", "0 customers out of order"
    if not seen.handled:
        return _untried("order", title, expected)
    broken = seen.disordered
    if not broken:
        return Check("order", title, True, expected, "0 customers")
    named = ", ".join(broken[:MOST_NAMED]) + (", …" if len(broken) > MOST_NAMED else "")
    hints = (
        "Two calls at once are done in any order. Which pairs of records must not be in two calls at once?",
        f"Of {len(broken)} customers ({named}) the service had two events under way at once, or got a later one without the "
        "one before it.",
        "Send all records of a key to the same worker, which makes one call after the other; inside a call, keep the order of "
        "the partition.",
    )
    return Check("order", title, False, expected, f"{len(broken)} customers, e.g. {broken[0]}", hints)


def _bounded(seen: Seen) -> Check:
    title, expected = "The service always has room for its calls", f"no call refused, at most {AT_ONCE} at once"
    if not seen.handled and not seen.refused:
        return _untried("bounded", title, expected)
    if not seen.refused:
        return Check("bounded", title, True, expected, f"at most {seen.at_once} at once")
    hints = (
        "More calls at once are not more speed for ever: the other side has a limit.",
        f"It refused {seen.refused} calls, because {AT_ONCE} of this program's were under way.",
        "Let a fixed number of workers make the calls, and hold back the poll loop while they are busy.",
    )
    return Check("bounded", title, False, expected, f"{seen.refused} calls refused", hints)


def _committed(seen: Seen) -> Check:
    title = "What is committed has been handled"
    expected = "no record committed before its call was done, and a lag of 0 at the end"
    if not seen.handled and not seen.ahead:
        return _untried("committed", title, expected)
    if seen.ahead:
        found = f"{seen.ahead} records were committed before they were handled"
        hints = (
            "A commit says that everything before this offset is done. Was it?",
            f"{found}: they were polled, or stood behind one that was not done.",
            "Commit up to the first record of each partition that is not done. commit() without arguments commits everything "
            "that has been polled, of all partitions, and so does auto-commit.",
        )
        return Check("committed", title, False, expected, found, hints)
    if seen.in_time and seen.behind:
        found = f"a lag of {seen.behind} with everything handled"
        hints = (
            "Whoever starts after this program starts at its last commit.",
            f"The service has handled everything, and {seen.behind} records are not committed.",
            "Commit when records are done, also when no new ones come in.",
        )
        return Check("committed", title, False, expected, found, hints)
    found = "never ahead, and a lag of 0" if seen.in_time else f"never ahead; a lag of {seen.behind}, see above"
    return Check("committed", title, True, expected, found)


def _survives(seen: Seen) -> Check:
    title = "Killed while the service hangs, and started again, it loses nothing"
    expected = f"all of {LATER} further records handled"
    if seen.crash is None:
        hints = (
            "Other checks have to pass before this one is tried.",
            "What comes first is that it drains its backlog without failing.",
            "Mend that, and save.",
        )
        return Check("survives", title, False, expected, "not tried yet: draining the backlog comes first", hints)
    crash = seen.crash
    if not crash.lost and not crash.left:
        return Check("survives", title, True, expected, "nothing lost")
    if crash.lost:
        found = f"{crash.lost} records lost"
        hints = (
            "When it was killed, records were in its hands and not done. Where did it go on afterwards?",
            f"Its committed offset was beyond {crash.lost} records whose calls had not been answered.",
            "Only what the service has answered counts as done. Commit up to the first record that is not.",
        )
        return Check("survives", title, False, expected, found, hints)
    found = f"{crash.left} records not handled after the restart: {crash.stuck}"
    hints = (
        "Started again, it gets records a second time. That is normal, and must not stop it.",
        f"{crash.left} records were left. {crash.stuck}",
        "It starts with nothing but the committed offsets: let it need nothing else.",
    )
    return Check("survives", title, False, expected, found, hints)


def _untried(name: str, title: str, expected: str) -> Check:
    hints = (
        "The program has to work first; see the check above.",
        "The service has handled nothing yet.",
        "Mend the first check, then verify again.",
    )
    return Check(name, title, False, expected, "nothing was handled yet", hints)
