"""Kafka's tools on a real broker, by the runner and by the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest

from labs.broker.interface import Cluster
from labs.broker.jvm import load_runtime
from labs.dirs import Dirs
from labs.errors import LabStopped
from labs.tools import TOOLS, ToolRunner
from tests.labs.witness import eventually, is_gone

pytestmark = pytest.mark.broker

Lines = list[tuple[str, str]]


def run(cluster: Cluster, home: Dirs, line: str, **more: object) -> tuple[int, Lines]:
    """One command; its status and lines."""
    lines: Lines = []
    tools = ToolRunner(cluster.bootstrap_servers, home)
    status = tools.run(line.split(), lambda text, stream: lines.append((stream, text)), **more)  # type: ignore[arg-type]
    return status, lines


def out(lines: Lines) -> list[str]:
    return [text for stream, text in lines if stream == "out"]


def test_the_class_of_every_tool_is_in_the_jars(kafka_dirs: Dirs) -> None:
    held: set[str] = set()
    for jar in load_runtime(kafka_dirs).jars:
        with zipfile.ZipFile(jar) as archive:
            held.update(archive.namelist())
    missing = [name for name, tool in TOOLS.items() if f"{tool.main.replace('.', '/')}.class" not in held]
    assert missing == []


def test_no_tool_of_the_jars_is_left_out(kafka_dirs: Dirs) -> None:
    """Every class of kafka-tools with a main method that a kafka-*.sh of Kafka 4.3 starts is in the table."""
    known = {tool.main.rpartition(".")[2] for tool in TOOLS.values()}
    (jar,) = [jar for jar in load_runtime(kafka_dirs).jars if jar.name.startswith("kafka-tools-4")]
    with zipfile.ZipFile(jar) as archive:
        commands = {
            Path(name).stem
            for name in archive.namelist()
            if name.endswith(("Command.class", "Performance.class", "Tool.class", "Shell.class")) and "$" not in name
        }
    assert commands - known == {"OAuthCompatibilityTool"}  # no script of Kafka starts it


def test_topics_records_groups_and_lag(cluster: Cluster, kafka_dirs: Dirs) -> None:
    assert run(cluster, kafka_dirs, "kafka-topics --create --topic round --partitions 2")[0] == 0
    assert run(cluster, kafka_dirs, "kafka-console-producer --topic round", stdin=b"a\nb\nc\n")[0] == 0
    status, lines = run(
        cluster,
        kafka_dirs,
        "kafka-console-consumer --topic round --group round --from-beginning --max-messages 3"
        " --command-property group.protocol=consumer",
    )
    assert status == 0
    assert sorted(out(lines)) == ["a", "b", "c"]
    status, lines = run(cluster, kafka_dirs, "kafka-consumer-groups.sh --describe --group round")
    rows = [text.split() for text in out(lines) if text.startswith("round")]
    assert sum(int(row[5]) for row in rows) == 0
    assert sum(int(row[3]) for row in rows) == 3


@pytest.mark.long
def test_a_share_group_reads_what_was_there_before(cluster: Cluster, kafka_dirs: Dirs) -> None:
    run(cluster, kafka_dirs, "kafka-topics --create --topic queue")
    run(cluster, kafka_dirs, "kafka-console-producer --topic queue", stdin=b"job\n")
    run(
        cluster,
        kafka_dirs,
        "kafka-configs --alter --entity-type groups --entity-name workers --add-config share.auto.offset.reset=earliest",
    )
    status, lines = run(
        cluster,
        kafka_dirs,
        "kafka-console-share-consumer --topic queue --group workers --max-messages 1 --timeout-ms 60000",
        timeout=90,
    )
    assert status == 0, lines
    assert out(lines) == ["job"]


def test_a_fault_of_a_tool_is_its_own_exit_status(cluster: Cluster, kafka_dirs: Dirs) -> None:
    status, lines = run(cluster, kafka_dirs, "kafka-topics --describe --topic no-such-topic")
    assert status == 1
    assert any("no-such-topic" in text for _, text in lines)


class AfterFirstLine:
    """Asks for an end once a record has come."""

    def __init__(self) -> None:
        self.lines: Lines = []

    def take(self, text: str, stream: str) -> None:
        self.lines.append((stream, text))

    def check(self) -> None:
        if out(self.lines):
            raise LabStopped("stopped")

    def wait(self, seconds: float) -> None:
        self.check()


def test_a_consumer_that_is_stopped_sums_up_first(cluster: Cluster, kafka_dirs: Dirs) -> None:
    run(cluster, kafka_dirs, "kafka-topics --create --topic endless")
    run(cluster, kafka_dirs, "kafka-console-producer --topic endless", stdin=b"one\n")
    stop = AfterFirstLine()
    with pytest.raises(LabStopped):
        ToolRunner(cluster.bootstrap_servers, kafka_dirs).run(
            ["kafka-console-consumer", "--topic", "endless", "--from-beginning"], stop.take, stop
        )
    assert any("Processed a total of 1 messages" in text for _, text in stop.lines)


def test_the_jvm_keeps_its_remarks_to_itself(cluster: Cluster, kafka_dirs: Dirs) -> None:
    run(cluster, kafka_dirs, "kafka-topics --create --topic packed")
    status, lines = run(
        cluster,
        kafka_dirs,
        "kafka-producer-perf-test --topic packed --num-records 10 --record-size 100 --throughput -1"
        " --command-property compression.type=zstd",
    )
    assert status == 0
    assert [text for stream, text in lines if stream == "err"] == []


# --- the command line ------------------------------------------------------------------------------------------------


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "tutor", "tools", *args]


def test_the_command_line_passes_input_output_and_status(cluster: Cluster, kafka_home: Path) -> None:
    server = ("--bootstrap-server", cluster.bootstrap_servers)
    made = subprocess.run(command("kafka-topics", "--", *server, "--create", "--topic", "cli"), check=False)
    assert made.returncode == 0
    written = subprocess.run(
        command("kafka-console-producer", "--topic", "cli", *server), input=b"from a pipe\n", check=False
    )
    assert written.returncode == 0
    read = subprocess.run(
        command("kafka-console-consumer", "--topic", "cli", "--from-beginning", "--max-messages", "1", *server),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.returncode, read.stdout) == (0, "from a pipe\n")
    failed = subprocess.run(command("kafka-topics", *server, "--describe", "--topic", "none"), check=False)
    assert failed.returncode == 1


def test_ctrl_c_ends_a_tool_of_the_command_line_in_order(cluster: Cluster, kafka_home: Path, kafka_dirs: Dirs) -> None:
    run(cluster, kafka_dirs, "kafka-topics --create --topic interrupted")
    run(cluster, kafka_dirs, "kafka-console-producer --topic interrupted", stdin=b"one\n")
    consumer = subprocess.Popen(
        command(
            "kafka-console-consumer",
            *("--bootstrap-server", cluster.bootstrap_servers, "--topic", "interrupted", "--from-beginning"),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert consumer.stdout
        assert consumer.stdout.readline() == "one\n"
        consumer.send_signal(signal.SIGINT)
        _, errors = consumer.communicate(timeout=60)
    finally:
        consumer.kill()
    assert "Processed a total of 1 messages" in errors
    assert is_gone(consumer.pid)


def test_without_a_cluster_the_command_line_says_what_to_do(kafka_home: Path) -> None:
    done = subprocess.run(command("kafka-topics", "--", "--list"), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--bootstrap-server" in done.stderr
    assert done.stdout == ""


def test_kill_9_of_the_app_takes_its_tool_with_it(cluster: Cluster, kafka_home: Path, kafka_dirs: Dirs) -> None:
    run(cluster, kafka_dirs, "kafka-topics --create --topic orphan")
    run(cluster, kafka_dirs, "kafka-console-producer --topic orphan", stdin=b"one\n")
    program = (
        "import sys; from labs.tools import ToolRunner\n"
        "ToolRunner(sys.argv[1]).run('kafka-console-consumer --topic orphan --from-beginning'.split(),"
        " lambda line, stream: print(line, flush=True))"
    )
    app = subprocess.Popen(
        [sys.executable, "-c", program, cluster.bootstrap_servers],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert app.stdout
        while app.stdout.readline() != "one\n":
            assert app.poll() is None
        family = [child.pid for child in psutil.Process(app.pid).children(recursive=True)]
        assert len(family) == 2  # the guard, and Java
    finally:
        os.kill(app.pid, signal.SIGKILL)
        app.communicate()
    eventually(lambda: all(map(is_gone, family)), "guard and tool gone")
