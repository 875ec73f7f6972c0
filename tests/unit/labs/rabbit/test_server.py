"""Which RabbitMQ this machine has, and what a node of our own is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labs.errors import RabbitError
from labs.rabbit import health, server, source
from labs.rabbit.client import parameters, shown
from labs.rabbit.server import NONE, URL_VARIABLE, Ports, Server, environment, find, install_command

PORTS = Ports(20001, 20002, 20003)


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but what is put into this folder."""
    monkeypatch.setattr(server, "PACKAGED", ())
    monkeypatch.setattr(server, "PLACES", (str(tmp_path / "sbin"),))
    monkeypatch.setattr(server, "ELSEWHERE", ())
    return tmp_path


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_script_and_port_mapper_are_found_on_the_path_and_beside_it(only: Path) -> None:
    env = {"PATH": str(only / "bin")}
    assert find(env) is None
    script = program(only / "sbin/rabbitmq-server")
    assert find(env) is None  # without Erlang's port mapper no node starts
    epmd = program(only / "bin/epmd")
    assert find(env) == Server(script, epmd)


def test_the_port_mapper_of_an_erlang_that_keeps_it_to_itself(only: Path) -> None:
    program(only / "sbin/rabbitmq-server")
    program(only / "erlang/bin/erl")
    epmd = program(only / "erlang/erts-14.2/bin/epmd")
    found = find({"PATH": str(only / "erlang/bin")})
    assert found is not None and found.epmd == epmd.resolve()


def test_the_wrapper_of_the_packages_is_passed_over_for_what_lies_behind_it(
    only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(only / "bin/epmd")
    program(only / "bin/rabbitmq-server", '#!/bin/sh\necho "Only root or rabbitmq should run ${SCRIPT}"\n')
    env = {"PATH": str(only / "bin")}
    assert find(env) is None
    monkeypatch.setattr(server, "PACKAGED", (str(only / "lib"),))
    real = program(only / "lib/rabbitmq-server")
    found = find(env)
    assert found is not None and found.script == real


def test_a_node_touches_its_own_directory_and_listens_on_this_machine_only(tmp_path: Path) -> None:
    base = {"PATH": "/bin", "HOME": "/root", "RABBITMQ_NODENAME": "rabbit", "ERL_LIBS": "/x", "LANG": "C.UTF-8"}
    env = environment(base, tmp_path, "kt-1", PORTS)
    assert (env["PATH"], env["LANG"], env["HOME"]) == ("/bin", "C.UTF-8", str(tmp_path))
    assert "ERL_LIBS" not in env
    assert env["RABBITMQ_NODENAME"] == "kt-1@localhost"
    assert {env["RABBITMQ_NODE_IP_ADDRESS"], env["ERL_EPMD_ADDRESS"]} == {"127.0.0.1"}
    paths = [value for value in env.values() if value.startswith("/") and value != "/bin"]
    assert all(Path(path).is_relative_to(tmp_path) for path in paths)


@pytest.mark.parametrize(
    ("platform", "root", "command"),
    [
        ("darwin", False, "brew install rabbitmq"),
        ("linux", True, "apt-get install -y rabbitmq-server"),
        ("linux", False, "sudo apt-get install -y rabbitmq-server"),
    ],
)
def test_one_command_gets_it(platform: str, root: bool, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.shutil, "which", lambda tool: tool == "apt-get" or None)
    assert install_command(platform, root=root) == command


def test_what_is_named_comes_before_what_is_installed() -> None:
    installed = Server(Path("/x"), Path("/y"))
    named = source.look({URL_VARIABLE: " amqp://me:secret@host/v "}, installed)
    assert (named.kind, named.url) == ("named", "amqp://me:secret@host/v")
    assert source.look({}, installed).kind == "starting"
    assert source.look({URL_VARIABLE: "None"}, installed).kind == "none"
    nothing = source.look({}, None)
    assert nothing.kind == "none" and "install" in nothing.next_step


@pytest.mark.parametrize("url", ["localhost:5672", "http://host", "amqp://host:port", "amqp://host/?heartbeat=often"])
def test_what_is_no_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(RabbitError) as caught:
        parameters(url)
    assert url in caught.value.cause
    assert "amqp://user:password@host" in caught.value.next_step


def test_a_password_is_not_shown() -> None:
    assert shown("amqp://me:secret@host:5672/v") == "amqp://me:…@host:5672/v"
    assert shown("amqp://host/v") == "amqp://host/v"


def test_the_doctor_names_the_command_and_takes_none_for_no_fault(only: Path) -> None:
    found = health.check({"PATH": str(only)})
    assert found.ok and not found.remedy
    assert install_command() in found.found
    assert health.check({URL_VARIABLE: NONE}).ok


def test_the_doctor_looks_whether_a_named_one_answers(only: Path) -> None:
    found = health.check({URL_VARIABLE: "amqp://guest:secret@127.0.0.1:1/"})
    assert (found.ok, found.remedy) == (False, f"unset {URL_VARIABLE}")
    assert "secret" not in found.found
    assert not health.check({URL_VARIABLE: "amqp:nonsense"}).ok


def test_the_doctor_finds_an_installed_one(only: Path) -> None:
    program(only / "sbin/epmd")
    script = program(only / "sbin/rabbitmq-server")
    assert str(script) in health.check({"PATH": os.defpath}).found
