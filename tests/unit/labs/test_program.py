"""Learners' programs: every way they end, and that nothing of them stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from labs.errors import LabStopped
from labs.program import Limits, Program, ProgramResult


class Stop:
    """A stop token for tests."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def check(self) -> None:
        if self.event.is_set():
            raise LabStopped("stopped")

    def wait(self, seconds: float) -> None:
        self.event.wait(seconds)
        self.check()


def run(tmp_path: Path, source: str, **options: object) -> tuple[ProgramResult, list[str]]:
    script = tmp_path / "program.py"
    script.write_text(source)
    lines: list[str] = []
    with Program(script, on_line=lambda line, _: lines.append(line), **options) as program:  # type: ignore[arg-type]
        result = program.wait(Stop())
    assert result is not None
    return result, lines


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def eventually(predicate: object, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not predicate():  # type: ignore[operator]
        assert time.monotonic() < end, "never became true"
        pause.wait(0.02)


def test_a_program_that_finishes(tmp_path: Path) -> None:
    result, lines = run(tmp_path, "import sys; print('hello', sys.argv[1])", arguments=["you"])
    assert (result.ending, result.status, lines) == ("finished", 0, ["hello you"])


def test_an_exception_is_reported_with_its_last_line(tmp_path: Path) -> None:
    result, _ = run(tmp_path, "raise ValueError('no such payment')")
    assert result.ending == "failed"
    assert result.explanation == "The program failed: ValueError: no such payment"


def test_a_syntax_error_is_reported(tmp_path: Path) -> None:
    result, _ = run(tmp_path, "def broken(:\n")
    assert result.ending == "failed"
    assert "SyntaxError" in result.explanation


def test_an_endless_loop_meets_the_time_limit(tmp_path: Path) -> None:
    result, _ = run(tmp_path, "while True: pass", limits=Limits(seconds=1))
    assert result.ending == "time limit"


def test_memory_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    result, _ = run(tmp_path, "kept = [bytes(1024) * 1024 for _ in range(4000)]", limits=Limits(memory_mb=200))
    assert result.ending == "memory limit"


def test_a_flood_of_output_is_cut(tmp_path: Path) -> None:
    result, lines = run(tmp_path, "for n in range(5000): print(n)", limits=Limits(lines=10))
    assert len(lines) == 11
    assert result.dropped_lines == 4990


def test_binary_output_and_a_line_without_end_harm_nothing(tmp_path: Path) -> None:
    result, lines = run(tmp_path, "import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)")
    assert result.ending == "finished"
    assert lines


def test_a_stop_kills_the_program(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("while True: pass")
    stop = Stop()
    with Program(script) as program:
        threading.Timer(0.2, stop.event.set).start()
        with pytest.raises(LabStopped):
            program.wait(stop)
        assert not program.running


def test_rss_is_sampled(tmp_path: Path) -> None:
    seen: list[float] = []
    run(tmp_path, "import time; kept = b'x' * 50_000_000; time.sleep(0.5)", on_rss=seen.append)
    assert max(seen) > 50


SQL = """
import sqlite3
db = sqlite3.connect("payments.db", isolation_level=None)
db.execute("create table if not exists t (n integer)")
db.execute("begin")
db.execute("insert into t values (1)")
db.execute("commit")
print("done")
"""


def test_calls_into_watched_modules_are_written_down(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    run(tmp_path, SQL, trace=trace)
    rows = [json.loads(line) for line in trace.read_text().splitlines()]
    commits = [row for row in rows if row["call"] == "Connection.execute" and row["line"] == 7]
    assert [row["side"] for row in commits] == ["before", "after"]
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(("side", "rows_kept"), [("before", 0), ("after", 1)])
def test_a_crash_at_a_boundary_is_a_real_one(tmp_path: Path, side: str, rows_kept: int) -> None:
    import sqlite3

    trace = tmp_path / "trace.jsonl"
    run(tmp_path, SQL, trace=trace)
    rows = [json.loads(line) for line in trace.read_text().splitlines()]
    (point,) = [row["n"] for row in rows if row["line"] == 7 and row["side"] == side]
    (tmp_path / "payments.db").unlink()
    result, lines = run(tmp_path, SQL, crash_at=point)
    assert (result.status, lines) == (-signal.SIGKILL, [])
    db = sqlite3.connect(tmp_path / "payments.db")
    assert db.execute("select count(*) from t").fetchone() == (rows_kept,)
    db.close()


def test_a_program_dies_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import time\nwhile True: time.sleep(60)")
    parent_code = (
        "import sys, time; from pathlib import Path; from labs.program import Program\n"
        f"program = Program(Path({str(script)!r})); print(program.pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        eventually(lambda: gone(pid))


@pytest.mark.parametrize("before", ["", "import kafka\n"])
def test_a_join_that_has_begun_stays_wanted_in_programs(tmp_path: Path, before: str) -> None:
    source = (
        f"{before}from labs import mending\nmending.install()\n"
        "from kafka.coordinator.consumer import ConsumerCoordinator as C\n"
        "import kafka.coordinator.consumer as module\n"
        "mending.install()\n"
        "print(C._on_join_prepare_async.__module__, C._on_join_prepare_async.mended, module.__name__)\n"
    )
    result, lines = run(tmp_path, source)
    assert result.ending == "finished"
    assert lines == ["labs.mending True kafka.coordinator.consumer"]


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_what_a_program_has_started_itself_goes_with_it(tmp_path: Path, how: str) -> None:
    lines: list[str] = []
    own = "import subprocess, sys, time\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    rest = "print(child.pid)\n" + ("time.sleep(600)\n" if how == "killed" else "")
    script = tmp_path / "parent.py"
    script.write_text(own + rest)
    with Program(script, on_line=lambda line, _: lines.append(line)) as program:
        eventually(lambda: lines, 20)
        eventually(lambda: how == "killed" or not program.running, 20)
    eventually(lambda: gone(int(lines[0])))
