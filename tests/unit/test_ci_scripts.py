"""The scripts of a release and of the audit refuse what they must."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("ci_audit", str(ROOT / ".ci" / "audit"))
    spec = importlib.util.spec_from_loader("ci_audit", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def row(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "version": "1", "vulns": [], **more}


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        ([row("a"), row("b")], 0, "2 packages looked up"),
        ([row("a"), row("b", vulns=[{"id": "CVE-1"}])], 1, "VULNERABLE: b 1: CVE-1"),
        ([row("a"), {"name": "b", "skip_reason": "not found"}], 3, "NOT AUDITED: 1 of 2"),
        ([row("a")], 3, "NOT AUDITED: 1 of 2"),
        (None, 3, "NOT AUDITED: the database of vulnerabilities cannot be reached: no route"),
    ],
)
def test_silence_is_not_clean(
    audit: ModuleType,
    rows: list[dict[str, object]] | None,
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = "" if rows is None else json.dumps({"dependencies": rows})
    assert audit.judged(answer, "Traceback\nno route", 2) == status
    assert said in capsys.readouterr().out


def release(tree: Path, tag: str) -> tuple[int, str]:
    done = subprocess.run([tree / ".ci" / "release", tag], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """As much of the project as the script looks at before it builds."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "tutor").mkdir()
    shutil.copy(ROOT / ".ci" / "release", tmp_path / ".ci")
    (tmp_path / ".ci" / "wheel").write_text("#!/bin/sh\nmkdir dist && touch dist/a.whl dist/a.tar.gz\n")
    (tmp_path / ".ci" / "wheel").chmod(0o755)
    (tmp_path / "tutor" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 1.2.3 — 2026-12-01\n\n- New.\n\n## 1.2.2 — 2026-11-01\n\n- Old.\n"
    )
    return tmp_path


def commit(tree: Path) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "all")):
        subprocess.run(["git", *command], cwd=tree, check=True)


def test_a_release_has_its_notes_and_its_sums(tree: Path) -> None:
    commit(tree)
    assert release(tree, "v1.2.3")[0] == 0
    assert (tree / "dist" / "NOTES.md").read_text().strip() == "- New."
    assert len((tree / "dist" / "SHA256SUMS").read_text().splitlines()) == 2


def test_another_tag_an_unreleased_changelog_and_changes_are_refused(tree: Path) -> None:
    assert release(tree, "v1.2.4") == (2, "The tag is v1.2.4 and the program's version is 1.2.3 (tutor/__init__.py).\n")
    commit(tree)
    (tree / "new.txt").touch()
    assert release(tree, "v1.2.3") == (2, "The tree has changes that are not committed.\n")
    (tree / "CHANGELOG.md").write_text("## 1.2.3 — unreleased\n")
    assert release(tree, "v1.2.3") == (2, "CHANGELOG.md has no line '## 1.2.3 — YYYY-MM-DD'.\n")
