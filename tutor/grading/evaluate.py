"""Measure the grader against people's scores: `python -m tutor.grading.evaluate`.

Without arguments: on the scored answers that ship, calibrated on the others (ten folds over answers, and each scenario
by a calibration that has not seen it). With --answers: the shipped calibration on answers that nobody tuned on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
import numpy as np

from tutor.grading import calibrate, fit, judging, lexicon, resources
from tutor.grading.calibration import Calibration, load
from tutor.grading.corpus import Answer, read, read_answers
from tutor.grading.encoder import CrossEncoder
from tutor.grading.fit import Sample
from tutor.grading.metrics import Agreement, Found, agreement, found
from tutor.grading.reading import Reader
from tutor.grading.types import Grade, GraderId

FOLDS = 10
SEEDS = (1, 2, 3)
CREDITED = ("covered",)
_TRIAL = GraderId("model", "trial")


class Report(msgspec.Struct, frozen=True):
    """One way of measuring."""

    scores: Agreement
    real_prose: Agreement
    points: Found
    points_with_partial: Found
    misconceptions: Found
    certain_misconceptions: Found
    kinds: dict[str, Agreement]
    scenarios: dict[str, Agreement]


def measure(answers: Sequence[Answer], grades: Sequence[Grade]) -> Report:
    """Everything at once."""
    pairs = list(zip(answers, grades, strict=True))
    kinds = sorted({answer.kind for answer in answers})
    numbers = sorted({answer.scenario for answer in answers})
    return Report(
        scores=_agreement(pairs, lambda _: True),
        real_prose=_agreement(pairs, lambda answer: answer.kind == "real_world"),
        points=found(points(pairs, CREDITED)),
        points_with_partial=found(points(pairs, (*CREDITED, "partial"))),
        misconceptions=found(misconceptions(pairs, certain=False)),
        certain_misconceptions=found(misconceptions(pairs, certain=True)),
        kinds={kind: _agreement(pairs, lambda answer, kind=kind: answer.kind == kind) for kind in kinds},  # type: ignore[misc]
        scenarios={
            str(number): _agreement(pairs, lambda answer, number=number: answer.scenario == number)  # type: ignore[misc]
            for number in numbers
        },
    )


Pairs = Sequence[tuple[Answer, Grade]]
"""Answers as people scored them, with the grades they got."""


def _agreement(pairs: Pairs, keep: Callable[[Answer], bool]) -> Agreement:
    kept = [(grade.score, answer.human_score) for answer, grade in pairs if keep(answer)]
    return agreement([score for score, _ in kept], [human for _, human in kept])


def points(pairs: Pairs, credited: Sequence[str]) -> Iterable[tuple[set[str], set[str]]]:
    """Answer by answer: the points that were credited, and those that a person found."""
    for answer, grade in pairs:
        yield {point.id for point in grade.points if point.status in credited}, set(answer.points_covered)


def misconceptions(pairs: Pairs, *, certain: bool) -> Iterable[tuple[set[str], set[str]]]:
    """Answer by answer: the misconceptions that were named, and those that a person found."""
    for answer, grade in pairs:
        yield {m.id for m in grade.misconceptions if m.certain or not certain}, set(answer.misconceptions)


def over_answers(samples: Sequence[Sample], blank: Calibration, seed: int) -> list[Grade]:
    """Every answer graded by a calibration on nine tenths of the others."""
    order = np.random.default_rng(seed).permutation(len(samples))
    return _cross(samples, blank, [{int(index) for index in order[fold::FOLDS]} for fold in range(FOLDS)])


def over_scenarios(samples: Sequence[Sample], blank: Calibration) -> list[Grade]:
    """Every answer graded by a calibration on the other scenarios."""
    numbers = sorted({sample.scenario.id for sample in samples})
    return _cross(
        samples, blank, [{i for i, sample in enumerate(samples) if sample.scenario.id == number} for number in numbers]
    )


def _cross(samples: Sequence[Sample], blank: Calibration, folds: Sequence[set[int]]) -> list[Grade]:
    grades: dict[int, Grade] = {}
    for fold in folds:
        trial = fit.fit([sample for index, sample in enumerate(samples) if index not in fold], blank)
        for index in fold:
            grades[index] = judging.grade(samples[index].scenario, samples[index].reading, trial, _TRIAL)
    return [grades[index] for index in range(len(samples))]


def cross_validated(without_words: bool = False) -> dict[str, Report]:
    """All measurements on the scored answers that ship; `without_words`: as for scenarios that nobody trained."""
    files = resources.shipped()
    corpus = read(files.data)
    words = lexicon.load(files.lexicon)
    if without_words:
        words = lexicon.Lexicon({}, words.topics, words.topic_rarity, words.topic_weights, words.topic_bias)
    reader = Reader(CrossEncoder(files.model, files.vocabulary), words, files.gates(), files.spelling())
    samples = calibrate.read_samples(corpus, calibrate.shipped_scenarios(), reader)
    blank = load(files.calibration)
    answers = [sample.answer for sample in samples]
    reports = {f"over answers, seed {seed}": measure(answers, over_answers(samples, blank, seed)) for seed in SEEDS}
    reports["over scenarios"] = measure(answers, over_scenarios(samples, blank))
    return reports


def shipped(file: Path, grader: str) -> dict[str, Report]:
    """The grader as it ships, on other scored answers."""
    from tutor.grading.graders import load_grader

    answers = read_answers(file)
    scenarios = calibrate.shipped_scenarios()
    used = load_grader("keywords" if grader == "keywords" else "model")
    grades = [used.grade(scenarios[answer.scenario], answer.answer) for answer in answers]
    return {f"{used.id.name} {used.id.version} on {file.name}": measure(answers, grades)}


@click.command()
@click.option("--answers", type=click.Path(path_type=Path, exists=True), help="Scored answers (JSON Lines).")
@click.option("--grader", type=click.Choice(["model", "keywords"]), default="model", help="With --answers.")
@click.option("--untrained", is_flag=True, help="Cross-validate without the word model: scenarios that nobody trained.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(answers: Path | None, grader: str, untrained: bool, as_json: bool) -> None:
    """Agreement with people's scores, points and misconceptions found."""
    reports = cross_validated(untrained) if answers is None else shipped(answers, grader)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(reports), indent=2))
        return
    for name, report in reports.items():
        click.echo("\n".join(_lines(name, report)))


def _lines(name: str, report: Report) -> list[str]:
    lines = [f"{name}: {_scores(report.scores)}", f"  real prose             {_scores(report.real_prose)}"]
    for label, value in (
        ("points", report.points),
        ("points with partial", report.points_with_partial),
        ("misconceptions", report.misconceptions),
        ("certain ones", report.certain_misconceptions),
    ):
        lines.append(f"  {label:22} F1 {value.f1:.3f}  precision {value.precision:.3f}  recall {value.recall:.3f}")
    lines += [f"  {kind:22} {_scores(value)}" for kind, value in report.kinds.items()]
    return lines


def _scores(value: Agreement) -> str:
    figures: dict[str, Any] = msgspec.to_builtins(value)
    return (
        "{answers:3} answers  QWK {qwk:.3f}  Spearman {spearman:.3f}  mean error {mean_error:.2f}  bias {bias:+.2f}  "
        "wrong passes {wrong_passes}  wrong fails {wrong_fails}".format(**figures)
    )


if __name__ == "__main__":
    main()
