"""Every lab proves itself: untouched it fails its own checks, the reference fix passes them, and nothing stays behind.

Each proof runs on a fresh broker, beside whatever the learner is doing: it has a state directory of its own.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from labs import catalog, housekeeping
from labs.broker.interface import Cluster, ClusterSpec, OnProgress
from labs.clusters import ClusterSource, Lease
from labs.contract import Absent, Check, Lab, Observation
from labs.dirs import Dirs
from labs.errors import LearnerError, NotOnThisCluster
from labs.runner import LabRunner
from labs.session_file import lab_paths

Load = Callable[[int], Lab]


@dataclass(frozen=True, slots=True)
class Proof:
    """One run of one lab."""

    lab: int
    run: int
    """1-based."""
    seconds: float
    """From the request for a broker until it was stopped and everything was removed."""
    wrong: tuple[str, ...]
    """What was not as it must be; empty: proven."""
    left_out: str = ""
    """What could not be proven on this machine, and what would make it possible."""
    ran: bool = True
    """False: it could not begin on this cluster, which has not what it needs; `left_out` says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """All runs of one lab."""

    lab: int
    title: str
    runs: int
    """Those that could begin."""
    wrong: int
    """Runs in which anything was wrong."""
    median: float
    """Seconds."""
    slowest: float
    """Seconds."""
    faults: tuple[str, ...]
    """Everything that was wrong, each once."""


def prove(
    numbers: Iterable[int],
    times: int,
    clusters: ClusterSource,
    dirs: Dirs,
    on_proof: Callable[[Proof], None] = lambda _: None,
    load: Load = catalog.load,
) -> list[Proof]:
    """Prove labs, one after the other, each so many times; `clusters` must hand out fresh brokers."""
    proofs = []
    with _OwnState(dirs) as own:
        for number in numbers:
            lab = load(number)
            for run in range(1, times + 1):
                proof = prove_once(lab, run, clusters, own)
                on_proof(proof)
                proofs.append(proof)
    return proofs


def prove_once(
    lab: Lab, run: int, clusters: ClusterSource, dirs: Dirs, monotonic: Callable[[], float] = time.monotonic
) -> Proof:
    """One proof. A LearnerError on the way is a wrong outcome like any other."""
    began = monotonic()
    witness = _Witness(clusters)
    wrong: list[str] = []
    left_out, ran = "", True
    try:
        with LabRunner(lab, witness, dirs, _ignore) as runner:
            wrong += _phases(lab, runner)
            left_out = _left_out(runner.absent)
    except NotOnThisCluster as error:
        left_out, ran = error.cause, False
    except LearnerError as error:
        wrong.append(f"{error.title}: {error.cause}")
    wrong += witness.remains()
    if lab_paths(dirs, lab.info.number).home.exists():
        wrong.append(f"files left in {lab_paths(dirs, lab.info.number).home}")
    return Proof(lab.info.number, run, monotonic() - began, tuple(wrong), left_out, ran)


def _phases(lab: Lab, runner: LabRunner) -> list[str]:
    runner.observe()
    wrong = observation_faults(lab, runner.observations(), runner.absent)
    untouched = runner.verify()
    if all(check.ok for check in untouched):
        wrong.append("verify passes on the untouched arrangement")
    wrong += [f"check {check.id} fails without hints" for check in untouched if not check.ok and len(check.hints) != 3]
    runner.apply_reference_fix()
    wrong += [f"after the reference fix: {_check_told(check)}" for check in runner.verify() if not check.ok]
    if left := runner.clean_and_count():
        wrong.append(f"left behind: {left}")
    return wrong


def observation_faults(lab: Lab, seen: Sequence[Observation], absent: Absent | None = None) -> list[str]:
    """What is wrong with the observations of a run: missing, unknown, or not what a healthy run measures."""
    info = lab.info
    ids = [observation.id for observation in seen]
    excused = absent.observations if absent else ()
    faults = [f"observation {name} is missing" for name in info.observations if name not in (*ids, *excused)]
    faults += [f"observation {name} is not declared" for name in ids if name not in info.observations]
    unexpected = [o for o in seen if o.id in info.expected and not info.expected[o.id](o.value)]
    return faults + [f"unexpected {o.id}: {o.text}" for o in unexpected]


