"""`kafka-tutor grade`: one answer, or a file of many, without the app and without keeping anything."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tutor.cli import complete
from tutor.errors import UsageError

if TYPE_CHECKING:
    from tutor.grading.graders import GraderName
    from tutor.grading.types import Grade, Grader, Span
    from tutor.scenarios.model import Scenario


@click.command()
@click.argument("scenario", required=False, shell_complete=complete.scenarios)
@click.argument("file", required=False, shell_complete=complete.files)
@click.option(
    "--batch",
    metavar="FILE",
    help='Grade every line of a JSON Lines file (- reads standard input): {"id", "scenario", "answer"}.',
)
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object an answer.")
@click.option("--grader", type=click.Choice(["model", "keywords", "openai"]), help="Use this grader and no other.")
@click.option(
    "--endpoint", metavar="URL", help="With --grader openai: any OpenAI-compatible API, http://localhost:11434/v1"
)
@click.option("--model", metavar="NAME", help="With --grader openai: the model to ask for.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=60.0, show_default=True, help="Seconds, likewise.")
@click.option("--consent", metavar="HOST", help="Agree that the answer is sent to this host.")
@click.option("--remember", is_flag=True, help="With --consent: agree for good.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes for --batch; one a core without it.")
def grade(
    scenario: str | None,
    file: str | None,
    batch: str | None,
    as_json: bool,
    grader: str | None,
    endpoint: str | None,
    model: str | None,
    timeout: float,
    consent: str | None,
    remember: bool,
    jobs: int | None,
) -> None:
    """Grade the answer in FILE (- reads standard input) to SCENARIO, a number or a slug.

    Nothing is kept. Without --grader the model grades; where it cannot be loaded the keyword grader does, and says so.
    --grader openai sends the answer to the endpoint that you name, with the key in KAFKA_TUTOR_GRADER_KEY if there is one,
    and only with --consent HOST; where that fails the answer is graded here, and the result says so.
    """
    remote = _remote(grader, endpoint, model, timeout, consent, remember)
    if batch is not None:
        if scenario is not None:
            raise UsageError("--batch takes no SCENARIO", "Every line names its own.", "kafka-tutor grade --batch FILE")
        _grade_batch(batch, as_json, remote or cast("GraderName | None", grader), jobs)
        return
    if scenario is None or file is None:
        raise UsageError("There is no answer to grade", "", "kafka-tutor grade SCENARIO FILE, or --batch FILE")
    _grade_one(scenario, file, as_json, remote or cast("GraderName | None", grader))


def _remote(
    grader: str | None, url: str | None, model: str | None, timeout: float, consent: str | None, remember: bool
) -> Grader | None:
    """The grader behind an endpoint, if it is asked for and allowed. Raises UsageError."""
    if grader != "openai":
        if url or model or consent:
            raise UsageError("--endpoint, --model and --consent belong to --grader openai", "", "Add --grader openai")
        return None
    if not url or not model:
        raise UsageError("--grader openai needs --endpoint URL and --model NAME", "", "kafka-tutor grade --help")
    from tutor.grading.endpoint import KEY_VARIABLE, Endpoint, host_of
    from tutor.grading.endpoint_grader import EndpointGrader, WithFallback
    from tutor.grading.graders import load_grader
    from tutor.sessions.consent import demand

    host = host_of(url)
    demand(host, consent, kept=_consent_kept(host, remember=remember and consent == host))
    endpoint = Endpoint(url, model, os.environ.get(KEY_VARIABLE, ""), timeout)
    return WithFallback(EndpointGrader(endpoint), load_grader())


def _consent_kept(host: str, *, remember: bool) -> bool:
    from tutor.sessions.consent import given, keep
    from tutor.store.sqlite import SqliteStore, data_file

    if not remember and not data_file().exists():
        return False
    with SqliteStore.open() as store:
        if remember:
            keep(store, host)
        return given(store, host)


def _grade_one(ref: str, file: str, as_json: bool, grader: Grader | GraderName | None) -> None:
    from tutor.grading.graders import load_grader
    from tutor.scenarios.library import load_library
    from tutor.scenarios.packs import find

    wanted = find(load_library(), ref).scenario
    answer = read_answer(file)
    used = grader if grader is not None and not isinstance(grader, str) else load_grader(grader)
    given = used.grade(wanted, graded_text(answer))
    if as_json:
        click.echo(json.dumps({"id": file, **document(given, answer)}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(wanted, given, answer)))


def read_answer(source: str) -> str:
    """The text of a file or of standard input; blank text is graded too, with 0. Raises AnswerRefused, UsageError."""
    from tutor.sessions.answers import MAX_BYTES, accept_bytes

    most = 4 * MAX_BYTES + 1
    try:
        data = sys.stdin.buffer.read(most) if source == "-" else _read(Path(source), most)
    except OSError as error:
        raise UsageError(
            "The answer cannot be read",
            f"{source}: {error.strerror or error}.",
            "Name a text file, or - for standard input.",
        ) from error
    return "" if not data.strip() else accept_bytes(data).kept


def _read(file: Path, most: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(most)


def graded_text(answer: str) -> str:
    """What graders read: as long as the answer, control characters as spaces."""
    from tutor import text

    return text.graded(answer)


def _grade_batch(source: str, as_json: bool, grader: Grader | GraderName | None, jobs: int | None) -> None:
    import msgspec

    from tutor.grading.batch import cores, grade_all, parse, refuse
    from tutor.scenarios.library import load_library

    packs = load_library().packs
    known = {name: pack.id for pack in packs for name in (str(pack.id), f"{pack.id:02d}", pack.slug)}
    items, faults = parse(_batch_lines(source), known)
    if faults:
        raise refuse("standard input" if source == "-" else source, faults, len(items))
    readable = [msgspec.structs.replace(item, answer=graded_text(item.answer)) for item in items]
    scenarios = {pack.id: pack.scenario for pack in packs}
    grades: Iterator[Grade]
    if grader is None or isinstance(grader, str):
        grades = grade_all(readable, scenarios, grader, jobs or cores())
    else:
        grades = (grader.grade(scenarios[item.scenario], item.answer) for item in readable)
    for item, given in zip(items, grades, strict=True):
        if as_json:
            click.echo(json.dumps({"id": item.id, **document(given, item.answer)}, ensure_ascii=False))
        else:
            click.echo(_row(item.id, given))
        sys.stdout.flush()


def _batch_lines(source: str) -> list[bytes]:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(
            "The batch cannot be read",
            f"{source}: {error.strerror or error}.",
            "Name a JSON Lines file, or - for standard input.",
        ) from error
    return data.removeprefix(b"\xef\xbb\xbf").split(b"\n")


def _row(name: str | int, given: Grade) -> str:
    held = ", ".join(item.id for item in given.misconceptions)
    found = sum(point.status == "covered" for point in given.points)
    return f"{name}\t{given.scenario}\t{given.score:.1f}\t{found}/{len(given.points)}\t{held}\t{given.grader.name}"


def document(given: Grade, answer: str) -> dict[str, Any]:
    """A grade as one JSON object. Offsets count characters of the answer."""
    return {
        "scenario": given.scenario,
        "score": given.score,
        "dimensions": dict(given.dimensions),
        "points": [
            {
                "id": point.id,
                "status": point.status,
                "confidence": point.confidence,
                "evidence": _evidence(point.evidence, answer),
            }
            for point in given.points
        ],
        "misconceptions": [
            {
                "id": item.id,
                "certain": item.certain,
                "confidence": item.confidence,
                "evidence": _evidence(item.evidence, answer),
            }
            for item in given.misconceptions
        ],
        "grader": {"name": given.grader.name, "version": given.grader.version},
        "honest": given.honest,
        "raise_most": list(given.raise_most),
        "notes": list(given.notes),
    }


def _evidence(spans: tuple[Span, ...], answer: str) -> list[dict[str, Any]]:
    return [{"start": span.start, "end": span.end, "text": answer[span.start : span.end]} for span in spans]


_MARKS = {"covered": "+", "partial": "~", "contradicted": "!", "unsure": "?", "missed": "-"}


def lines(scenario: Scenario, given: Grade, answer: str) -> Iterator[str]:
    """A grade for people."""
    from tutor.text import one_line

    yield f"{given.score:.1f} of 10   {scenario.title}"
    yield "   ".join(f"{name} {score:.1f}" for name, score in given.dimensions.items())
    yield ""
    wanted = {point.id: point.definition for point in scenario.points}
    for point in given.points:
        yield f"{_MARKS[point.status]} {point.status:<12} {wanted[point.id]}"
        for span in point.evidence:
            yield f"      “{one_line(answer[span.start : span.end])}”"
    beliefs = {item.id: item for item in scenario.misconceptions}
    for item in given.misconceptions:
        yield ""
        yield f"{'You hold' if item.certain else 'This sounds like'}: {beliefs[item.id].definition}"
        for span in item.evidence:
            yield f"      “{one_line(answer[span.start : span.end])}”"
        yield f"  {one_line(beliefs[item.id].correction)}"
    for note in given.notes:
        yield f"Note: {note}"
    yield f"Grader: {given.grader.name} {given.grader.version}"
