"""Forked programs: a process of its own each, every way it ends, and nothing that stays."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from labs import nursery as nurseries
from labs.errors import LabStopped
from labs.launcher import Mark, Moment
from labs.nursery import Nursery
from labs.program import Limits, Program, ProgramResult
from labs.waits import StopFlag

pytestmark = pytest.mark.skipif(not nurseries.available(), reason="programs are forked on Linux only")


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with Nursery(preload=("json", "sqlite3")) as made:
        yield made


def run(where: Path, nursery: Nursery | None, source: str, **options: object) -> tuple[ProgramResult, list[str]]:
    script = where / "program.py"
    script.write_text(source)
    lines: list[str] = []
    with Program(script, on_line=lambda line, _: lines.append(line), nursery=nursery, **options) as program:  # type: ignore[arg-type]
        result = program.wait(StopFlag())
    assert result is not None
    return result, lines


def eventually(predicate: object, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not predicate():  # type: ignore[operator]
        assert time.monotonic() < end, "never became true"
        pause.wait(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_forked_program_has_its_own_directory_environment_and_arguments(tmp_path: Path, nursery: Nursery) -> None:
    there = tmp_path / "there"
    there.mkdir()
    source = (
        "import os, sys; print(os.getcwd(), os.environ['WHO'], sys.argv[1:], __name__, os.getsid(0) == os.getpid())"
    )
    result, lines = run(tmp_path, nursery, source, arguments=["a", "b"], env={"WHO": "you"}, cwd=there)
    assert result.ending == "finished"
    assert lines == [f"{there} you ['a', 'b'] __main__ True"]


def test_programs_do_not_see_each_other(tmp_path: Path, nursery: Nursery) -> None:
    run(tmp_path, nursery, "import json, os; json.spoiled = True; os.environ['SPOILED'] = '1'")
    _, lines = run(tmp_path, nursery, "import json, os; print(hasattr(json, 'spoiled'), 'SPOILED' in os.environ)")
    assert lines == ["False False"]


@pytest.mark.parametrize(
    ("source", "ending", "status"),
    [
        ("print(1)", "finished", 0),
        ("raise SystemExit(3)", "failed", 3),
        ("def broken(:", "failed", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "failed", -signal.SIGTERM),
    ],
)
def test_endings(tmp_path: Path, nursery: Nursery, source: str, ending: str, status: int) -> None:
    result, _ = run(tmp_path, nursery, source)
    assert (result.ending, result.status) == (ending, status)


def test_an_endless_loop_meets_the_time_limit(tmp_path: Path, nursery: Nursery) -> None:
    result, _ = run(tmp_path, nursery, "while True: pass", limits=Limits(seconds=0.5))
    assert result.ending == "time limit"


@pytest.mark.parametrize("forked", [True, False])
def test_a_traceback_begins_at_the_program(tmp_path: Path, nursery: Nursery, forked: bool) -> None:
    source = "def pay():\n    raise ValueError('no such account')\npay()\n"
    result, _ = run(tmp_path, nursery if forked else None, source)
    assert result.errors[-1] == "ValueError: no such account"
    assert [line for line in result.errors if line.lstrip().startswith("File")] == [
        f'  File "{tmp_path}/program.py", line 3, in <module>',
        f'  File "{tmp_path}/program.py", line 2, in pay',
    ]


def test_many_at_the_same_time(tmp_path: Path, nursery: Nursery) -> None:
    script = tmp_path / "program.py"
    script.write_text("import sys; print(sys.argv[1])")
    lines: list[str] = []
    programs = [
        Program(script, [str(n)], on_line=lambda line, _: lines.append(line), nursery=nursery) for n in range(20)
    ]
    for program in programs:
        program.wait(StopFlag())
        program.close()
    assert sorted(lines, key=int) == [str(n) for n in range(20)]


def test_a_stop_kills_a_forked_program(tmp_path: Path, nursery: Nursery) -> None:
    script = tmp_path / "program.py"
    script.write_text("while True: pass")
    stop = StopFlag()
    with Program(script, nursery=nursery) as program:
        threading.Timer(0.1, stop.stop).start()
        with pytest.raises(LabStopped):
            program.wait(stop)
        assert not program.running


def test_closing_ends_all_that_it_started(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import time\nwhile True: time.sleep(60)")
    with Nursery(preload=()) as nursery:
        program = Program(script, nursery=nursery)
        pid, server = program.pid, nursery.pid
        assert not gone(pid)
    assert gone(pid)
    assert gone(server)
    program.close()


def test_everything_dies_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import time\nwhile True: time.sleep(60)")
    parent_code = (
        "import time; from pathlib import Path; from labs.nursery import Nursery; from labs.program import Program\n"
        "nursery = Nursery(preload=())\n"
        f"program = Program(Path({str(script)!r}), nursery=nursery)\n"
        "print(nursery.pid, program.pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout is not None
        pids = [int(part) for part in parent.stdout.readline().split()]
        assert not any(map(gone, pids))
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        eventually(lambda: all(map(gone, pids)))


def test_after_the_nursery_died_its_programs_count_as_killed(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import time\nwhile True: time.sleep(60)")
    with Nursery(preload=()) as nursery, Program(script, nursery=nursery) as program:
        os.kill(nursery.pid, signal.SIGKILL)
        result = program.wait(StopFlag())
        assert result is not None
        assert result.status == -signal.SIGKILL
        with pytest.raises(OSError):
            Program(script, nursery=nursery)


SQL = """
import sqlite3
db = sqlite3.connect("payments.db", isolation_level=None)
db.execute("create table t (n integer)")
for n in range(3):
    db.execute("begin")
    db.execute("insert into t values (?)", (n,))
    db.execute("commit")
    db.execute("select 1")
