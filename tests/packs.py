"""A small pack, right in every respect, that tests write and then spoil."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

STRONG = "The group resumes from offset 5, so I stop it and reset its offsets."
WEAK = "Restart it."


def scenario_data(number: int = 1, slug: str = "lost-sock") -> dict[str, Any]:
    """What `scenario.yaml` of the small pack says."""
    return {
        "format": 1,
        "id": number,
        "uuid": f"00000000-0000-4000-8000-{number:012d}",
        "slug": slug,
        "title": "A sock is lost",
        "summary": "One of two socks is missing.",
        "situation": "At 09:10 there were 12 socks, at 09:40 there are 11.",
        "question": "Where is the sock?",
        "minutes": 5,
        "points": [
            {
                "id": "under_bed",
                "definition": "The sock is under the bed.",
                "source": "common",
                "weight": 3,
                "must": True,
                "dimension": "cause",
                "missed": "Your sock is under the bed.",
                "follow_up": "Which places have you not looked at?",
                "keywords": ["under & bed"],
                "accept": ["It lies below the bed."],
                "reject": ["There is a bed."],
            }
        ],
        "misconceptions": [
            {
                "id": "m_eaten",
                "definition": "The machine has eaten it.",
                "source": "common",
                "penalty": 2,
                "correction": "Machines do not eat.",
                "follow_up": "What does a machine live on?",
            }
        ],
    }


def write_scenario(folder: Path, data: dict[str, Any]) -> Path:
    """Write `scenario.yaml`; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "scenario.yaml"
    # Through JSON: what two keys share would be written as an alias.
    file.write_text(yaml.safe_dump(json.loads(json.dumps(data)), sort_keys=False), encoding="utf-8")
    return file


def write_answer(folder: Path, name: str, front: str, text: str) -> Path:
    """Write an example answer; returns the file."""
    file = folder / "answers" / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\n{front}\n---\n{text}\n", encoding="utf-8")
    return file


def write_pack(root: Path, number: int = 1, slug: str = "lost-sock", **changes: Any) -> Path:
    """Write the whole pack below `root`, with top-level keys of the scenario changed; returns its folder."""
    folder = root / f"{number:02d}-{slug}"
    write_scenario(folder, {**scenario_data(number, slug), **changes})
    (folder / "model_answer.md").write_text("Look under the bed.\n", encoding="utf-8")
    (folder / "debrief.md").write_text("Socks roll.\n", encoding="utf-8")
    write_answer(folder, "strong-1", "band: strong\nscore: [7, 10]\ncovers: [under_bed]", STRONG)
    write_answer(folder, "middling-1", "band: middling\nscore: [3, 6]", "Perhaps under the bed.")
    write_answer(folder, "weak-1", "band: weak\nscore: [0, 2]\nholds: [m_eaten]", WEAK)
    return folder


def write_track(root: Path, *entries: tuple[int, str]) -> Path:
    """Write `track.yaml`; returns the file."""
    file = root / "track.yaml"
    file.write_text("".join(f"- {{id: {number}, slug: {slug}}}\n" for number, slug in entries), encoding="utf-8")
    return file
