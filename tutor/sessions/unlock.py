"""When a lab opens: after an honest attempt at its scenario. Skipping the lock is possible and is not progress."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from labs import added
from tutor.clock import Clock
from tutor.sessions.ports import Attempt, LabRecord, Store

LabStateKind = Literal["missing", "locked", "unlocked", "skipped", "verified", "gave_up"]


class LabState(msgspec.Struct, frozen=True):
    """Where the learner stands with one lab."""

    kind: LabStateKind
    reason: str
    """One sentence: why it is so, and what opens it where it is locked."""
    counts: bool = False
    """Whether a verified run is progress: there was an honest attempt."""

    @property
    def may_run(self) -> bool:
        """Whether the lab opens without skipping anything."""
        return self.kind not in ("missing", "locked")


def lab_state(store: Store, lab: int, known: Collection[int]) -> LabState:
    """The state of a lab, read from the store. `known`: numbers of the labs of this release."""
    if lab not in known:
        return missing(lab)
    return state_of(lab, store.attempts(lab), store.lab_records(lab), skipped=store.lab_lock_skipped(lab))


def missing(lab: int) -> LabState:
    """The state of a lab that cannot run: not in this release, or of an added pack and not trusted."""
    if lab >= added.FIRST:
        return LabState("missing", "A program by the pack's author, and off: kafka-tutor pack list")
    return LabState("missing", f"This release has no lab for scenario {lab}.")


def state_of(lab: int, attempts: Sequence[Attempt], records: Sequence[LabRecord], *, skipped: bool) -> LabState:
    """The state of a lab that exists, from the attempts at its scenario and its own records."""
    honest = any(attempt.grade.honest for attempt in attempts)
    outcomes = {record.outcome for record in records}
    if "verified" in outcomes:
        return LabState("verified", _verified_reason(lab, honest), honest)
    if "gave_up" in outcomes:
        return LabState("gave_up", "You saw the reference fix. Run it again and fix it yourself.", honest)
    if honest:
        return LabState("unlocked", "Your answer opened it.", True)
    if skipped:
        return LabState("skipped", f"You skipped the lock. Answer scenario {lab} and a verified run counts.")
    return LabState("locked", _locked_reason(lab, bool(attempts)))


def skip_lock(store: Store, lab: int, clock: Clock) -> None:
    """Open a lab without an attempt. Recorded, and not progress."""
    store.skip_lab_lock(lab, clock.now())


def _verified_reason(lab: int, honest: bool) -> str:
    if honest:
        return "You fixed it and the cluster agreed."
    return f"Verified without an answer. Answer scenario {lab} and it counts."


def _locked_reason(lab: int, attempted: bool) -> str:
    if attempted:
        return f"Your answers to scenario {lab} were no real attempts. Explain it in your own words, right or wrong."
    return f"Answer scenario {lab} first: any honest attempt opens the lab, right or wrong."
