"""Pieces of the example pack for the author's guide, cut from its files so that they are always what is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "311-lag-alert"


def pages() -> Iterator[tuple[str, str]]:
    """(file, text) of each piece."""
    scenario = (EXAMPLE / "scenario.yaml").read_text(encoding="utf-8")
    yield "examples/point.md", _fenced("yaml", _entry(scenario, "not_a_time"))
    yield "examples/misconception.md", _fenced("yaml", _entry(scenario, "m_zero_is_fine"))
    yield "examples/answer.md", _fenced("markdown", (EXAMPLE / "answers" / "middling-1.md").read_text(encoding="utf-8"))
    lab = (EXAMPLE / "lab" / "lab.py").read_text(encoding="utf-8")
    yield "examples/lab.md", _fenced("python", lab[lab.index("class LagAlert") : lab.index("    def symptom")])


def _entry(scenario: str, name: str) -> str:
    """The lines of one point or misconception."""
    lines = scenario.split("\n")
    start = lines.index(f"  - id: {name}")
    after = range(start + 1, len(lines))
    end = next((index for index in after if lines[index].startswith("  - ") or lines[index][:1].strip()), len(lines))
    return "\n".join(lines[start:end])


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"
