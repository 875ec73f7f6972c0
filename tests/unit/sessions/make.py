"""Values for tests: a clock that stands still, a small scenario, grades and attempts of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from labs.contract import LabInfo, Task
from tutor.grading.types import Grade, GraderId, MisconceptionResult, PointResult, PointStatus, Span
from tutor.scenarios.model import Misconception, Point, Scenario
from tutor.sessions.ports import Attempt

START = datetime(2026, 11, 23, 10, 15, 30, 123456, tzinfo=UTC)
EVERYTHING = "".join(
    (
        "plain, ünïcödé, 日本語, العربية \u202eoverride\u202c, \U0001f469\u200d\U0001f4bb, ",
        "NUL \x00, ESC \x1b[31m, bell \x07, C1 \x9b, CR \r LF \n, half \ud83d pair \ud83d\ude00, private \ue000, end \u2028",
    )
)
"""Every kind of character that could get lost."""


class FakeClock:
    """Moves only when told."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now
        self.ticks = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.ticks

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.ticks += seconds


def point(
    id_: str, *, must: bool = False, weight: int = 2, dimension: str = "cause", labs: tuple[str, ...] = ()
) -> Point:
    return Point(
        id=id_,
        definition=f"Claim of {id_}.",
        source="docs",
        weight=weight,
        dimension=dimension,
        missed=f"You did not say {id_}.",
        follow_up=f"What about {id_}?",
        keywords=(id_,),
        must=must,
        labs=labs,
    )


def scenario(number: int = 1, *, lab: int | None = 1) -> Scenario:
    return Scenario(
        format=1,
        id=number,
        uuid=f"00000000-0000-4000-8000-{number:012d}",
        slug=f"scenario-{number}",
        title=f"Title {number}",
        summary=f"Summary {number}.",
        situation="A consumer runs.",
        question=f"What happens in {number}?",
        minutes=8,
        points=(
            point("resume", must=True, weight=5, labs=("1.same-group",)),
            point("policy", must=True, weight=3, dimension="internals"),
            point("describe", weight=2, dimension="debugging"),
            point("replay", weight=4, dimension="judgement"),
        ),
        misconceptions=(
            Misconception(
                "m_always", "The policy always applies.", "docs", 3, "It applies without an offset.", "Always?"
            ),
            Misconception("m_deleted", "Reading deletes.", "docs", 5, "Reading deletes nothing.", "Where did they go?"),
        ),
        lab=lab,
    )


def grade(
    score: float = 5.0,
    number: int = 1,
    *,
    honest: bool = True,
    statuses: dict[str, PointStatus] | None = None,
    spans: dict[str, tuple[Span, ...]] | None = None,
    held: tuple[MisconceptionResult, ...] = (),
    dimensions: dict[str, float] | None = None,
    raise_most: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Grade:
    status, where = statuses or {}, spans or {}
    return Grade(
        scenario=number,
        score=score,
        dimensions=dimensions or {"cause": score, "internals": score},
        points=tuple(
            PointResult(p.id, status.get(p.id, "missed"), where.get(p.id, ()), 0.75) for p in scenario(number).points
        ),
        misconceptions=held,
        grader=GraderId("model", "abc123"),
        honest=honest,
        notes=notes,
        raise_most=raise_most,
    )


def attempt(
    number: int = 1,
    answer: str = "The group resumes.",
    score: float = 5.0,
    *,
    follow_up_to: int | None = None,
    **more: object,
) -> Attempt:
    return Attempt(0, number, answer, grade(score, number, **more), START, 61.5, follow_up_to)  # type: ignore[arg-type]


def lab(number: int = 1) -> LabInfo:
    return LabInfo(number, f"lab-{number}", f"Lab {number}", "It settles it.", 20, (), Task("Make it so."))
