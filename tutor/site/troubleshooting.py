"""Faults and what mends them: each is provoked, and what `doctor` then finds is what the page says."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from labs import errors as lab_errors
from labs.broker import health as broker
from labs.broker.java import JAVA_VARIABLE
from labs.dirs import HOME_VARIABLE, Dirs
from labs.rabbit import health as rabbit
from labs.rabbit.server import URL_VARIABLE
from tutor import errors as app_errors
from tutor.health import data
from tutor.health.finding import Finding, adopted
from tutor.health.terminal import TerminalFacts
from tutor.health.terminal import check as terminal
from tutor.store.inspection import StoreReport

HOME = "~/.local/share/kafka-tutor"
"""What stands in the page for the directory in which the faults are provoked."""


def page() -> str:
    """The page."""
    lines = [
        "# Troubleshooting",
        "",
        "`kafka-tutor doctor` looks at everything that the program needs, and names the one command for each fault.",
        "`kafka-tutor doctor --fix` fetches and prepares what is missing; nothing else changes anything.",
        "",
        "## What `doctor` finds, and what mends it",
        "",
        "| looked at | found | next step |",
        "|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as place:
        rows = [_row(finding, place) for finding in provoked(Path(place))]
    faults = [*_described(lab_errors), *_described(app_errors)]
    lines += [
        *rows,
        "",
        "## Faults by their kind",
        "",
        _EVERY,
        "",
        "| fault | what it means |",
        "|---|---|",
        *faults,
        "",
    ]
    return "\n".join(lines)


_EVERY = (
    "Every message has a title, the cause with the facts found, and the next step. With `kafka-tutor --debug …` you also "
    "see where it came from. These are the kinds:"
)


def provoked(place: Path) -> Iterator[Finding]:
    """Every fault that can be provoked without harm, as the real checks report it."""
    yield from (finding for facts in _terminals() for finding in terminal(facts) if not finding.ok)
    blocked = place / "file"
    blocked.touch()
    yield data.writable("Data directory", blocked)
    yield from (data.judge(report) for report in _stores(place / "kafka-tutor.db"))
    dirs = Dirs(place / "data", place / "cache", place / "state")
    for environ in _environments():
        yield from (adopted(item) for item in _broker(dirs, environ) if not item.ok)
    yield adopted(rabbit.check({URL_VARIABLE: "amqp://127.0.0.1:1"}))


def _terminals() -> Iterator[TerminalFacts]:
    good: Mapping[str, str] = {"TERM": "xterm-256color"}
    yield TerminalFacts(True, 60, 20, "utf-8", good)
    yield TerminalFacts(True, 80, 24, "utf-8", {"TERM": "dumb"})
    yield TerminalFacts(True, 80, 24, "utf-8", {"TERM": "screen", "TMUX": "yes"})
    yield TerminalFacts(True, 80, 24, "utf-8", {"TERM": "screen", "STY": "yes"})
    yield TerminalFacts(True, 80, 24, "ascii", good)


def _stores(file: Path) -> Iterator[StoreReport]:
    yield StoreReport(file, True, 2, 2, 4096, damage="database disk image is malformed")
    yield StoreReport(file, True, 0, 2, 4096, foreign=True)
    yield StoreReport(file, True, 9, 2, 4096)


def _environments() -> Iterator[Mapping[str, str]]:
    yield {}
    yield {JAVA_VARIABLE: "/no/java/here"}


def _broker(dirs: Dirs, environ: Mapping[str, str]) -> list[broker.HealthItem]:
    """The checks of Java and jars; the others depend on the machine that makes the page."""
    kept = {"Java", "Kafka's jars"} if not environ else {"Java"}
    return [item for item in broker.check_health(dirs, environ) if item.name in kept]


def _row(finding: Finding, place: str) -> str:
    cells = (finding.name, finding.found, f"`{finding.remedy}`" if _is_command(finding.remedy) else finding.remedy)
    return f"| {' | '.join(cell.replace(place, HOME).replace('|', '/') for cell in cells)} |"


def _is_command(remedy: str) -> bool:
    return remedy.startswith(("kafka-tutor", "unset", "export", "tmux", "screen", "mv", "python", HOME_VARIABLE))


def _described(module: object) -> Iterator[str]:
    """One line for each kind of fault that is defined in a module."""
    for name, kind in inspect.getmembers(module, inspect.isclass):
        own = kind.__module__ == getattr(module, "__name__", "")
        if own and issubclass(kind, lab_errors.LearnerError) and kind is not lab_errors.LearnerError:
            yield f"| {name} | {' '.join((kind.__doc__ or '').split('Attributes:')[0].split())} |"
