"""Lab 8: what a run of the learner's program must have shown."""

from __future__ import annotations

from labs.catalog.runs08 import Run
from labs.catalog.text08 import DOCUMENTS, LIMIT, ROOM
from labs.contract import Check
from labs.documents import Tally

MISSING = "consumer.py is not in the workspace"


def checks_of(seen: Run | None, found: Tally, behind: int) -> list[Check]:
    """The checks; `seen` None where there was nothing to run, `behind`: documents not committed."""
    return [_runs(seen, found), _memory(seen, found), _handled(seen, found), _committed(seen, behind)]


def _runs(seen: Run | None, found: Tally) -> Check:
    title, expected = "consumer.py runs, and does not fail", "it works until everything is handled"
    if seen is None:
        hints = ("The program is looked for in the workspace.", MISSING, "Put it back, or type `reset` for a new one.")
        return Check("runs", title, False, expected, MISSING, hints)
    result = seen.result
    if result is None or result.ending == "finished" or seen.out_of_memory:
        told = result.explanation if result else "it ran out of memory" if seen.out_of_memory else "it works"
        return Check("runs", title, True, expected, told)
    if result.ending == "time limit" and found.complete:
        return Check("runs", title, True, expected, "it handled everything and ran on")
    last = result.errors[-1] if result.errors else f"exit status {result.status}"
    hints = (
        "Read what it printed last.",
        result.explanation,
        "If it hangs: a program that only computes never polls, and one that handles nothing never gets done."
        if result.ending == "time limit"
        else f"Mend what Python names: {last}",
    )
    return Check("runs", title, False, expected, result.explanation, hints)


def _memory(seen: Run | None, found: Tally) -> Check:
    title, expected = "It needs little memory", f"at most {ROOM} MB of its {LIMIT} MB"
    if seen is None:
        return _untried("memory", title, expected)
    told = f"a peak of {seen.peak:.0f} MB" + (", and it ran out of memory" if seen.out_of_memory else "")
    if not seen.out_of_memory and seen.peak <= ROOM and found.right:
        return Check("memory", title, True, expected, told)
    if not seen.out_of_memory and seen.peak <= ROOM:
        return Check("memory", title, False, expected, f"{told}, with nothing handled", _NOTHING)
    kept = f"Its list had grown to {seen.held} documents" if seen.held else "Something in it grows with the documents"
    hints = (
        "Ask what the program still refers to when it handles a document, and what it could have let go.",
        f"{kept}; {found.right} of {DOCUMENTS} were handled. Parsed documents take many times their bytes, and what the "
        "client fetches ahead comes on top.",
        "Handle each document as it comes and keep none; let a poll hand out fewer, and let the client fetch fewer bytes: "
        "max_poll_records, max_partition_fetch_bytes, fetch_max_bytes.",
    )
    return Check("memory", title, False, expected, told, hints)


def _handled(seen: Run | None, found: Tally) -> Check:
    title, expected = "Every document was handled, each once", f"{DOCUMENTS} documents in the index, with their digests"
    if seen is None:
        return _untried("handled", title, expected)
    told = f"{found.right} right"
    told += f", {found.wrong} wrong" if found.wrong else ""
    told += f", {found.twice} more than once" if found.twice else ""
    if found.complete:
        return Check("handled", title, True, expected, told)
    hints = (
        "Every document that was polled has to go through handle(), as it is, before it is let go.",
        f"The index has {told}, of {DOCUMENTS}.",
        "A document twice: it is handled in two places, or a list was not emptied."
        if found.twice
        else "The digest in the index is made of the document's words: call handle() with the parsed document."
        if found.wrong
        else "First see why it stops: the other checks say what it died of.",
    )
    return Check("handled", title, False, expected, told, hints)


def _committed(seen: Run | None, behind: int) -> Check:
    title, expected = "Its group has committed up to the end", "a lag of 0"
    if seen is None:
        return _untried("committed", title, expected)
    if not behind:
        return Check("committed", title, True, expected, "a lag of 0")
    hints = (
        "Who starts after this program starts at its last commit.",
        f"{behind} documents are not committed.",
        "Commit when what a poll has brought is handled, in the group that GROUP names.",
    )
    return Check("committed", title, False, expected, f"a lag of {behind}", hints)


_NOTHING = (
    "A program that handles nothing needs no memory.",
    "Nothing has come through handle().",
    "Poll, parse, call handle(), let go.",
)


def _untried(name: str, title: str, expected: str) -> Check:
    hints = ("There is no program to run.", MISSING, "Put it back, or type `reset` for a new one.")
    return Check(name, title, False, expected, "not tried: there is no program", hints)
