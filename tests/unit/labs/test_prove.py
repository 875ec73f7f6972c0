"""A proof finds every way in which a lab can be wrong."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from labs import uncleaned
from labs.broker.capabilities import Capabilities, Needs
from labs.contract import Lab
from labs.dirs import Dirs
from labs.prove import Proof, document, forget_dead, prove, prove_once, rows, table, told
from labs.session_file import Owner, Session, lab_paths, write_session
from tests.unit.labs.worlds import INFO, PaperLab, PaperSource, PartialPaperLab


@pytest.fixture
def where(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


def proven(lab: PaperLab, where: Dirs, source: PaperSource | None = None) -> tuple[str, ...]:
    return prove_once(lab, 1, source or PaperSource(), where).wrong


def test_a_good_lab_leaves_only_what_needs_kafka_to_be_seen(where: Dirs) -> None:
    (wrong,) = proven(PaperLab(), where)  # the paper cluster cannot be cleaned, and the proof says so
    assert wrong.startswith("left behind")


@pytest.mark.parametrize(
    ("lab", "fault"),
    [
        (PaperLab(spoiled=True), "passes on the untouched arrangement"),
        (PaperLab(fixable=False), "after the reference fix: fixed"),
        (PaperLab(value=5.0), "unexpected counted"),
        (PaperLab(seen="other"), "observation other is not declared"),
        (PaperLab(seen="other"), "observation counted is missing"),
        (PaperLab(question=""), "did not measure many"),
        (PaperLab(info=replace(INFO, observations=("counted", "more"))), "observation more is missing"),
    ],
)
def test_a_fault_of_a_lab_is_a_wrong_outcome(where: Dirs, lab: PaperLab, fault: str) -> None:
    assert any(fault in wrong for wrong in proven(lab, where))


def test_what_a_machine_lacks_is_left_out_and_said(where: Dirs) -> None:
    who = replace(INFO.questions[0], id="who")
    info = replace(INFO, observations=("counted", "signed"), questions=(*INFO.questions, who))
    proof = prove_once(PartialPaperLab(info=info), 1, PaperSource(), where)
    assert [wrong for wrong in proof.wrong if not wrong.startswith("left behind")] == []
    assert proof.left_out == "without ink: The bottle is empty. Run: buy ink"
    whole = prove_once(PaperLab(info=info), 1, PaperSource(), where)
    assert any("did not measure who" in wrong for wrong in whole.wrong)


def test_what_a_cluster_leaves_is_a_wrong_outcome(where: Dirs, tmp_path: Path) -> None:
    assert any("still there" in wrong for wrong in proven(PaperLab(), where, PaperSource(data_dir=tmp_path)))


def test_every_proof_gets_a_cluster_of_its_own_and_leaves_no_state(where: Dirs) -> None:
    source, seen = PaperSource(), list[Proof]()
    labs: dict[int, Lab] = {7: PaperLab(), 8: PaperLab(info=replace(INFO, number=8))}
    proofs = prove((7, 8), 2, source, where, seen.append, labs.__getitem__)
    assert [(proof.lab, proof.run) for proof in proofs] == [(7, 1), (7, 2), (8, 1), (8, 2)]
    assert seen == proofs
    assert (len(source.leases), source.released) == (4, 4)
    assert not (where.state / "labs").exists()
    assert list((where.state / "prove").iterdir()) == []


def test_the_table_counts_runs_and_names_faults_once() -> None:
    proofs = [
        Proof(1, 1, 2.0, ()),
        Proof(1, 2, 4.0, ("late", "loud")),
        Proof(1, 3, 9.0, ("late",)),
        Proof(5, 1, 1.0, ()),
    ]
    found = rows(proofs, {1: "One", 5: "Five"}.__getitem__)
    assert [(row.runs, row.wrong, row.median, row.slowest) for row in found] == [(3, 2, 4.0, 9.0), (1, 0, 1.0, 1.0)]
    lines = table(found)
    assert lines[3] == "4 proofs, 2 wrong"
    assert lines[4:] == ["  lab 1: late", "  lab 1: loud"]
    assert document(found, proofs)["wrong"] == 2


def test_an_empty_table() -> None:
    assert table([])[-1] == "0 proofs, 0 wrong"


def test_what_a_killed_proof_left_on_somebodys_cluster_is_not_forgotten(tmp_path: Path) -> None:
    home = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    own = replace(home, state=home.state / "prove" / str(gone.pid))
    write_session(lab_paths(own, 1), Session(1, "kt-1-x", Owner(1, 0.0), "external", "a:1", (), "now", True, True))
    uncleaned.note(own, uncleaned.Left(2, "external", "a:1", "kt-2-y"))
    forget_dead(home)
    assert not own.state.exists()
    assert {owed.prefix for owed in uncleaned.everything(home)} == {"kt-1-x", "kt-2-y"}


def test_a_lab_that_has_not_what_it_needs_is_not_run_and_not_wrong(tmp_path: Path) -> None:
    source = PaperSource(capabilities=Capabilities(own=False, brokers=1, can_kill=False))
    lab = PaperLab(info=replace(INFO, needs=Needs(brokers=3)))
    (proof,) = prove((7,), 1, source, Dirs(tmp_path / "d", tmp_path / "c", tmp_path / "s"), load=lambda _: lab)
    assert (proof.ran, proof.wrong) == (False, ())
    assert told(proof) == "not run: It needs 3 brokers, and the cluster has 1 broker."
    assert rows([proof], str)[0].runs == 0
