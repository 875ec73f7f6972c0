"""Many answers graded on all cores, in order."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import msgspec

from tutor.errors import GraderUnavailable, UsageError
from tutor.grading.graders import GraderName, load_grader
from tutor.grading.types import Grade, Grader
from tutor.scenarios.model import Scenario

SMALL = 4
"""So few answers are graded without further processes: these take a second to start."""
AHEAD = 4
"""Answers a process that are handed out before their turn comes."""
MOST_FAULTS = 20
"""Bad lines that are named."""


class Item(msgspec.Struct, frozen=True):
    """A line of a batch that can be graded."""

    id: str | int
    scenario: int
    answer: str


class LineFault(msgspec.Struct, frozen=True):
    """What is wrong with a line."""

    line: int
    key: str
    message: str


def parse(lines: Sequence[bytes], known: dict[str, int]) -> tuple[list[Item], list[LineFault]]:
    """Items in order, and the faults of all bad lines. `known`: scenario number or slug → number. Blank lines are skipped."""
    items: list[Item] = []
    faults: list[LineFault] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parsed = _parse_line(number, line, known)
        if isinstance(parsed, LineFault):
            faults.append(parsed)
        else:
            items.append(parsed)
    return items, faults


def _parse_line(number: int, line: bytes, known: dict[str, int]) -> Item | LineFault:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return LineFault(number, "", f"this is not JSON: {error}")
    if not isinstance(value, dict):
        return LineFault(number, "", "this is not a JSON object")
    for key in ("id", "scenario", "answer"):
        if key not in value:
            return LineFault(number, key, "the key is missing")
    if not isinstance(value["id"], str | int) or isinstance(value["id"], bool):
        return LineFault(number, "id", "it must be a string or a number")
    if not isinstance(value["answer"], str):
        return LineFault(number, "answer", "it must be a string")
    scenario = value["scenario"]
    found = known.get(str(scenario)) if isinstance(scenario, str | int) and not isinstance(scenario, bool) else None
    if found is None:
        return LineFault(number, "scenario", f"there is no scenario {scenario!r}")
    return Item(value["id"], found, value["answer"])


def refuse(source: str, faults: Sequence[LineFault], good: int) -> UsageError:
    """The error for a batch with bad lines: file, line and key of each, and how far grading came."""
    named = [f"{source}:{fault.line}: {fault.key + ': ' if fault.key else ''}{fault.message}" for fault in faults]
    more = [f"… and {len(named) - MOST_FAULTS} more"] if len(named) > MOST_FAULTS else []
    count = f"{len(faults)} of {len(faults) + good} lines cannot be graded"
    return UsageError(
        f"{count}; nothing was graded or written",
        "\n  ".join([*named[:MOST_FAULTS], *more]),
        'Every line must be {"id": …, "scenario": number or slug, "answer": "text"}.',
    )


def cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS has no affinity
        return os.cpu_count() or 1


def grade_all(
    items: Sequence[Item], scenarios: dict[int, Scenario], grader: GraderName | None, jobs: int
) -> Iterator[Grade]:
    """Grades in the order of the items, each as soon as it and those before it are made. Raises GraderUnavailable."""
    if jobs < 2 or len(items) <= SMALL:
        one = load_grader(grader, threads=max(1, min(2, jobs)))
        for item in items:
            yield one.grade(scenarios[item.scenario], item.answer)
        return
    yield from _spread(items, scenarios, grader, min(jobs, len(items)))


def _spread(
    items: Sequence[Item], scenarios: dict[int, Scenario], grader: GraderName | None, jobs: int
) -> Iterator[Grade]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _begin, (grader, scenarios))
    done = 0
    try:
        waiting: list[Future[Grade]] = []
        position = 0
        while position < len(items) or waiting:
            while position < len(items) and len(waiting) < jobs * AHEAD:
                waiting.append(pool.submit(_grade_one, items[position]))
                position += 1
            yield waiting.pop(0).result()
            done += 1
    except BrokenProcessPool as error:
        raise GraderUnavailable(
            f"A grading process ended: {done} of {len(items)} answers were graded",
            "It may have run out of memory, or the grader could not be loaded.",
            "Grade with fewer processes: --jobs 1",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_held: dict[str, object] = {}
"""What a grading process keeps between answers: one grader for all of them."""


def _begin(grader: GraderName | None, scenarios: dict[int, Scenario]) -> None:
    _held["grader"] = load_grader(grader, threads=1)
    _held["scenarios"] = scenarios


def _grade_one(item: Item) -> Grade:
    grader = _held["grader"]
    scenarios = _held["scenarios"]
    assert isinstance(scenarios, dict)
    kept: Grader = grader  # type: ignore[assignment]
    return kept.grade(scenarios[item.scenario], item.answer)
