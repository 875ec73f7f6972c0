"""Embedded clusters: start, kill, start again, fail, stop."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from labs.broker import embedded
from labs.broker.cluster import EmbeddedCluster
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import ClusterSpec, Progress
from labs.broker.ready import answers
from labs.broker.template import Template
from labs.dirs import Dirs
from labs.errors import BrokerError, BrokerStartFailed, EnvironmentFault
from labs.tools import ToolRunner
from tests.labs.witness import Footprint, eventually, is_gone

pytestmark = pytest.mark.broker


def footprint(cluster: EmbeddedCluster) -> Footprint:
    nodes = cluster.nodes
    return Footprint(
        cluster.supervisor_pid,
        tuple(node.pid for node in nodes if node.pid),
        tuple(node.port for node in nodes),
        cluster.directory,
    )


def start(provider: EmbeddedProvider, spec: ClusterSpec | None = None) -> EmbeddedCluster:
    cluster = provider.start(spec or ClusterSpec())
    assert isinstance(cluster, EmbeddedCluster)
    return cluster


def ask(cluster: EmbeddedCluster, home: Dirs, line: str, stdin: bytes | None = None) -> list[str]:
    """Run a tool; its output."""
    lines: list[str] = []
    status = ToolRunner(cluster.bootstrap_servers, home).run(
        line.split(), lambda text, stream: lines.append(text), timeout=90, stdin=stdin
    )
    assert status == 0, lines
    return lines


def test_a_node_is_ready_when_start_returns_and_gone_when_stop_does(kafka_provider: EmbeddedProvider) -> None:
    seen: list[Progress] = []
    cluster = kafka_provider.start(ClusterSpec(), seen.append)
    assert isinstance(cluster, EmbeddedCluster)
    try:
        (node,) = cluster.nodes
        assert answers(node.host, node.port)
        assert cluster.bootstrap_servers == f"127.0.0.1:{node.port}"
        assert cluster.failure() is None
        assert node.data_dir
        assert (node.data_dir / "meta.properties").exists()
        assert [step.stage for step in seen][-1] == "ready"
        trace = footprint(cluster)
    finally:
        cluster.stop()
    assert all(map(is_gone, (trace.supervisor, *trace.javas)))
    assert not trace.directory.exists()
    trace.wait_gone()
    cluster.stop()  # a second time is fine
    assert cluster.failure()


def test_it_listens_on_the_loopback_interface_only(kafka_provider: EmbeddedProvider) -> None:
    import psutil

    cluster = start(kafka_provider)
    try:
        (node,) = cluster.nodes
        listening = [
            connection.laddr.ip.removeprefix("::ffff:")
            for connection in psutil.Process(node.pid).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert len(listening) == 2
        assert set(listening) == {"127.0.0.1"}
    finally:
        cluster.stop()


@pytest.mark.long
def test_a_node_killed_on_purpose_is_no_failure_and_comes_back_with_its_data(
    kafka_provider: EmbeddedProvider, kafka_dirs: Dirs
) -> None:
    cluster = start(kafka_provider)
    try:
        ask(cluster, kafka_dirs, "kafka-topics --create --topic kept")
        ask(cluster, kafka_dirs, "kafka-console-producer --topic kept", b"one\ntwo\n")
        (node,) = cluster.nodes
        cluster.kill_node(1)
        assert is_gone(node.pid or 0)
        assert cluster.failure() is None
        assert cluster.nodes[0].pid is None

        cluster.start_node(1)

        assert cluster.failure() is None
        assert cluster.nodes[0].port == node.port
        assert cluster.nodes[0].pid != node.pid
        assert "kept:0:2" in ask(cluster, kafka_dirs, "kafka-get-offsets --topic kept")
        cluster.start_node(1)  # it runs: nothing happens
        with pytest.raises(BrokerError, match="no node 9"):
            cluster.kill_node(9)
    finally:
        cluster.stop()


def test_three_nodes_survive_the_loss_of_one(kafka_provider: EmbeddedProvider, kafka_dirs: Dirs) -> None:
    cluster = start(kafka_provider, ClusterSpec(nodes=3, heap_mb=256))
    try:
        assert len(cluster.bootstrap_servers.split(",")) == 3
        ask(cluster, kafka_dirs, "kafka-topics --create --topic spread --partitions 1")
        described = "\n".join(ask(cluster, kafka_dirs, "kafka-topics --describe --topic spread"))
        assert "ReplicationFactor: 3" in described
        settings = ask(cluster, kafka_dirs, "kafka-configs --describe --entity-type topics --entity-name spread --all")
        assert any("min.insync.replicas=2" in line for line in settings)
        leader = int(described.split("Leader: ")[1].split()[0])

        cluster.kill_node(leader)

        assert cluster.failure() is None
        ask(
            cluster,
            kafka_dirs,
            "kafka-console-producer --topic spread --command-property acks=all",
            b"after the loss\n",
        )
        eventually(lambda: _in_sync(cluster, kafka_dirs) == 2, "ISR shrinks to two")
        cluster.start_node(leader)
        eventually(lambda: _in_sync(cluster, kafka_dirs) == 3, "ISR grows to three")
        trace = footprint(cluster)
        assert len(trace.javas) == 3
    finally:
        cluster.stop()
    trace.wait_gone()


def _in_sync(cluster: EmbeddedCluster, home: Dirs) -> int:
    described = "\n".join(ask(cluster, home, "kafka-topics --describe --topic spread"))
    return len(described.split("Isr: ")[1].split()[0].split(","))


def test_a_second_instance_works_beside_the_first(kafka_provider: EmbeddedProvider, kafka_dirs: Dirs) -> None:
    one, two = start(kafka_provider), start(EmbeddedProvider(kafka_dirs))
    try:
        ask(one, kafka_dirs, "kafka-topics --create --topic mine")
        assert "mine" not in ask(two, kafka_dirs, "kafka-topics --list")
        one.stop()
        assert two.failure() is None
        assert ask(two, kafka_dirs, "kafka-cluster cluster-id")
    finally:
        one.stop()
        two.stop()


def test_a_port_taken_between_look_and_bind_leads_to_another(
    kafka_provider: EmbeddedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        real = embedded.free_ports
        looks: list[int] = []

        def look(count: int, rng: object) -> list[int]:
            looks.append(count)
            return [taken, *real(count - 1)] if len(looks) == 1 else real(count)

        monkeypatch.setattr(embedded, "free_ports", look)
        cluster = start(kafka_provider)
        try:
            assert len(looks) == 2
            assert cluster.nodes[0].port != taken
        finally:
            cluster.stop()


def test_a_setting_that_kafka_refuses_is_explained_and_leaves_nothing(
    kafka_provider: EmbeddedProvider, kafka_dirs: Dirs
) -> None:
    with pytest.raises(BrokerStartFailed) as caught:
        kafka_provider.start(ClusterSpec(settings={"num.io.threads": "many"}))
    assert "num.io.threads" in caught.value.cause
    assert list((kafka_dirs.state / "runs").iterdir()) == []


@pytest.mark.parametrize("nodes", [0, 2, 4])
def test_an_impossible_number_of_nodes_is_refused(kafka_provider: EmbeddedProvider, nodes: int) -> None:
    with pytest.raises(BrokerStartFailed, match="1 or 3"):
        kafka_provider.start(ClusterSpec(nodes=nodes))


@pytest.mark.parametrize("stage", ["start", "ready"])
def test_an_interrupted_start_leaves_nothing(kafka_provider: EmbeddedProvider, kafka_dirs: Dirs, stage: str) -> None:
    import psutil

    kafka_provider.prepare()
    before = set(psutil.Process().children(recursive=True))

    def interrupt(progress: Progress) -> None:
        # The second report of a start comes while Java is at work.
        if progress.stage == stage and (stage == "ready" or _java_runs()):
            raise KeyboardInterrupt

    def _java_runs() -> bool:
        return any("java" in child.name() for child in psutil.Process().children(recursive=True))

    with pytest.raises(KeyboardInterrupt):
        kafka_provider.start(ClusterSpec(), interrupt)
    assert set(psutil.Process().children(recursive=True)) <= before
    assert list((kafka_dirs.state / "runs").iterdir()) == []


def test_a_heap_that_runs_out_ends_the_broker_and_is_named(kafka_provider: EmbeddedProvider, kafka_dirs: Dirs) -> None:
    with pytest.raises(BrokerStartFailed) as caught:
        kafka_provider.start(ClusterSpec(heap_mb=24))
    assert "heap" in caught.value.cause
    assert list((kafka_dirs.state / "runs").iterdir()) == []


def test_a_full_disk_is_explained_and_leaves_nothing(
    kafka_provider: EmbeddedProvider, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka_provider.prepare()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Template, "copy_to", full)
        with pytest.raises(EnvironmentFault, match="The disk is full"):
            kafka_provider.start(ClusterSpec())
    assert list((kafka_dirs.state / "runs").iterdir()) == []


def test_a_stop_from_another_thread_ends_a_start(kafka_provider: EmbeddedProvider) -> None:
    cluster = start(kafka_provider)
    cluster.kill_node(1)
    faults: list[BrokerError] = []

    def restart() -> None:
        try:
            cluster.start_node(1)
        except BrokerError as fault:
            faults.append(fault)

    thread = threading.Thread(target=restart)
    thread.start()
    eventually(lambda: cluster.nodes[0].pid is not None, "the node starts again")
    cluster.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert len(faults) == 1


def test_ctrl_c_in_the_terminal_does_not_reach_the_broker(kafka_provider: EmbeddedProvider) -> None:
    cluster = start(kafka_provider)
    try:
        (node,) = cluster.nodes
        assert os.getsid(node.pid or 0) == os.getsid(cluster.supervisor_pid) != os.getsid(0)
        os.kill(cluster.supervisor_pid, signal.SIGINT)
        assert answers(node.host, node.port)
        assert cluster.failure() is None
    finally:
        cluster.stop()


def test_the_log_of_a_node_is_kept_for_the_learner(kafka_provider: EmbeddedProvider, kafka_dirs: Dirs) -> None:
    cluster = start(kafka_provider)
    cluster.stop()
    log = cluster.nodes[0].log_file
    assert log
    assert log.is_relative_to(kafka_dirs.state / "logs")
    text = Path(log).read_text()
    assert "Kafka Server started" in text
    assert " ERROR " not in text
