"""Completion in a real bash: the printed script is evaluated, and its function asked as bash asks it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.cli.main import COMMANDS, main

ASK = """
eval "$(kafka-tutor completion bash)"
complete -p kafka-tutor
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _kafka_tutor_completion kafka-tutor; echo "=${COMPREPLY[*]}"; }
ask kafka-tutor pla
ask kafka-tutor study 1
ask kafka-tutor study reb
ask kafka-tutor lab run ""
ask kafka-tutor export --format a
ask kafka-tutor tools kafka-console-
"""


def test_commands_scenarios_labs_options_and_tools_in_a_real_bash(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash, "every system that the tests run on has one"
    program = tmp_path / "kafka-tutor"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tutor "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [bash, "--norc", "-c", ASK], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    registered, *answers = done.stdout.splitlines()
    assert registered.endswith("-F _kafka_tutor_completion kafka-tutor"), done.stderr
    assert [set(answer.removeprefix("=").split()) for answer in answers] == [
        {"placement"},
        {"1", "10"},
        {"rebalance-storm"},
        {str(number) for number in range(1, 11)},
        {"anki"},
        {"kafka-console-consumer", "kafka-console-producer", "kafka-console-share-consumer"},
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_script_names_the_program_and_the_line_that_installs_it(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# For good: ") and f"_KAFKA_TUTOR_COMPLETE={shell}_complete" in out


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "csh"]) == 2
    assert "csh" in capsys.readouterr().err and "completion" in COMMANDS
