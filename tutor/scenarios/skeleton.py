"""The files of a new pack: right in form, with TODO wherever its author has something to say."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from pathlib import Path

from labs.added import FIRST, LAST
from tutor.errors import EnvironmentFault, UsageError

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_SLUG = 40

SCENARIO_YAML = """\
# One scenario. Write over every TODO; `kafka-tutor pack check FOLDER` names what is left, with its line.
format: 1
id: {number}          # between {first} and {last}; also the beginning of the folder's name
uuid: {uuid}  # stays the same through all versions of this pack
slug: {slug}
title: "TODO: what has happened, in 60 characters or fewer"
summary: "TODO: one line for the list, which gives nothing away"
situation: |
  TODO: the production situation, with at least three figures (times, rates, sizes) that an answer can use.
question: "TODO: what the interviewer asks, in one or two sentences"
minutes: 8
points:
  # What a good answer says, eight to fourteen of them. The grader compares every sentence with `definition`.
  - id: first_point
    definition: "TODO: one claim that can be right or wrong, as a whole sentence"
    source: "TODO: where the fact comes from"
    weight: 3          # 1 to 5
    must: true         # an answer without it does not pass; at least one point needs it
    dimension: cause   # cause, internals, debugging, fixes, trade-offs, judgement
    missed: "TODO: the fact, told to somebody who missed it"
    follow_up: "TODO: the question that probes it?"
    keywords: ["TODO: a phrase that shows it", "TODO: one word & another in the same sentence"]
    accept: ["TODO: a sentence that says it in other words"]
    reject: ["TODO: a sentence about it that does not say it"]
  - id: second_point
    definition: "TODO: another claim"
    source: "TODO: its source"
    weight: 2
    dimension: fixes
    missed: "TODO: that fact, told to somebody who missed it"
    follow_up: "TODO: another question?"
    keywords: ["TODO: its phrase"]
misconceptions:
  # What people believe and is wrong. An answer that says it loses points.
  - id: m_first
    definition: "TODO: the wrong claim, as somebody would say it"
    source: "TODO: why it is wrong"
    penalty: 3         # 1 to 5; with 5 no answer passes
    correction: "TODO: what is so instead"
    follow_up: "TODO: the question that makes one doubt it?"
    keywords: ["TODO: a phrase in which it shows"]
prerequisites: []
out_of_scope: []
"""

FRONTS = {
    "strong-1": ("band: strong\nscore: [7.5, 10]\ncovers: [first_point, second_point]", "an answer that would pass"),
    "middling-1": ("band: middling\nscore: [3, 6]\ncovers: [first_point]", "an answer that knows half of it"),
    "weak-1": ("band: weak\nscore: [0, 3]\nholds: [m_first]", "an answer that believes m_first"),
}


def skeleton(slug: str, own: uuid.UUID) -> tuple[str, Mapping[str, str]]:
    """Name of the folder, and its files with their contents. Raises UsageError for a slug that is none."""
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        raise UsageError(
            f"{slug[:60]!r} cannot be the name of a pack",
            f"A name has small letters, digits and single hyphens, {MAX_SLUG} characters at most.",
            "kafka-tutor new pack lag-alert",
        )
    number = FIRST + own.int % (LAST - FIRST + 1)  # two authors hardly ever get the same
    scenario = SCENARIO_YAML.format(number=number, uuid=own, slug=slug, first=FIRST, last=LAST)
    files = {
        "scenario.yaml": scenario,
        "model_answer.md": "TODO: the answer that you would like to hear; shown after an attempt.\n",
        "debrief.md": "TODO: what an interviewer listens for here, and where answers usually go wrong.\n",
    }
    files |= {f"answers/{name}.md": f"---\n{front}\n---\nTODO: {what}.\n" for name, (front, what) in FRONTS.items()}
    return f"{number}-{slug}", files


def write(where: Path, slug: str, own: uuid.UUID) -> tuple[Path, Mapping[str, str]]:
    """Write the files below `where`; the folder and its files. Raises UsageError, EnvironmentFault."""
    name, files = skeleton(slug, own)
    folder = where / name
    try:
        folder.mkdir(parents=True)
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"{folder} cannot be made", f"{error.strerror}.", "Go to a directory of yours, or name one: --in DIRECTORY"
        ) from error
    return folder, files
