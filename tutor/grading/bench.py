"""Time and memory of a grade: `python -m tutor.grading.bench`. Model and keyword grader in turn, in the same run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import click
import msgspec
import psutil

from tutor.grading import calibrate, resources
from tutor.grading.batch import cores
from tutor.grading.client import GraderClient
from tutor.grading.corpus import Answer, read_answers
from tutor.grading.graders import load_grader
from tutor.grading.types import Grader
from tutor.scenarios.model import Scenario

_MEMORY = (
    "import psutil; from tutor.grading.graders import load_grader; from tutor.grading.calibrate import shipped_scenarios;"
    "from tutor.grading.corpus import read_answers; from tutor.grading.resources import shipped;"
    "grader = load_grader('{name}'); scenarios = shipped_scenarios();"
    "[grader.grade(scenarios[a.scenario], a.answer) for a in read_answers(shipped().data / 'dev_answers.jsonl')[:40]];"
    "print(psutil.Process().memory_info().rss)"
)


class Times(msgspec.Struct, frozen=True):
    """Seconds a grade takes."""

    median: float
    p95: float
    longest: float


class Bench(msgspec.Struct, frozen=True):
    """One run."""

    answers: int
    cores: int
    model: Times
    keywords: Times
    model_cpu: Times
    """CPU time of the process, all threads together: what other work on the machine does not lengthen."""
    keywords_cpu: Times
    ratio: float
    """Median CPU time of the model to that of the keyword grader."""
    first_grade: float
    """Seconds from the start of the worker process to the first grade."""
    megabyte: float
    """Seconds for an answer of one megabyte."""
    model_rss_mb: int
    keywords_rss_mb: int
    load_average: float
    """Of the machine at the start: times on a busy machine are longer."""


ANSWERS = 60
"""About so many answers are graded."""


def run(most: int) -> Bench:
    """Measure everything once."""
    load = psutil.getloadavg()[0]
    scenarios = calibrate.shipped_scenarios()
    answers = read_answers(resources.shipped().data / "dev_answers.jsonl")
    answers = answers[:: max(1, len(answers) // most)]
    first = _first_grade(scenarios, answers[0])
    graders = (load_grader("model"), load_grader("keywords"))
    taken: tuple[list[_Taken], list[_Taken]] = ([], [])
    for answer in answers:
        for grader, own in zip(graders, taken, strict=True):
            own.append(_time(grader, scenarios[answer.scenario], answer.answer))
    model, keywords = ([_times([t.wall for t in own]), _times([t.cpu for t in own])] for own in taken)
    return Bench(
        answers=len(answers),
        cores=cores(),
        model=model[0],
        keywords=keywords[0],
        model_cpu=model[1],
        keywords_cpu=keywords[1],
        ratio=round(_median(taken[0]) / _median(taken[1]), 1),
        first_grade=round(first, 2),
        megabyte=round(
            _time(graders[0], scenarios[4], "The consumer leaves the group because of its timeout. " * 18_518).wall, 2
        ),
        model_rss_mb=_rss("model"),
        keywords_rss_mb=_rss("keywords"),
        load_average=round(load, 1),
    )


class _Taken(msgspec.Struct, frozen=True):
    """Seconds of one grade."""

    wall: float
    cpu: float


def _time(grader: Grader, scenario: Scenario, answer: str) -> _Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    grader.grade(scenario, answer)
    return _Taken(time.perf_counter() - wall, time.process_time() - cpu)


def _median(taken: Sequence[_Taken]) -> float:
    return statistics.median(one.cpu for one in taken)


def _times(values: Sequence[float]) -> Times:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return Times(round(statistics.median(ordered), 3), round(p95, 3), round(ordered[-1], 3))


def _first_grade(scenarios: dict[int, Scenario], answer: Answer) -> float:
    client = GraderClient()
    try:
        start = time.perf_counter()
        client.start()
        client.grade(scenarios[answer.scenario], answer.answer)
        return time.perf_counter() - start
    finally:
        client.close()


def _rss(name: str) -> int:
    """Memory of a fresh process after forty grades, in MB."""
    command = [sys.executable, "-c", _MEMORY.format(name=name)]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return round(int(output) / 1e6)


@click.command()
@click.option("--answers", "most", default=ANSWERS, show_default=True, help="About so many answers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(most: int, as_json: bool) -> None:
    """Time of a grade, of the first one, and memory."""
    bench = run(most)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(bench), indent=2))
        return
    for name, times, cpu, rss in (
        ("model", bench.model, bench.model_cpu, bench.model_rss_mb),
        ("keywords", bench.keywords, bench.keywords_cpu, bench.keywords_rss_mb),
    ):
        click.echo(
            f"{name:9} median {times.median:.3f} s   95 % {times.p95:.3f} s   longest {times.longest:.3f} s   "
            f"CPU {cpu.median:.3f} s, 95 % {cpu.p95:.3f} s   {rss} MB"
        )
    click.echo(f"model : keywords = {bench.ratio:.1f} : 1 (CPU, median)")
    click.echo(f"first grade after process start {bench.first_grade:.2f} s, one megabyte {bench.megabyte:.2f} s")
    click.echo(f"{bench.answers} answers, {bench.cores} cores, load average {bench.load_average}")


if __name__ == "__main__":
    main()
