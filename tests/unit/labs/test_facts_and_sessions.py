"""Files that other processes read: facts and sessions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs.broker.interface import Node
from labs.dirs import Dirs
from labs.errors import EnvironmentFault
from labs.facts import Facts, read_json, write_json
from labs.session_file import Owner, Session, lab_paths, process_started, read_session, this_process, write_session


@pytest.fixture
def where(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


def session(owner: Owner) -> Session:
    node = Node(1, "127.0.0.1", 9092, 77, Path("/data"), None)
    return Session(5, "kt-5-ab", owner, "embedded", "127.0.0.1:9092", (node,), "2026-11-23T10:00:00+00:00", True)


def test_facts_are_there_for_another_reader(tmp_path: Path) -> None:
    Facts(tmp_path / "x" / "facts.json").put(a=1, b=[1, 2])
    Facts(tmp_path / "x" / "facts.json").put(a=2)
    facts = Facts(tmp_path / "x" / "facts.json")
    assert (facts.get("a"), facts.get("b"), facts.get("c", "none")) == (2, [1, 2], "none")
    facts.forget()
    assert facts.get("a") is None


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "null"])
def test_broken_facts_are_no_facts(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(text)
    assert Facts(path).get("a", 7) == 7


def test_a_file_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault) as caught:
        write_json(tmp_path / "file" / "facts.json", {})
    assert "facts.json" in caught.value.title


def test_no_half_file_stays_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_json(tmp_path / "x.json", {"a": object()})
    assert list(tmp_path.iterdir()) == []
    assert read_json(tmp_path / "x.json") is None


def test_a_session_comes_back_as_it_was(where: Dirs) -> None:
    paths = lab_paths(where, 5)
    written = session(this_process())
    write_session(paths, written)
    assert read_session(paths) == written
    assert written.owner.alive


@pytest.mark.parametrize("change", [{"prefix": None}, {"more": 1}, {"owner": {}}, {"nodes": [{}]}, {"owner": 3}])
def test_a_session_of_another_shape_is_none(where: Dirs, change: dict[str, object]) -> None:
    paths = lab_paths(where, 5)
    write_session(paths, session(this_process()))
    row = {**json.loads(paths.session.read_text()), **change}
    if row["prefix"] is None:
        del row["prefix"]
    paths.session.write_text(json.dumps(row))
    assert read_session(paths) is None


def test_an_owner_is_dead_when_its_process_ended_or_its_id_is_anothers() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner(process.pid, process_started(process.pid) or 0.0)
    assert owner.alive
    process.communicate(b"\n")
    assert not owner.alive
    assert not Owner(os.getpid(), 12345.0).alive


def test_lab_paths_create_nothing(where: Dirs) -> None:
    paths = lab_paths(where, 5)
    assert paths.workspace == where.state / "labs" / "05" / "work"
    assert not where.state.exists()
