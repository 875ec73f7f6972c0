"""What a node in a container is told, and where engines are looked for."""

from __future__ import annotations

import socket
from pathlib import Path

import docker
import pytest
import yaml

from labs.broker.containers import compose, engine, plan
from labs.broker.containers.cluster import freeze
from labs.broker.interface import ClusterSpec
from labs.broker.processes import own_name
from labs.broker.settings import NodePlan, Ports
from labs.errors import BrokerError

ROOT = Path(__file__).parents[5]


def plans(count: int) -> list[NodePlan]:
    return [
        NodePlan(n, Ports(20_000 + n, 0), Path(f"/run/node-{n}/data"), Path("/logs/x.log")) for n in range(1, count + 1)
    ]


def test_a_node_alone_talks_to_itself() -> None:
    (only,) = plans(1)
    found = plan.properties(only, [only], plan.places(1), ClusterSpec())
    assert (
        found["advertised.listeners"]
        == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://localhost:9093,INTERNAL://localhost:9094"
    )
    assert found["controller.quorum.voters"] == "1@localhost:9093"
    assert found["log.dirs"] == "/kafka-tutor/data"


def test_three_nodes_have_addresses_of_their_network() -> None:
    nodes = plans(3)
    where = plan.places(3, "10.89.4.0/24")
    assert [place.address for place in where] == ["10.89.4.11", "10.89.4.12", "10.89.4.13"]
    found = plan.properties(nodes[1], nodes, where, ClusterSpec(nodes=3))
    assert "PLAINTEXT://127.0.0.1:20002" in found["advertised.listeners"]
    assert found["controller.quorum.voters"] == "1@10.89.4.11:9093,2@10.89.4.12:9093,3@10.89.4.13:9093"
    assert found["offsets.topic.replication.factor"] == "3"


def test_the_labs_settings_win() -> None:
    (only,) = plans(1)
    spec = ClusterSpec(settings={"log.retention.ms": "7"}, heap_mb=96)
    assert plan.properties(only, [only], plan.places(1), spec)["log.retention.ms"] == "7"
    assert plan.environment(spec, "id", "node-1.log")["KAFKA_HEAP_OPTS"] == "-Xmx96m"
    assert "/kafka-tutor/logs/node-1.log" in plan.environment(spec, "id", "node-1.log")["KAFKA_LOG4J_OPTS"]


def test_the_named_engine_comes_first() -> None:
    assert engine.address({"DOCKER_HOST": "tcp://10.0.0.1:2375"}) == "tcp://10.0.0.1:2375"


def test_a_socket_that_is_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "podman").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("podman/podman.sock")
        assert engine.address({"XDG_RUNTIME_DIR": "."}) == "unix://podman/podman.sock"


def test_no_engine_is_a_fault_with_a_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "sockets", lambda _: [])
    with pytest.raises(BrokerError, match="No container engine answers") as fault:
        engine.address({})
    assert "podman system service" in fault.value.next_step
    with pytest.raises(BrokerError, match="No container engine answers"):
        engine.connect(f"unix://{tmp_path}/nobody.sock")


def test_owners_are_known_by_their_start() -> None:
    name = own_name()
    assert engine.owner_lives(engine.owner())
    assert not engine.owner_lives(f"{name.pid}:{name.started - 100}")
    assert engine.owner_lives("what somebody else wrote")


def test_the_files_of_compose_are_those_that_the_labs_settings_make() -> None:
    for name, text in compose.files().items():
        assert (compose.FOLDER / name).read_text() == text, "python -m labs.broker.containers.compose"


def test_compose_is_pinned_and_listens_on_loopback_alone() -> None:
    found = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
    services = found["services"]
    assert sorted(services) == ["kafka-1", "kafka-2", "kafka-3", "rabbitmq"]
    for name, service in services.items():
        assert not service["image"].rstrip("}").endswith(("latest", ":")) and service["image"].count(":") >= 1
        assert service["healthcheck"]["test"] and service["volumes"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        named = [volume.split(":")[0] for volume in service["volumes"] if not volume.startswith(".")]
        assert set(named) <= set(found["volumes"])
    ports = [service["ports"][0].split(":")[1] for name, service in services.items() if name.startswith("kafka")]
    assert ports == [str(compose.FIRST_PORT + n) for n in range(3)]


class Refusing:
    """A container that does not freeze when asked the first `times`."""

    def __init__(self, times: int, running: bool = True) -> None:
        self.asked = 0
        self._times = times
        self._running = running

    def pause(self) -> None:
        self.asked += 1
        if self.asked <= self._times:
            raise docker.errors.APIError("500 Server Error: runc pause failed")

    def state(self) -> dict[str, bool]:
        return {"Running": self._running, "Paused": False}


def test_an_engine_that_does_not_freeze_at_once_is_asked_again() -> None:
    container = Refusing(2)
    freeze(container.pause, container.state)
    assert container.asked == 3


@pytest.mark.parametrize(("running", "seconds"), [(False, 60.0), (True, 0.0)])
def test_a_container_that_cannot_freeze_is_told(running: bool, seconds: float) -> None:
    container = Refusing(9, running)
    with pytest.raises(BrokerError, match="refuses"):
        freeze(container.pause, container.state, seconds)
    assert container.asked == 1
