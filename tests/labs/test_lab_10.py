"""Lab 10 on a real Kafka and a real RabbitMQ: any plan that works is right, and a system that is not there is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from labs import catalog, handouts
from labs.broker.interface import Cluster
from labs.catalog.text10 import KAFKA_FACTS, RABBIT_FACTS, RABBIT_QUESTIONS, SHARE_FACTS
from labs.client import Kafka
from labs.dirs import Dirs
from labs.errors import RabbitError, RabbitRefused
from labs.prove import observation_faults
from labs.rabbit import node as nodes
from labs.rabbit import server, source
from labs.rabbit.client import Rabbit
from labs.rabbit.server import NONE, URL_VARIABLE
from labs.rabbit.values import Message
from labs.verifying import verify_running
from labs.waits import StopFlag
from tests.labs.lab_world import Bench, bench
from tests.labs.witness import eventually, is_gone

pytestmark = pytest.mark.broker

READ = "kafka-console-consumer --topic $TOPIC --group $FRAUD --from-beginning --max-messages 144"
RIGHT = handouts.text(10, "reference/routing.yaml")


@pytest.fixture(scope="module")
def installed() -> server.Server:
    """The RabbitMQ of this machine. Nothing is skipped in CI: there a missing one fails."""
    found = server.find(os.environ)
    if found is None:
        pytest.skip(f"needs RabbitMQ: {server.install_command()}")
    return found


@pytest.fixture(scope="module")
def rabbit_node(installed: server.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[nodes.Node]:
    """A RabbitMQ that is not the lab's own."""
    home = tmp_path_factory.mktemp("rabbit")
    node = nodes.start(installed, Dirs(home, home, home), StopFlag())
    yield node
    node.stop()


