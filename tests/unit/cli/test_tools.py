"""`kafka-tutor tools`: the list, the cluster it talks to, and its refusals. The tools themselves run in tests/labs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from labs.dirs import dirs
from labs.errors import ToolFailed
from labs.session_file import Owner, Session, lab_paths, this_process, write_session
from labs.tools import TOOLS
from tutor.cli import tools as module
from tutor.cli.main import cli
from tutor.cli.tools import lab_clusters


def session(lab: int, at: str, owner: Owner) -> Session:
    return Session(lab, f"kt-{lab}", owner, "embedded", f"127.0.0.1:{9000 + lab}", (), at)


def running(lab: int, at: str, owner: Owner | None = None) -> None:
    """Write down a running lab."""
    paths = lab_paths(dirs(), lab)
    paths.home.mkdir(parents=True)
    write_session(paths, session(lab, at, owner or this_process()))


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the process would have become."""
    commands: list[list[str]] = []
    monkeypatch.setattr(module, "become", commands.append)
    monkeypatch.setattr(module.ToolRunner, "command", lambda self, args, *_: list(self.complete(args)))
    return commands


def test_without_a_name_all_tools_are_listed() -> None:
    done = CliRunner().invoke(cli, ["tools"])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines()] == list(TOOLS)


def test_the_list_for_programs() -> None:
    done = CliRunner().invoke(cli, ["tools", "--json"])
    assert [row["name"] for row in json.loads(done.output)] == list(TOOLS)


@pytest.mark.parametrize("dashes", [[], ["--"]])
def test_everything_after_the_name_is_the_tools_own(dashes: list[str], become: list[list[str]]) -> None:
    running(1, "2026-11-23T10:00:00Z")
    CliRunner().invoke(cli, ["tools", "kafka-topics", *dashes, "--list", "--help", "-h"], catch_exceptions=False)
    assert become == [["kafka-topics.sh", "--bootstrap-server", "127.0.0.1:9001", "--list", "--help", "-h"]]


def test_a_second_pair_of_dashes_reaches_the_tool(become: list[list[str]]) -> None:
    CliRunner().invoke(cli, ["tools", "kafka-storage", "--", "--", "x"], catch_exceptions=False)
    assert become == [["kafka-storage.sh", "--", "x"]]


def test_no_lab_and_no_cluster_named_is_refused_before_java_starts(become: list[list[str]]) -> None:
    with pytest.raises(ToolFailed, match="No cluster to talk to"):
        CliRunner().invoke(cli, ["tools", "kafka-topics", "--list"], catch_exceptions=False)
    assert become == []


def test_a_slip_in_the_name_is_refused(become: list[list[str]]) -> None:
    with pytest.raises(ToolFailed, match="Did you mean kafka-topics"):
        CliRunner().invoke(cli, ["tools", "kafka-topic", "--list"], catch_exceptions=False)


def test_the_lab_started_last_is_asked_and_the_choice_is_told(become: list[list[str]]) -> None:
    running(1, "2026-11-23T10:00:00Z")
    running(5, "2026-11-23T11:00:00Z")
    done = CliRunner().invoke(cli, ["tools", "kafka-topics", "--list"], catch_exceptions=False)
    assert "127.0.0.1:9005" in become[0]
    assert "127.0.0.1:9001" in done.stderr


def test_a_lab_whose_process_has_ended_does_not_count() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    running(1, "2026-11-23T10:00:00Z", Owner(process.pid, 1.0))
    running(5, "2026-11-23T09:00:00Z", replace(this_process(), pid=os.getpid()))
    assert lab_clusters(dirs()) == ["127.0.0.1:9005"]


def test_a_session_file_that_cannot_be_read_does_not_count() -> None:
    paths = lab_paths(dirs(), 3)
    paths.home.mkdir(parents=True)
    Path(paths.session).write_text("{")
    assert lab_clusters(dirs()) == []


def test_the_help_is_our_own_before_the_name() -> None:
    done = CliRunner().invoke(cli, ["tools", "--help"])
    assert "Run a Kafka tool" in done.output
