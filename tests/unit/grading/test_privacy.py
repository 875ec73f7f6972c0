"""The grader tells nobody anything: no connection, and no file outside what it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GRADE = """
import socket
def refuse(*args, **kwargs):
    raise AssertionError(f"a connection: {args}")
socket.socket.connect = refuse
from tutor.grading.calibrate import shipped_scenarios
from tutor.grading.model_grader import ModelGrader
print(ModelGrader().grade(shipped_scenarios()[1], "The group resumes at its committed offset.").grader.name)
import psutil
print(len(psutil.Process().net_connections("inet")))
"""


def test_the_runtime_of_the_model_writes_no_id_and_calls_nobody(tmp_path: Path) -> None:
    places = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    # Where the runtime believes that it is tested, it keeps quiet by itself.
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "GITHUB_ACTIONS", "TF_BUILD")}
    done = subprocess.run([sys.executable, "-c", GRADE], env=kept | places, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["model", "0"], done.stderr
    assert list(tmp_path.rglob("*")) == []
