"""Broker properties."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labs.broker.interface import ClusterSpec, Listener
from labs.broker.settings import (
    NodePlan,
    Ports,
    cluster_uuid,
    meta_properties,
    node_properties,
    properties_text,
)


def plan(number: int) -> NodePlan:
    return NodePlan(number, Ports(20000 + number, 21000 + number), Path(f"/run/node-{number}"), Path("/log"))


def test_listeners_are_on_the_loopback_interface_only() -> None:
    settings = node_properties(plan(1), [plan(1)], ClusterSpec())
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:21001"
    assert settings["advertised.listeners"] == settings["listeners"]


def test_a_second_listener_has_a_port_and_a_protocol_of_its_own() -> None:
    node = NodePlan(1, Ports(20001, 21001, 22001), Path("/run/node-1"), Path("/log"))
    settings = node_properties(node, [node], ClusterSpec(listener=Listener("SECURED", "SASL_SSL")))
    assert settings["advertised.listeners"].endswith(",SECURED://127.0.0.1:22001")
    assert settings["listener.security.protocol.map"] == "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL"


def test_one_node_replicates_nothing() -> None:
    settings = node_properties(plan(1), [plan(1)], ClusterSpec())
    assert {value for key, value in settings.items() if key.endswith("replication.factor")} == {"1"}
    assert settings["controller.quorum.voters"] == "1@127.0.0.1:21001"


def test_three_nodes_know_each_other() -> None:
    nodes = [plan(number) for number in (1, 2, 3)]
    settings = node_properties(nodes[1], nodes, ClusterSpec(nodes=3))
    assert settings["node.id"] == "2"
    assert settings["controller.quorum.voters"].count("@") == 3
    assert settings["min.insync.replicas"] == "2"
    assert settings["log.dirs"] == "/run/node-2"


def test_the_settings_of_a_lab_win() -> None:
    spec = ClusterSpec(settings={"log.retention.check.interval.ms": "77", "log.dirs": "/elsewhere"})
    settings = node_properties(plan(1), [plan(1)], spec)
    assert settings["log.retention.check.interval.ms"] == "77"
    assert settings["log.dirs"] == "/elsewhere"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("C:\\x", "C:\\\\x"),
        (" led", "\\ led"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("über", "\\u00fcber"),
        ("🐢", "\\ud83d\\udc22"),
    ],
)
def test_values_are_escaped_as_java_reads_them(value: str, written: str) -> None:
    assert properties_text({"key": value}) == f"key={written}\n"


def test_cluster_ids_are_fresh_and_never_look_like_an_option() -> None:
    ids = {cluster_uuid() for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", text) for text in ids)


def test_the_identity_of_a_directory() -> None:
    assert meta_properties("c", 2, "d").splitlines() == ["cluster.id=c", "directory.id=d", "node.id=2", "version=1"]
