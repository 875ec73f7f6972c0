"""Lab 7 on three real brokers: any properties that are fast and safe are right, and what is neither is told apart."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import catalog, handouts
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import Cluster
from labs.clusters import AttachedCluster
from labs.contract import Step
from labs.dirs import Dirs
from labs.errors import BrokerError, LabStopped
from labs.verifying import verify_running
from tests.labs.lab_world import Bench, bench, not_fixed_by

# kafka-python 3.0.12 leaves the socket of a refused connection to the garbage collector; here brokers are dead at times.
pytestmark = [pytest.mark.broker, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]


@pytest.fixture(autouse=True)
def sockets_of_dead_brokers() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[Cluster]:
    home = tmp_path_factory.mktemp("three")
    provider = EmbeddedProvider(Dirs(home / "data", kafka_cache, home / "state"))
    cluster = provider.start(catalog.info(7).cluster)
    yield cluster
    cluster.stop()


@pytest.fixture
def lab(brokers: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(7, brokers, kafka_dirs) as lab:
        lab.run.reset()
        yield lab


def save(lab: Bench, text: str) -> None:
    (lab.run.context.workspace / "producer.properties").write_text(text, encoding="utf-8")


def reference(old: str, new: str) -> str:
    text = handouts.text(7, "reference/producer.properties")
    assert old in text
    return text.replace(old, new)


@pytest.mark.long
def test_another_fast_and_safe_file_is_right_and_so_is_verifying_from_another_terminal(
    lab: Bench, kafka_dirs: Dirs
) -> None:
    save(lab, "linger.ms=50\nbatch.size=262144\ncompression.type=zstd\n")  # the rest is Kafka's default
    assert lab.failing() == {}
    checks = verify_running(catalog.load(7), kafka_dirs, lambda _: None)
    assert [check.id for check in checks if not check.ok] == []


@pytest.mark.long
def test_fast_by_asking_the_leader_alone_loses_records(lab: Bench) -> None:
    weak = reference("acks=all\nenable.idempotence=true", "acks=1\nenable.idempotence=false")
    failing = not_fixed_by(lab, lambda lab: save(lab, weak), ["durable", "nothing-lost"])
    assert not failing["nothing-lost"].found.startswith("0 of")
    assert "acks=1" in failing["nothing-lost"].hints[1]


@pytest.mark.long
def test_a_topic_that_demands_less_is_seen(lab: Bench) -> None:
    lab.run.give_up()
    lab.type("kafka-configs --alter --entity-type topics --entity-name $TOPIC --add-config min.insync.replicas=1")
    assert list(lab.failing()) == ["durable"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "failing", "found"),
    [
        ("batchsize=65536\nlinger.ms=20\n", ["file", "nothing-lost", "pace"], "did you mean batch.size?"),
        ("linger.ms=soon\n", ["file", "nothing-lost", "pace"], "must be a whole number"),
        ("acks=1\nenable.idempotence=true\n", ["durable", "nothing-lost", "pace"], "Must set acks to all"),
        (
            "acks=all\nlinger.ms=0\nbatch.size=1\nmax.in.flight.requests.per.connection=1\n",
            ["nothing-lost", "pace"],
            "times",
        ),
        ("\x00\x01\x02", ["file", "nothing-lost", "pace"], "is no setting"),
    ],
)
def test_files_that_do_not_work_are_told_why(lab: Bench, text: str, failing: list[str], found: str) -> None:
    save(lab, text)
    checks = lab.failing()
    assert sorted(checks) == failing
    assert any(found in check.found for check in checks.values())
    assert all(len(check.hints) == 3 for check in checks.values())


@pytest.mark.long
def test_no_file_at_all(lab: Bench) -> None:
    (lab.run.context.workspace / "producer.properties").unlink()
    assert sorted(lab.failing()) == ["file", "nothing-lost", "pace"]
    lab.run.reset()
    assert sorted(lab.failing()) == ["nothing-lost", "pace"]


@pytest.mark.long
def test_stopped_while_the_brokers_stand_still_they_go_on(brokers: Cluster, kafka_dirs: Dirs) -> None:
    with bench(7, brokers, kafka_dirs) as lab:
        failures: list[BaseException] = []

        def observe() -> None:
            try:
                lab.run.observe()
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=observe)
        thread.start()
        while not any(isinstance(event, Step) and "SIGSTOP" in event.text for event in list(lab.events)):
            thread.join(0.02)
            assert thread.is_alive()
        asked = time.monotonic()
        lab.run.stop()
        thread.join(20)
        assert not thread.is_alive()
        assert isinstance(failures[0], LabStopped)
        assert time.monotonic() - asked < 20
    assert all(node.pid for node in brokers.nodes)


def test_brokers_of_another_process_are_not_killed_from_here(lab: Bench, kafka_dirs: Dirs) -> None:
    from labs.verifying import running_session

    cluster = AttachedCluster(running_session(kafka_dirs, 7), lambda: True)
    with pytest.raises(BrokerError, match="another process"):
        cluster.kill_node(1)
