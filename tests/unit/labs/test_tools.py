"""The tool runner: names, defaults, output, input, ends. A small Python program stands where Java would be."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from labs.broker.access import Access
from labs.broker.interface import ignore_progress
from labs.broker.java import Java
from labs.broker.jvm import Runtime
from labs.dirs import Dirs
from labs.errors import LabStopped, ToolFailed
from labs.tool_table import TOOLS, nearest
from labs.tools import TIMED_OUT, ToolRunner

BOOTSTRAP = "127.0.0.1:9092"


class PythonRuntime(Runtime):
    """Runs a Python program instead of a Java class: what is tested here is the runner, not Java."""

    program = ""

    def command(
        self, main: str, arguments: Sequence[str] = (), *, heap_mb: int, defines: Sequence[tuple[str, str]] = ()
    ) -> list[str]:
        return [sys.executable, "-c", self.program, *arguments]


def runner_of(tmp_path: Path, program: str = "") -> ToolRunner:
    home = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    runtime = type("Program", (PythonRuntime,), {"program": program})(Java(Path(sys.executable), "17"), ())
    return ToolRunner(BOOTSTRAP, home, runtime=runtime, on_progress=ignore_progress)


@pytest.fixture
def tools(tmp_path: Path) -> ToolRunner:
    return runner_of(tmp_path)


# --- names and defaults ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["kafka-topics", "kafka-topics.sh", "bin/kafka-topics.sh"])
def test_a_tool_by_any_of_its_names(tools: ToolRunner, name: str) -> None:
    assert tools.complete([name, "--list"]) == ("kafka-topics.sh", "--bootstrap-server", BOOTSTRAP, "--list")


@pytest.mark.parametrize(
    "given",
    [
        ("--bootstrap-server", "other:1"),
        ("--bootstrap-server=other:1",),
        ("--bootstrap-controller", "other:1"),
        ("--command-property", "bootstrap.servers=other:1"),
    ],
)
def test_a_cluster_that_is_named_is_left_alone(tools: ToolRunner, given: tuple[str, ...]) -> None:
    assert tools.complete(["kafka-configs", *given, "--describe"]) == ("kafka-configs.sh", *given, "--describe")


def test_a_tool_without_arguments_shows_its_own_help(tools: ToolRunner) -> None:
    assert tools.complete(["kafka-topics"]) == ("kafka-topics.sh",)


def test_a_tool_that_asks_no_cluster_gets_none(tools: ToolRunner) -> None:
    assert tools.complete(["kafka-dump-log", "--files", "x"]) == ("kafka-dump-log.sh", "--files", "x")


def test_the_option_goes_after_a_subcommand_where_it_belongs_to_it(tools: ToolRunner) -> None:
    assert tools.complete(["kafka-cluster", "cluster-id"]) == (
        "kafka-cluster.sh",
        "cluster-id",
        "--bootstrap-server",
        BOOTSTRAP,
    )
    assert tools.complete(["kafka-features", "describe"])[-1] == "describe"


def test_the_one_tool_with_another_option(tools: ToolRunner) -> None:
    assert "--broker-list" in tools.complete(["kafka-replica-verification", "--topics-include", "t"])


def test_a_client_configuration_is_added_unless_one_is_given(tmp_path: Path) -> None:
    home = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    tools = ToolRunner(BOOTSTRAP, home, access=Access({}, {"security.protocol": "SSL"}))
    assert tools.complete(["kafka-topics", "--list"])[3:] == ("--command-config", "client.properties", "--list")
    own = tools.complete(["kafka-topics", "--list", "--command-config", "mine"])
    assert own.count("--command-config") == 1


def test_whether_a_command_needs_a_cluster(tools: ToolRunner) -> None:
    assert tools.needs_cluster(["kafka-topics", "--list"])
    assert not tools.needs_cluster(["kafka-topics", "--list", "--bootstrap-server", "x:1"])
    assert not tools.needs_cluster(["kafka-topics", "--help"])
    assert not tools.needs_cluster(["kafka-topics"])
    assert not tools.needs_cluster(["kafka-storage", "random-uuid"])


@pytest.mark.parametrize(
    ("typed", "meant"), [("kafka-topic", "kafka-topics"), ("consumer-group", "kafka-consumer-groups")]
)
def test_a_slip_is_met_with_the_nearest_name(tools: ToolRunner, typed: str, meant: str) -> None:
    assert nearest(typed)[0] == meant
    with pytest.raises(ToolFailed, match=f"Did you mean {meant}"):
        tools.complete([typed, "--list"])


@pytest.mark.parametrize("typed", [[], [""], ["rm"], ["../../bin/sh"]])
def test_anything_else_is_refused(tools: ToolRunner, typed: list[str]) -> None:
    with pytest.raises(ToolFailed):
        tools.run(typed, lambda line, stream: None)


def test_every_tool_is_named_and_explained() -> None:
    for name, tool in TOOLS.items():
        assert name.startswith("kafka-")
        assert tool.summary
        assert "." in tool.main
    assert len({tool.main for tool in TOOLS.values()}) == len(TOOLS)


# --- running ---------------------------------------------------------------------------------------------------------

Lines = list[tuple[str, str]]


def run(tools: ToolRunner, **more: object) -> tuple[int, Lines]:
    lines: Lines = []
    status = tools.run(["kafka-storage", "x"], lambda line, stream: lines.append((stream, line)), **more)  # type: ignore[arg-type]
    return status, lines


def test_lines_of_both_streams_and_the_exit_status(tmp_path: Path) -> None:
    program = "import sys; print('one\\r'); print('two', file=sys.stderr); print('three', end=''); sys.exit(7)"
    status, lines = run(runner_of(tmp_path, program))
    assert status == 7
    assert [text for stream, text in lines if stream == "out"] == ["one", "three"]
    assert ("err", "two") in lines


def test_control_characters_are_made_visible(tmp_path: Path) -> None:
    program = "import sys; sys.stdout.buffer.write(b'\\x1b[2J\\ta\\x07\\x7f\\xff\\n')"
    assert run(runner_of(tmp_path, program))[1] == [("out", "␛[2J\ta␇␡�")]


def test_a_line_without_an_end_is_shown_in_pieces(tmp_path: Path) -> None:
    _, lines = run(runner_of(tmp_path, "print('x' * 200_000, end='')"))
    assert "".join(text for _, text in lines) == "x" * 200_000
    assert len(lines) > 1


def test_standard_input_is_passed_on_whole(tmp_path: Path) -> None:
    program = "import sys; print(len(sys.stdin.buffer.read()))"
    assert run(runner_of(tmp_path, program), stdin=b"y" * 3_000_000) == (0, [("out", "3000000")])
    assert run(runner_of(tmp_path, program)) == (0, [("out", "0")])


def test_a_tool_that_does_not_read_its_input(tmp_path: Path) -> None:
    assert run(runner_of(tmp_path, "pass"), stdin=b"y" * 3_000_000) == (0, [])


def test_a_time_limit_ends_the_tool_and_lets_it_say_goodbye(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time\n"
        "def bye(*_): print('bye', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, bye); print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    assert run(runner_of(tmp_path, program), timeout=2.0) == (TIMED_OUT, [("out", "ready"), ("out", "bye")])


class StopAfterFirstLine:
    """Asks for an end once a line has come."""

    def __init__(self) -> None:
        self.seen = threading.Event()

    def check(self) -> None:
        if self.seen.is_set():
            raise LabStopped("stopped")

    def wait(self, seconds: float) -> None:
        self.seen.wait(seconds)
        self.check()


def test_a_stop_ends_even_a_tool_that_ignores_sigterm(tmp_path: Path) -> None:
    program = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True)\n"
        "time.sleep(60)"
    )
    stop = StopAfterFirstLine()
    pids: list[int] = []

    def take(line: str, stream: str) -> None:
        pids.append(int(line))
        stop.seen.set()

    with pytest.raises(LabStopped):
        runner_of(tmp_path, program).run(["kafka-storage", "x"], take, stop)
    assert not psutil.pid_exists(pids[0])


def test_an_exception_of_the_listener_ends_the_tool(tmp_path: Path) -> None:
    def refuse(line: str, stream: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        runner_of(tmp_path, "import time; print(1, flush=True); time.sleep(60)").run(["kafka-storage", "x"], refuse)
