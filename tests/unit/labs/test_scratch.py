"""Directories for what a tool's JVM unpacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from labs import scratch
from labs.dirs import Dirs


def test_it_goes_with_the_tool(tmp_path: Path) -> None:
    home = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    with scratch.scratch(home) as folder:
        (folder / "liblz4-java-1.so").write_bytes(b"x")
        assert folder.parent == home.state / scratch.FOLDER
    assert list(home.state.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    home = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = home.state / scratch.FOLDER / f"{int(dead.stdout)}-00000000"
    left.mkdir(parents=True)
    (left / "libzstd-jni.so").write_bytes(b"x")
    first, second = scratch.new(home), scratch.new(home)
    assert not left.exists()
    assert first.is_dir() and second.is_dir()
    assert {path.name.split("-")[0] for path in (first, second)} == {str(os.getpid())}
