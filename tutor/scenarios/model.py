"""The types of a question pack. The JSON Schema in `questions/schema.json` is generated from them.

A pack is one folder: `scenario.yaml` (this `Scenario`), `model_answer.md`, `debrief.md` and `answers/*.md`, each with
a front matter (`ExampleAnswer`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Dimension = Literal["cause", "internals", "debugging", "fixes", "trade-offs", "judgement"]
DIMENSIONS: tuple[Dimension, ...] = ("cause", "internals", "debugging", "fixes", "trade-offs", "judgement")
Band = Literal["strong", "middling", "weak"]

PointId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", description="Id, unique in its scenario.")]
MisconceptionId = Annotated[str, Meta(pattern=r"^m_[a-z0-9_]+$", description="Id, starts with m_.")]
LabRef = Annotated[
    str, Meta(pattern=r"^[0-9]+\.[a-z0-9-]+$", description="LAB.observation, e.g. 1.same-group-earliest.")
]
Text = Annotated[str, Meta(min_length=1)]


class Point(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A rubric point: one thing a good answer says."""

    id: PointId
    definition: Annotated[str, Meta(min_length=1, description="The claim, as the grader model was trained on it.")]
    source: Annotated[str, Meta(min_length=1, description="Where the fact comes from.")]
    weight: Annotated[int, Meta(ge=1, le=5, description="Share of the score.")]
    dimension: Dimension
    missed: Annotated[
        str, Meta(min_length=1, description="Feedback when the answer lacks it: the fact, second person.")
    ]
    follow_up: Annotated[str, Meta(min_length=1, description="The question an interviewer asks to probe it.")]
    keywords: Annotated[
        tuple[Text, ...],
        Meta(
            min_length=1,
            description="Phrases and config names that show the point; `a & b` needs both in one sentence.",
        ),
    ]
    must: Annotated[bool, Meta(description="An interviewer would not pass an answer without it.")] = False
    accept: Annotated[
        tuple[Text, ...], Meta(description="Statements that assert the point whatever the model says.")
    ] = ()
    reject: Annotated[tuple[Text, ...], Meta(description="Statements that look like it and do not assert it.")] = ()
    labs: Annotated[tuple[LabRef, ...], Meta(description="Lab observations that prove it.")] = ()


class Misconception(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A wrong belief that costs points when an answer asserts it."""

    id: MisconceptionId
    definition: Text
    source: Text
    penalty: Annotated[int, Meta(ge=1, le=5, description="5: an interviewer would stop here.")]
    correction: Annotated[str, Meta(min_length=1, description="What is true instead, second person.")]
    follow_up: Text
    keywords: tuple[Text, ...] = ()
    accept: tuple[Text, ...] = ()
    reject: tuple[Text, ...] = ()
    labs: tuple[LabRef, ...] = ()


class Scenario(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A production situation with a question, and how answers to it are graded."""

    format: Literal[1]
    id: Annotated[int, Meta(ge=1)]
    uuid: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    summary: Annotated[str, Meta(min_length=1, max_length=160, description="One line for lists; gives nothing away.")]
    situation: Annotated[str, Meta(min_length=1, description="Markdown: the production situation, with figures.")]
    question: Annotated[str, Meta(min_length=1, description="What the interviewer asks, in one or two sentences.")]
    minutes: Annotated[int, Meta(ge=1, le=60, description="Time an interview gives it.")]
    points: Annotated[tuple[Point, ...], Meta(min_length=1)]
    misconceptions: tuple[Misconception, ...] = ()
    lab: Annotated[int | None, Meta(description="Number of the lab that settles it.")] = None
    prerequisites: tuple[Annotated[int, Meta(ge=1)], ...] = ()
    out_of_scope: tuple[Text, ...] = ()


class ExampleAnswer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The front matter of `answers/*.md`: what the answer must score."""

    band: Band
    score: Annotated[tuple[float, float], Meta(description="Lowest and highest score that is right, 0 to 10.")]
    covers: Annotated[tuple[PointId, ...], Meta(description="Points that it must be credited with.")] = ()
    holds: Annotated[tuple[MisconceptionId, ...], Meta(description="Misconceptions that must be found in it.")] = ()
