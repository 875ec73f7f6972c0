"""What the grader's files were made from, and which command makes them again once that has changed.

The model is trained on definitions and labelled texts; the calibration is fitted to what the model and the code make of
the scored answers. Both record hashes of what they were made from: `python -m tutor.grading.provenance` compares.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click
import msgspec

from tutor.errors import GraderUnavailable
from tutor.grading import calibration
from tutor.grading.corpus import corpus_digest
from tutor.grading.resources import Resources, digest, shipped
from tutor.scenarios.model import Scenario

TRAIN = "python -m tutor.grading.train"
CALIBRATE = "python -m tutor.grading.calibrate"
CARD = "python -m tutor.grading.card"
READING = (
    "contrary",
    "encoder",
    "fit",
    "fitting",
    "gates",
    "judging",
    "keyword_grader",
    "keywords",
    "lexicon",
    "limits",
    "linear",
    "ngrams",
    "normalise",
    "passing",
    "polarity",
    "reading",
    "scoring",
    "signals",
    "speech",
    "spelling",
    "windows",
    "word_order",
    "wordpiece",
)
"""The modules that a grade depends on."""


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`model.json`: how the cross-encoder was trained."""

    format: int
    model: str
    """Hash of the model file."""
    corpus: str
    """Hash of the labelled texts."""
    rubric: dict[str, str]
    """Scenario number → hash of its definitions."""
    start: str
    """What the training started from."""
    seed: int
    epochs: int
    fold_epochs: int
    """Epochs of the cross-fitted models that find missing labels; 0: not cross-fitted."""
    learning_rate: float
    batch: int
    share: float = 1.0
    """Of the statements, in one epoch."""
    half: bool = False
    """Multiplied in bfloat16."""
    metrics: dict[str, float] = {}
    """On texts that were kept back; empty where none were."""
    seconds: float = 0.0
    """Of the training steps."""


class Stale(msgspec.Struct, frozen=True):
    """A file that is older than what it was made from."""

    file: str
    cause: str
    command: str

    def __str__(self) -> str:
        return f"{self.file}: {self.cause}. Next: {self.command}"


def load_record(file: Path) -> ModelRecord:
    """Read `model.json`. Raises GraderUnavailable."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=ModelRecord)
    except (OSError, msgspec.MsgspecError) as error:
        raise GraderUnavailable(
            "The record of the grader's training cannot be read", f"{file}: {error}", TRAIN
        ) from error


def save_record(record: ModelRecord, file: Path) -> None:
    """Write it, indented."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def stale(files: Resources, scenarios: Mapping[int, Scenario]) -> tuple[Stale, ...]:
    """Everything that has to be made again, in the order in which to make it."""
    return (*_stale_model(files, scenarios), *_stale_calibration(files, scenarios))


def _stale_model(files: Resources, scenarios: Mapping[int, Scenario]) -> Iterator[Stale]:
    record = load_record(files.record)
    if record.model != digest(files.model):
        yield Stale(files.model.name, "it is not the model that model.json describes", TRAIN)
    for number in changed(record.rubric, scenarios.values()):
        yield Stale(files.model.name, f"the definitions of scenario {number} have changed since it was trained", TRAIN)
    if record.corpus != corpus_digest(files.data):
        yield Stale(files.model.name, "the labelled texts have changed since it was trained", TRAIN)


def _stale_calibration(files: Resources, scenarios: Mapping[int, Scenario]) -> Iterator[Stale]:
    fitted = calibration.load(files.calibration)
    name = files.calibration.name
    for number in changed(fitted.rubric, scenarios.values()):
        yield Stale(name, f"the definitions of scenario {number} have changed since it was fitted", CALIBRATE)
    for cause, then, now in (
        ("the model has changed", fitted.model, digest(files.model)),
        ("the word models have changed", fitted.words, words_digest(files)),
        ("the labelled texts have changed", fitted.corpus, corpus_digest(files.data)),
        ("the scored answers or the notes have changed", fitted.answers, answers_digest(files)),
        ("weights, keywords or authored statements have changed", fitted.weighing, weighing_hash(scenarios.values())),
        ("the code that reads and judges has changed", fitted.rules, rules_hash()),
    ):
        if then != now:
            yield Stale(name, f"{cause} since it was fitted", CALIBRATE)


def changed(then: Mapping[str, str], scenarios: Iterable[Scenario]) -> tuple[int, ...]:
    """Numbers of the scenarios whose definitions are not those of the record, new scenarios too."""
    return tuple(item.id for item in scenarios if then.get(str(item.id)) != calibration.rubric_hash(item))


def rubric_hashes(scenarios: Mapping[int, Scenario]) -> dict[str, str]:
    """Scenario number → hash of its definitions."""
    return {str(number): calibration.rubric_hash(scenario) for number, scenario in sorted(scenarios.items())}


def words_digest(files: Resources) -> str:
    """Of the word model and the model of word order."""
    return digest(files.lexicon, files.word_order)


def answers_digest(files: Resources) -> str:
    """Of the scored answers, and of the notes that the model of word order has learnt from too."""
    return digest(files.data / "dev_answers.jsonl", files.data / "notes.txt")


def weighing_hash(scenarios: Iterable[Scenario]) -> str:
    """Changes with everything else in the rubrics that a score depends on."""
    rows = [
        [
            [[p.id, p.weight, p.must, p.dimension, p.keywords, p.accept, p.reject] for p in scenario.points],
            [[m.id, m.penalty, m.keywords, m.accept, m.reject] for m in scenario.misconceptions],
        ]
        for scenario in sorted(scenarios, key=lambda item: item.id)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]


def rules_hash() -> str:
    """Changes with the code that a grade depends on, but not with its comments, docstrings and line breaks."""
    here = Path(__file__).parent
    code = (code_of((here / f"{name}.py").read_text(encoding="utf-8")) for name in READING)
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:12]


def code_of(source: str) -> str:
    """The source without comments, docstrings and white space."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return "".join("".join(lines).split())


@click.command()
def main() -> None:
    """Say which of the grader's files have to be made again; exit status 1 where one has."""
    from tutor.grading.calibrate import shipped_scenarios

    found = stale(shipped(), shipped_scenarios())
    for item in found:
        click.echo(str(item))
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
