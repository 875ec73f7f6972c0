"""Why a broker ended, in a sentence."""

from __future__ import annotations

import signal
from pathlib import Path

from labs.broker.autopsy import explain_exit
from labs.broker.settings import NodePlan, Ports


def plan(tmp_path: Path, log: str = "", output: str = "") -> NodePlan:
    (tmp_path / "node-1.log").write_text(log)
    (tmp_path / "node-1.out").write_text(output)
    return NodePlan(1, Ports(1, 2), tmp_path, tmp_path / "node-1.log")


def test_sigkill_names_memory_as_a_possible_reason(tmp_path: Path) -> None:
    text = explain_exit(plan(tmp_path), -signal.SIGKILL)
    assert "SIGKILL" in text
    assert "memory" in text
    assert str(tmp_path / "node-1.log") in text


def test_another_signal_is_named(tmp_path: Path) -> None:
    assert "SIGSEGV" in explain_exit(plan(tmp_path), -signal.SIGSEGV)


def test_an_exit_of_its_own_shows_the_last_error_logged(tmp_path: Path) -> None:
    text = explain_exit(plan(tmp_path, log="[t] ERROR first\n[t] ERROR Exiting Kafka due to x\n"), 1)
    assert "status 1" in text
    assert "Exiting Kafka due to x" in text


def test_a_heap_that_ran_out(tmp_path: Path) -> None:
    text = explain_exit(plan(tmp_path, output="Terminating due to java.lang.OutOfMemoryError: Java heap space\n"), 3)
    assert "heap" in text


def test_without_a_log_what_the_jvm_said_is_shown(tmp_path: Path) -> None:
    assert "Unrecognized VM option" in explain_exit(plan(tmp_path, output="Unrecognized VM option 'x'\n"), 1)
