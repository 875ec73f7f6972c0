"""Does the grader load, and which one is it?"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator

from tutor.errors import GraderUnavailable
from tutor.health.finding import Finding

RUNTIME = "onnxruntime"
"""What the model runs on; its packages leave out some machines, Intel Macs among them."""
REINSTALL = "python -m pip install --force-reinstall onnxruntime"

REINSTALL_ALL = "python -m pip install --force-reinstall kafka-tutor"


def check() -> Iterator[Finding]:
    """Load the model; where it has no runtime, the keyword grader."""
    from tutor.grading.graders import folder, load_grader

    name = "Grader"
    try:
        grader = load_grader("model")
    except GraderUnavailable as fault:
        yield _stand_in(name, fault)
        return
    content = (folder() / "model.int8.onnx").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    yield Finding(name, True, f"{grader.id.name} {grader.id.version} loads; its file has SHA-256 {digest[:16]}…")


def _stand_in(name: str, fault: GraderUnavailable) -> Finding:
    """The learner can go on: keywords grade, and every grade says so. It is a fault where the model could run."""
    from tutor.grading.graders import load_grader

    try:
        keywords = load_grader("keywords")
    except (OSError, ValueError) as error:
        return Finding(name, False, f"No grader can be loaded: {error}", REINSTALL_ALL)
    found = f"{keywords.id.name} {keywords.id.version} stands in: {fault.title}. {fault.cause}".strip()
    if importlib.util.find_spec(RUNTIME) is None and not _has_package():
        return Finding(name, True, found)
    return Finding(name, False, found, fault.next_step or REINSTALL)


def _has_package() -> bool:
    """Whether there are packages of the runtime for this machine (the marker in `pyproject.toml`)."""
    import platform

    return platform.system() != "Darwin" or platform.machine() == "arm64"