"""


@pytest.mark.parametrize("forked", [True, False])
@pytest.mark.parametrize(("line", "nth", "kept"), [(8, 1, 0), (8, 2, 1), (9, 3, 3)])
def test_a_crash_at_a_moment(tmp_path: Path, nursery: Nursery, forked: bool, line: int, nth: int, kept: int) -> None:
    at = Mark("before", "Connection.execute", "program.py", line)
    after = Mark("after", "Connection.execute", "program.py", line - 1)
    result, _ = run(tmp_path, nursery if forked else None, SQL, crash_when=Moment(at, after, nth))
    assert result.status == -signal.SIGKILL
    with closing(sqlite3.connect(tmp_path / "payments.db")) as db:
        assert db.execute("select count(*) from t").fetchone() == (kept,)


def test_a_commit_by_leaving_a_with_block_is_a_boundary(tmp_path: Path, nursery: Nursery) -> None:
    source = (
        'import sqlite3\ndb = sqlite3.connect("payments.db")\nwith db:\n    db.execute("create table t (n integer)")\n'
    )
    trace = tmp_path / "trace.jsonl"
    run(tmp_path, nursery, source, trace=trace)
    calls = [json.loads(line)["call"] for line in trace.read_text().splitlines()]
    assert "Connection.__exit__" in calls


def test_calls_from_another_file_and_another_thread_of_the_program_count(tmp_path: Path, nursery: Nursery) -> None:
    (tmp_path / "helper.py").write_text('import sqlite3\ndef work():\n    sqlite3.connect("payments.db").close()\n')
    source = "import threading, helper\nt = threading.Thread(target=helper.work)\nt.start()\nt.join()\n"
    trace = tmp_path / "trace.jsonl"
    run(tmp_path, nursery, source, trace=trace)
    rows = [json.loads(line) for line in trace.read_text().splitlines()]
    assert ("sqlite3.connect", "helper.py", 3) in [(row["call"], row["file"], row["line"]) for row in rows]


def test_a_frozen_program_goes_on(tmp_path: Path, nursery: Nursery) -> None:
    moment = Moment(Mark("before", "Connection.execute", "program.py", 8), signal=int(signal.SIGSTOP))
    script = tmp_path / "program.py"
    script.write_text(SQL)
    with Program(script, nursery=nursery, crash_when=moment) as program:
        assert program.wait(StopFlag(), lambda: program.frozen) is None
        program.send_signal(signal.SIGCONT)
        result = program.wait(StopFlag())
    assert result is not None
    assert result.ending == "finished"


def test_moments_travel_as_json() -> None:
    moment = Moment(Mark("before", "a", "b.py", 3), Mark("after", "c", "b.py", 2), 4, 19)
    assert Moment.from_json(moment.to_json()) == moment