def told(proof: Proof) -> str:
    """A proof in a few words."""
    if proof.wrong:
        return f"wrong: {'; '.join(proof.wrong)}"
    if not proof.ran:
        return f"not run: {proof.left_out}"
    return f"proven, {proof.left_out}" if proof.left_out else "proven"


def _left_out(absent: Absent | None) -> str:
    return f"without {absent.what}: {absent.reason} {absent.remedy}" if absent else ""


def _check_told(check: Check) -> str:
    return f"{check.id}: expected {check.expected}, found {check.found}"


def _ignore(_: object) -> None:
    """Drop events."""


class _Witness:
    """Hands out clusters, and looks afterwards whether their processes and data are gone."""

    def __init__(self, clusters: ClusterSource) -> None:
        self._clusters = clusters
        self._pids: set[int] = set()
        self._folders: set[Path] = set()

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        """A fresh cluster."""
        lease = self._clusters.lease(spec, on_progress)
        self._note(lease.cluster)
        return lease

    def release(self, lease: Lease) -> None:
        """Take it back."""
        self._note(lease.cluster)
        self._clusters.release(lease)

    def _note(self, cluster: Cluster) -> None:
        self._pids |= {node.pid for node in cluster.nodes if node.pid is not None}
        self._folders |= {node.data_dir for node in cluster.nodes if node.data_dir is not None}

    def remains(self) -> list[str]:
        """Processes and folders that are still there."""
        alive = [f"process {pid} still runs" for pid in sorted(self._pids) if psutil.pid_exists(pid)]
        return alive + [f"folder {folder} still there" for folder in sorted(self._folders) if folder.exists()]


def forget_dead(dirs: Dirs) -> None:
    """Remove the state of proofs whose process is gone; what they left on a cluster of somebody's is written down."""
    for folder in (dirs.state / "prove").glob("*"):
        if folder.name.isdigit() and not psutil.pid_exists(int(folder.name)):
            housekeeping.adopt_debts(dirs, replace(dirs, state=folder))
            shutil.rmtree(folder, ignore_errors=True)


class _OwnState:
    """A state directory of this process's own, below the usual one; those of dead processes are removed on the way."""

    def __init__(self, dirs: Dirs) -> None:
        self._usual = dirs
        self._dirs = replace(dirs, state=dirs.state / "prove" / str(os.getpid()))

    def __enter__(self) -> Dirs:
        forget_dead(self._usual)
        return self._dirs

    def __exit__(self, *_: object) -> None:
        housekeeping.adopt_debts(self._usual, self._dirs)
        shutil.rmtree(self._dirs.state, ignore_errors=True)


# --- the table -------------------------------------------------------------------------------------------------------


def rows(proofs: Sequence[Proof], title: Callable[[int], str]) -> list[Row]:
    """One row a lab."""
    return [_row(number, [p for p in proofs if p.lab == number], title) for number in sorted({p.lab for p in proofs})]


def _row(number: int, proofs: Sequence[Proof], title: Callable[[int], str]) -> Row:
    seconds = [proof.seconds for proof in proofs]
    faults = tuple(dict.fromkeys(fault for proof in proofs for fault in proof.wrong))
    wrong = sum(bool(proof.wrong) for proof in proofs)
    return Row(
        number,
        title(number),
        sum(proof.ran for proof in proofs),
        wrong,
        statistics.median(seconds),
        max(seconds),
        faults,
    )


def table(found: Sequence[Row]) -> list[str]:
    """The rows as lines of text, with a sum."""
    width = max((len(row.title) for row in found), default=0)
    lines = [f"lab  {'':<{width}}  runs  wrong  median s   max s"]
    lines += [
        f"{row.lab:>3}  {row.title:<{width}}  {row.runs:>4}  {row.wrong:>5}  {row.median:>8.1f}  {row.slowest:>6.1f}"
        for row in found
    ]
    runs, wrong = sum(row.runs for row in found), sum(row.wrong for row in found)
    return [*lines, f"{runs} proofs, {wrong} wrong", *(f"  lab {row.lab}: {f}" for row in found for f in row.faults)]


def document(found: Sequence[Row], proofs: Sequence[Proof]) -> dict[str, Any]:
    """Plain values for programs."""
    return {
        "labs": [asdict(row) for row in found],
        "proofs": [asdict(proof) for proof in proofs],
        "wrong": sum(row.wrong for row in found),
    }
