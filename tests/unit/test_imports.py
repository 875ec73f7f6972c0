"""The import rules, as far as a running interpreter shows them (import-linter reads the rest from the sources)."""

from __future__ import annotations

import subprocess
import sys

import pytest

CORE = [
    "tutor.clock",
    "tutor.errors",
    "tutor.grading.types",
    "tutor.scenarios.model",
    "tutor.sessions.ports",
    "tutor.cli.main",
    "tutor.cli.grade",
    "tutor.cli.check",
    "tutor.cli.doctor",
    "tutor.cli.study",
    "tutor.cli.review_lines",
    "tutor.cli.stats",
    "tutor.cli.data",
    "tutor.review.schedule",
    "tutor.sessions.review",
    "tutor.sessions.progress",
    "tutor.store.transfer",
    "tutor.outward.formats",
]


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", CORE)
def test_core_does_not_load_textual(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert not {name for name in loaded if name.split(".")[0] in {"textual", "textual_plotext"}}


@pytest.mark.parametrize(
    "module", ["labs.contract", "labs.runner", "labs.tools", "labs.client", "labs.broker.embedded"]
)
def test_labs_do_not_load_the_app(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert not {name for name in loaded if name.split(".")[0] in {"tutor", "textual"}}


def test_start_of_the_command_line_loads_no_heavy_module() -> None:
    loaded = modules_after("import tutor.cli.main")
    heavy = {"kafka", "onnxruntime", "numpy", "textual", "jsonschema", "jgo", "rapidfuzz"}
    assert not {name.split(".")[0] for name in loaded} & heavy


def test_the_first_paint_waits_for_nothing_but_textual() -> None:
    loaded = modules_after("import tutor.ui.app, tutor.ui.screens.home")
    later = {"msgspec", "yaml", "fsrs", "genanki", "icalendar", "textual_plotext", "onnxruntime", "kafka"}
    assert not {name.split(".")[0] for name in loaded} & later
