"""The phases of a run, its lock, its files, its end. No Kafka: the world here is a workspace."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labs import housekeeping
from labs.broker.access import Access
from labs.contract import Event, Observed, Output, Step
from labs.dirs import Dirs
from labs.errors import BadPrediction, BrokerDied, LabBusy, LabError, LabNotRunning, LabStopped
from labs.evidence import to_json
from labs.runner import LabRunner, new_prefix
from labs.session_file import lab_paths, read_session
from labs.verifying import running_session, verify_running
from tests.unit.labs.worlds import INFO, PaperLab, PaperSource, PartialPaperLab


@pytest.fixture
def where(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


@pytest.fixture
def lab() -> PaperLab:
    return PaperLab()


@pytest.fixture
def source() -> PaperSource:
    return PaperSource()


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def run(lab: PaperLab, source: PaperSource, where: Dirs, events: list[Event]) -> Iterator[LabRunner]:
    with LabRunner(lab, source, where, events.append) as runner:
        yield runner


def test_from_prediction_to_verified(run: LabRunner, events: list[Event]) -> None:
    run.predict({"many": "~3"})
    (row,) = run.observe()
    assert row.predicted is not None
    assert (row.predicted.value, row.observed.value, row.right) == (3.0, 0.0, False)
    assert not run.verify()[0].ok
    assert run.outcome == "stopped"
    run.apply_reference_fix()
    assert run.verify()[0].ok
    assert run.outcome == "verified"
    assert [type(event).__name__ for event in events] == ["Step", "Step", "Observed", "Checked", "Step", "Checked"]


def test_without_predictions_it_runs_all_the_same(run: LabRunner) -> None:
    assert [row.right for row in run.observe()] == [None]


def test_a_prediction_that_is_none_changes_nothing(run: LabRunner) -> None:
    run.predict({"many": "0"})
    with pytest.raises(BadPrediction):
        run.predict({"many": "lots"})
    assert [row.right for row in run.observe()] == [True]


@pytest.mark.parametrize("call", ["verify", "hint", "give_up", "variables"])
def test_before_the_lab_ran_there_is_nothing_to_look_at(run: LabRunner, call: str) -> None:
    with pytest.raises(LabNotRunning):
        getattr(run, call)()


def test_a_lab_that_misses_a_question_is_a_fault(run: LabRunner, lab: PaperLab) -> None:
    lab.question = ""
    with pytest.raises(LabError, match="did not measure many"):
        run.observe()


def test_observations_are_known_as_they_come(run: LabRunner, lab: PaperLab) -> None:
    known: list[int] = []
    lab.during = lambda ctx: known.append(len(run.observations()))
    run.observe()
    assert (known, len(run.observations())) == ([0], 1)


def test_hints_come_from_the_state_as_it_is(run: LabRunner, lab: PaperLab) -> None:
    run.observe()
    assert [run.hint() for _ in range(2)] == ["Hint 1 of 3: a", "Hint 2 of 3: b"]
    run.apply_reference_fix()
    assert "nothing to hint" in run.hint()
    assert run.hints_opened == 2


def test_giving_up_is_recorded_even_if_verify_passes_then(run: LabRunner) -> None:
    run.observe()
    run.give_up()
    assert run.verify()[0].ok
    assert run.outcome == "gave_up"
    assert run.evidence().outcome == "gave_up"


def test_evidence_holds_all_of_it(run: LabRunner) -> None:
    run.predict({"many": "0"})
    run.observe()
    run.hint()
    evidence = run.evidence()
    assert (evidence.lab, evidence.hints, evidence.broker) == (7, 1, "embedded, 1 node")
    assert [step.command for step in evidence.steps] == ["mkdir work"]
    assert [row.right for row in evidence.comparisons] == [True]
    assert not evidence.checks[0].ok


# --- the prompt ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "status"), [("", 0), ("# x", 0), ("vars", 0), ("help", 0), ("files", 0), ("hint", 0)])
def test_words_that_need_no_kafka(run: LabRunner, line: str, status: int) -> None:
    run.observe()
    assert run.command(line) == status


def test_verify_in_the_prompt_has_an_exit_status(run: LabRunner) -> None:
    run.observe()
    assert run.command("verify") == 1
    assert run.command("give up") == 0
    assert run.command("verify") == 0


def test_a_wrong_line_says_so_and_ends_nothing(run: LabRunner, events: list[Event]) -> None:
    run.observe()
    assert run.command("kafka-topics | wc") == 2
    assert run.command("kafka-nonsense") == 2
    said = [event.text for event in events if isinstance(event, Output) and event.stream == "err"]
    assert "shell" in said[0]
    assert run.command("vars") == 0


def test_a_missing_file_for_a_tool_is_explained(run: LabRunner, events: list[Event]) -> None:
    run.observe()
    assert run.command("kafka-console-producer --topic $TOPIC < nothing.txt") == 2
    assert any("nothing.txt" in event.text for event in events if isinstance(event, Output))


def test_a_secret_of_the_cluster_is_hidden_wherever_it_turns_up(
    run: LabRunner, source: PaperSource, lab: PaperLab, events: list[Event]
) -> None:
    word = "hunter2secret"
    lab.during = lambda ctx: ctx.emit(Step("symptom", f"With {word}", f"kafka-topics --x {word}"))
    source.access = Access({}, {}, secrets=frozenset({word}))
    run.observe()
    run.command(f"echo {word}")
    (run.workspace / "fixed").write_text(word)
    run.verify()
    assert word not in repr(events) + to_json(run.evidence())
    assert [event.command for event in events if isinstance(event, Step)][-1] == "kafka-topics --x [hidden]"


def test_variables_name_what_the_run_owns(run: LabRunner) -> None:
    run.observe()
    found = run.variables()
    assert found["TOPIC"] == f"{run.prefix}-topic"
    assert found["PREFIX"].startswith("kt-7-")


# --- stop, death, reset ----------------------------------------------------------------------------------------------


def test_a_stop_ends_what_is_going_on(run: LabRunner, lab: PaperLab) -> None:
    def wait_for_ever(ctx: object) -> None:
        threading.Timer(0.05, run.stop).start()
        ctx.stop.wait(60)  # type: ignore[attr-defined]

    lab.during = wait_for_ever
    with pytest.raises(LabStopped):
        run.observe()


def test_a_stop_while_the_broker_starts(run: LabRunner, source: PaperSource) -> None:
    run.stop()
    with pytest.raises(LabStopped):
        run.observe()
    assert source.leases == []


def test_a_dead_broker_is_told_and_a_reset_gets_a_new_one(
    run: LabRunner, lab: PaperLab, source: PaperSource, where: Dirs
) -> None:
    run.observe()
    first = run.prefix
    source.leases[0].reason = "Kafka was killed."
    with pytest.raises(BrokerDied) as caught:
        run.verify()
    assert caught.value.cause == "Kafka was killed."
    with pytest.raises(BrokerDied):
        run.command("vars")
    assert run.command("reset") == 0
    assert not run.verify()[0].ok
    assert (len(source.leases), source.released) == (2, 1)
    assert run.prefix != first
    assert lab.arranged == [first, run.prefix]


def test_a_broker_that_dies_in_the_symptom(run: LabRunner, lab: PaperLab, source: PaperSource) -> None:
    def die(_: object) -> None:
        source.leases[-1].reason = "Kafka was killed."
        lab.during = lambda _: None

    lab.during = die
    with pytest.raises(BrokerDied):
        run.observe()
    assert len(run.observe()) == 1


def test_the_workspace_of_a_reset_is_new(run: LabRunner, source: PaperSource, where: Dirs) -> None:
    run.observe()
    run.apply_reference_fix()
    source.leases[0].reason = "gone"  # there is no Kafka to clean here
    run.reset()
    assert list(lab_paths(where, 7).workspace.iterdir()) == []


# --- lock, session file, end -----------------------------------------------------------------------------------------


def test_the_same_lab_twice_is_refused_by_name(run: LabRunner, where: Dirs, source: PaperSource) -> None:
    with pytest.raises(LabBusy):
        LabRunner(PaperLab(), source, where, print)
    run.observe()
    with pytest.raises(LabBusy) as caught:
        LabRunner(PaperLab(), source, where, print)
    assert "process" in caught.value.cause


def test_another_lab_beside_it_is_fine(run: LabRunner, lab: PaperLab, source: PaperSource, where: Dirs) -> None:
    other = PaperLab(info=replace(lab.info, number=8))
    with LabRunner(other, source, where, lambda _: None) as second:
        run.observe()
        second.observe()


def test_closing_leaves_nothing_and_can_be_done_twice(run: LabRunner, source: PaperSource, where: Dirs) -> None:
    run.observe()
    assert lab_paths(where, 7).home.exists()
    run.close()
    run.close()
    assert run.closed
    assert not lab_paths(where, 7).home.exists()
    assert source.leases[0].stopped
    with LabRunner(PaperLab(), source, where, lambda _: None):
        pass


def test_the_session_file_tells_others(run: LabRunner, where: Dirs) -> None:
    with pytest.raises(LabNotRunning):
        running_session(where, 7)
    run.observe()
    found = running_session(where, 7)
    assert (found.prefix, found.bootstrap_servers, found.arranged) == (run.prefix, "127.0.0.1:1", True)


def test_another_process_verifies_with_its_own_eyes(run: LabRunner, lab: PaperLab, where: Dirs) -> None:
    run.observe()
    assert not verify_running(lab, where, lambda _: None)[0].ok
    run.apply_reference_fix()
    assert verify_running(lab, where, lambda _: None)[0].ok


KILLED = """
import os, signal, sys
from pathlib import Path
from labs.dirs import Dirs
from labs.runner import LabRunner
from tests.unit.labs.worlds import INFO, PaperLab, PaperSource, PartialPaperLab
root = Path(sys.argv[1])
run = LabRunner(PaperLab(), PaperSource(), Dirs(root / "data", root / "cache", root / "state"), lambda _: None)
run.observe()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_swept(where: Dirs, source: PaperSource) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(where.state.parent)], check=False).returncode == -9
    paths = lab_paths(where, 7)
    left = read_session(paths)
    assert left is not None
    with pytest.raises(LabNotRunning):
        running_session(where, 7)
    assert housekeeping.sweep_all(where, (5, 7)) == {7: "removed"}
    assert not paths.home.exists()
    with LabRunner(PaperLab(), source, where, lambda _: None) as run:
        run.observe()
        assert run.prefix != left.prefix


def test_a_running_lab_is_not_swept(run: LabRunner, where: Dirs) -> None:
    run.observe()
    assert "running" in housekeeping.sweep_all(where, (7,))[7]
    assert lab_paths(where, 7).home.exists()


def test_prefixes_differ() -> None:
    assert len({new_prefix(7) for _ in range(100)}) == 100


def test_steps_of_the_start_are_told_once(run: LabRunner, events: list[Event]) -> None:
    run.observe()
    texts = [event.text for event in events if isinstance(event, Step)]
    assert texts == ["Folding paper", "An empty workspace"]
    assert sum(isinstance(event, Observed) for event in events) == 1


def test_what_could_not_be_measured_here_is_no_comparison_and_stands_in_the_evidence(
    where: Dirs, source: PaperSource
) -> None:
    info = replace(INFO, questions=(*INFO.questions, replace(INFO.questions[0], id="who")))
    with LabRunner(PartialPaperLab(info=info), source, where, lambda _: None) as run:
        assert [row.question.id for row in run.observe()] == ["many"]
        assert run.evidence().broker == "embedded, 1 node, no ink"
