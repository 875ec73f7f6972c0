"""What `doctor` says of embedded Kafka."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labs.broker import health
from labs.broker.health import HealthItem, check_health
from labs.broker.jars import JARS_VARIABLE
from labs.broker.java import JAVA_VARIABLE
from labs.broker.processes import ProcessName
from labs.broker.runs import Record, new_run
from labs.dirs import Dirs


@pytest.fixture
def home(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


def item(home: Dirs, name: str, env: dict[str, str] | None = None) -> HealthItem:
    (found,) = [item for item in check_health(home, env or {}) if item.name == name]
    return found


def test_every_fault_has_a_remedy_and_no_check_makes_anything(home: Dirs, tmp_path: Path) -> None:
    for found in check_health(home, {}):
        assert found.found
        assert found.ok is (found.remedy == ""), found
    assert list(tmp_path.iterdir()) == []


def test_missing_jars_are_counted_with_their_size(home: Dirs) -> None:
    found = item(home, "Kafka's jars")
    assert not found.ok
    assert "47 of 47 jars (46 MB)" in found.found
    assert found.remedy == "kafka-tutor doctor --fix"


def test_an_incomplete_offline_directory_is_not_to_be_downloaded_into(home: Dirs, tmp_path: Path) -> None:
    assert item(home, "Kafka's jars", {JARS_VARIABLE: str(tmp_path)}).remedy == f"unset {JARS_VARIABLE}"


def test_no_java_is_a_fault_of_java_and_of_the_fast_start(home: Dirs, tmp_path: Path) -> None:
    env = {JAVA_VARIABLE: str(tmp_path / "none")}
    assert not item(home, "Java", env).ok
    assert not item(home, "Fast start", env).ok


def test_little_memory_is_a_fault(home: Dirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_available_memory", lambda: 100e6)
    found = item(home, "Memory")
    assert not found.ok
    assert "100 MB available" in found.found


def test_the_limit_of_a_container_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Dirs) -> None:
    limit, used = tmp_path / "max", tmp_path / "current"
    limit.write_text("300000000\n")
    used.write_text("100000000\n")
    monkeypatch.setattr(health, "CGROUP_LIMIT", limit)
    monkeypatch.setattr(health, "CGROUP_USED", used)
    assert "200 MB available" in item(home, "Memory").found
    limit.write_text("max\n")
    assert item(home, "Memory").ok


def test_little_disk_is_a_fault(home: Dirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "DISK_MB", 1e12)
    assert not item(home, "Disk").ok


def test_a_file_in_the_way_is_found(home: Dirs) -> None:
    home.cache.write_text("in the way")
    found = item(home, "Directories")
    assert not found.ok
    assert "KAFKA_TUTOR_HOME" in found.remedy


def test_what_a_crash_left_is_found(home: Dirs) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    new_run(home).write(Record(ProcessName(process.pid, 1.0)))
    found = item(home, "Left by a crash")
    assert not found.ok
    assert "1 run" in found.found
    assert list((home.state / "runs").iterdir())