@pytest.fixture
def named(rabbit_node: nodes.Node, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(URL_VARIABLE, rabbit_node.url)
    return rabbit_node.url


def save(lab: Bench, text: str) -> None:
    (lab.run.context.workspace / "routing.yaml").write_text(text, encoding="utf-8")


def changed(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new)


def group_settings(cluster: Cluster) -> list[str]:
    """The groups that have settings of their own."""
    with Kafka(cluster.bootstrap_servers, StopFlag()) as kafka:
        found = kafka.use("list settings", lambda admin: admin.list_config_resources(["GROUP"]))
    return [name for names in found.values() for name in names]


# --- the client --------------------------------------------------------------------------------------------------------


def test_the_client_leaves_nothing_behind_and_tells_refusals_apart(rabbit_node: nodes.Node) -> None:
    with Rabbit(rabbit_node.url, StopFlag()) as other:
        with Rabbit(rabbit_node.url, StopFlag()) as rabbit:
            rabbit.bind(rabbit.queue("q"), rabbit.exchange("e", "topic"), "a.*")
            rabbit.publish("e", [Message(b"1", "a.b"), Message(b"2", "a.b.c")])
            assert rabbit.publish_confirmed("e", Message(b"3", "nowhere"))
            assert other.depth("q") == 1
            with rabbit.subscribe("q", prefetch=1) as consumer:
                first = consumer.receive(20.0)
                assert first is not None and (first.text, first.redelivered) == ("1", False)
                assert consumer.receive() is None
            eventually(lambda: other.depth("q") == 1, "what was not acknowledged is back")
            (again,) = rabbit.drain("q")
            assert again.redelivered
            with pytest.raises(RabbitRefused, match="RabbitMQ refused") as caught:
                rabbit.queue("q", {"x-max-priority": 3})
            assert "PRECONDITION_FAILED" in caught.value.cause
            assert rabbit.depth("q") == 0  # it goes on after a refusal
        assert not other.exists("q")
        with pytest.raises(RabbitRefused, match="bind"):
            other.bind(other.queue("r"), "e")


# --- plans -------------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_plans_and_proofs_on_a_rabbitmq_that_is_named(named: str, cluster: Cluster, kafka_dirs: Dirs) -> None:
    with bench(10, cluster, kafka_dirs) as lab:
        lab.run.reset()
        headers = changed("exchange: topic", "exchange: headers")
        headers = headers.replace('"de.#"', "{x-match: all, country: de}").replace('"*.*.urgent"', "{urgency: urgent}")
        save(lab, headers.replace('"at.books.*"', "{x-match: all, country: at, product: books}"))
        lab.type("kafka-consumer-groups --group $FRAUD --topic $TOPIC --reset-offsets --to-latest --execute")
        failing = lab.failing()
        assert list(failing) == ["proof-kafka"]
        assert "no consumer of the group has read" in failing["proof-kafka"].found
        lab.type("kafka-consumer-groups --group $FRAUD --topic $TOPIC --reset-offsets --to-earliest --execute")
        lab.type(READ)
        assert lab.failing() == {}

        both_wrong = changed("jobs: rabbitmq", "jobs: kafka").replace(
            "tax-corrections: kafka", "tax-corrections: rabbitmq"
        )
        save(lab, both_wrong.replace('"*.*.urgent"', '"*.urgent"'))
        checks = {check.id: check for check in verify_running(catalog.load(10), kafka_dirs, lambda _: None)}
        failing = {name: check for name, check in checks.items() if not check.ok}
        assert sorted(failing) == ["jobs", "proof-rabbitmq", "tax-corrections"]
        assert failing["tax-corrections"].found == "on RabbitMQ: 0 of 30 sales once more"
        assert "waited for the long one" in failing["jobs"].found
        assert "urgent has 0 messages instead of 6" in failing["proof-rabbitmq"].hints[1]
        assert all(len(check.hints) == 3 for check in failing.values())
        prefix = lab.run.prefix
        assert lab.kafka.topics(f"{prefix}-work-") == []

        proof = changed("exchange: topic", "exchange: headers").replace('"de.#"', "{x-match: some}")
        save(lab, "work: {}\n" + proof[proof.index("proof:") :])
        assert "PRECONDITION_FAILED" in lab.failing()["proof-rabbitmq"].found
        (lab.run.context.workspace / "routing.yaml").unlink()
        failing = lab.failing()
        assert "cannot be read" in failing["file"].found
        assert len(failing) == 7  # nothing says where anything goes; only the proof for Kafka stands


def test_a_named_one_that_does_not_answer(cluster: Cluster, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, "amqp://guest:secret@127.0.0.1:1/")
    with bench(10, cluster, kafka_dirs) as lab:
        with pytest.raises(RabbitError) as caught:
            lab.run.observe()
        assert "nobody answers there" in caught.value.cause
        assert "secret" not in str(caught.value)


# --- none, and one that dies -------------------------------------------------------------------------------------------


def test_without_rabbitmq_the_kafka_half_runs(
    cluster: Cluster, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, NONE)
    with bench(10, cluster, kafka_dirs) as lab:
        rows = lab.run.observe()
        asked = [question.id for question in lab.run.info.questions if question.id not in RABBIT_QUESTIONS]
        assert [row.question.id for row in rows] == asked
        assert lab.run.absent is not None
        assert observation_faults(catalog.load(10), lab.run.observations(), lab.run.absent) == []
        assert {seen.id for seen in lab.run.observations()} == {*KAFKA_FACTS, *SHARE_FACTS}
        assert set(lab.run.absent.observations) == set(RABBIT_FACTS)
        assert lab.run.evidence().broker.endswith("no RabbitMQ")
        failing = lab.failing()
        assert {"order-events", "jobs", "proof-kafka"} <= set(failing)
        assert "not tried on RabbitMQ" in failing["order-events"].found
        assert "does what is asked" in failing["order-events"].hints[1]
        lab.run.give_up()
        checks = {check.id: check for check in lab.run.verify()}
        assert all(check.ok for check in checks.values())
        assert "not tried on RabbitMQ" in checks["jobs"].found
        assert "proof-rabbitmq" not in checks
        prefix = lab.run.prefix
        assert prefix in str(group_settings(cluster))
    assert prefix not in str(group_settings(cluster))


@pytest.mark.long
def test_a_node_of_the_labs_own_that_is_killed_is_told_and_a_reset_gets_another(
    installed: server.Server, cluster: Cluster, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    with bench(10, cluster, kafka_dirs) as lab:
        lab.run.reset()
        first = source.settled(lab.run.context)
        for process in map(psutil.Process, [name.pid for name in first.processes]):
            if process.name() == "beam.smp":
                process.kill()
        eventually(lambda: source.read(lab.run.context).kind == "gone", "the lab notices")
        with pytest.raises(RabbitError, match="in the middle") as caught:
            lab.run.verify()
        assert "SIGKILL" in caught.value.cause
        assert "reset" in caught.value.next_step
        assert lab.run.command("reset") == 0
        second = source.settled(lab.run.context)
        assert second.kind == "ready" and second.url != first.url
    assert all(is_gone(name.pid) for name in (*first.processes, *second.processes))
    assert list((kafka_dirs.state / "runs").glob("*")) == []


ALONE = """
import os, sys, time
from pathlib import Path
from labs.dirs import Dirs
from labs.rabbit import node, server
from labs.waits import StopFlag
home = Path(sys.argv[1])
running = node.start(server.find(os.environ), Dirs(home, home, home), StopFlag())
print(running.directory, running.supervisor, *running.pids, flush=True)
time.sleep(600)
"""


def test_kill_9_of_the_app_takes_the_node_and_its_port_mapper_along(installed: server.Server, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        directory, *numbers = app.stdout.readline().split()
        family = {child.pid for child in psutil.Process(app.pid).children(recursive=True)}
        assert {int(number) for number in numbers} < family  # and Erlang's helpers
        app.send_signal(signal.SIGKILL)
        app.wait()
        eventually(lambda: all(map(is_gone, family)), "no process of the node is left")
        eventually(lambda: not Path(directory).exists(), "its directory is gone")
