"""The measurements of the grader card, section by section."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from tutor.grading import attacks, calibrate, evaluate, lexicon, metamorphic, resources
from tutor.grading.attack_texts import sources, suite
from tutor.grading.batch import Item, cores, grade_all
from tutor.grading.bootstrap import agreement_intervals, found_intervals
from tutor.grading.calibration import load, rubric_hash
from tutor.grading.card.values import Baseline, Data, Finds, ItemRow, Miss, Scores, View
from tutor.grading.corpus import Answer, Corpus, read_answers
from tutor.grading.encoder import CrossEncoder
from tutor.grading.fit import Sample
from tutor.grading.graders import load_grader
from tutor.grading.metrics import Agreement, agreement, found
from tutor.grading.reading import Reader, definitions
from tutor.grading.types import PASS_SCORE, Grade
from tutor.scenarios.model import Scenario
from tutor.scenarios.packs import load_all

FAIL_SCORE = 3.0
OVER_ANSWERS = "over answers"
OVER_SCENARIOS = "over scenarios"
APART = "kept apart"
HOW = {
    OVER_ANSWERS: "ten folds over the answers: each graded by weights, thresholds and a score fitted on the other folds",
    OVER_SCENARIOS: "each scenario graded by weights, thresholds and a score fitted on the nine others",
    APART: "the grader as it ships, on answers that nothing was fitted on or chosen by",
}

Pairs = Sequence[tuple[Answer, Grade]]


def data_of(corpus: Corpus) -> Data:
    """What is measured on, with its hashes."""
    scored = resources.shipped().data / "dev_answers.jsonl"
    rubrics = "".join(rubric_hash(scenario) for _, scenario in sorted(calibrate.shipped_scenarios().items()))
    return Data(
        answers=len(corpus.answers),
        scored=resources.digest(scored),
        corpus=corpus.digest,
        texts=sum(map(len, corpus.texts.values())),
        rubrics=hashlib.sha256(rubrics.encode()).hexdigest()[:8],
        apart=resources.digest(resources.shipped().kept_apart),
    )


def agreement_of(corpus: Corpus) -> tuple[tuple[View, ...], View, dict[str, Agreement], tuple[Baseline, ...]]:
    """Both views, the answers kept apart, other seeds, and what simpler ways reach on the same answers."""
    files = resources.shipped()
    reader = Reader(
        CrossEncoder(files.model, files.vocabulary), lexicon.load(files.lexicon), files.gates(), files.spelling()
    )
    scenarios = calibrate.shipped_scenarios()
    samples = calibrate.read_samples(corpus, scenarios, reader)
    blank = load(files.calibration)
    first, *others = evaluate.SEEDS
    views = (
        view(OVER_ANSWERS, _pairs(samples, evaluate.over_answers(samples, blank, first)), scenarios),
        view(OVER_SCENARIOS, _pairs(samples, evaluate.over_scenarios(samples, blank)), scenarios),
    )
    again = {
        str(seed): _some(_pairs(samples, evaluate.over_answers(samples, blank, seed)), lambda _: True).figures
        for seed in others
    }
    return views, kept_apart(), again, baselines([sample.answer for sample in samples])


def kept_apart() -> View:
    """The grader that ships, on the answers that nothing is fitted on."""
    grader, scenarios = load_grader("model"), calibrate.shipped_scenarios()
    answers = read_answers(resources.shipped().kept_apart)
    grades = [grader.grade(scenarios[answer.scenario], answer.answer) for answer in answers]
    return view(APART, list(zip(answers, grades, strict=True)), scenarios)


def view(name: str, pairs: Pairs, scenarios: dict[int, Scenario]) -> View:
    """All figures of one way of measuring."""
    answers = [answer for answer, _ in pairs]
    return View(
        name=name,
        how=HOW[name],
        scores=_some(pairs, lambda _: True),
        kinds={kind: _some(pairs, lambda a, kind=kind: a.kind == kind) for kind in _kinds(answers)},  # type: ignore[misc]
        scenarios={
            str(number): _some(pairs, lambda a, number=number: a.scenario == number)  # type: ignore[misc]
            for number in sorted({answer.scenario for answer in answers})
        },
        points=_finds(list(evaluate.points(pairs, evaluate.CREDITED))),
        misconceptions=_finds(list(evaluate.misconceptions(pairs, certain=False))),
        certain_misconceptions=_finds(list(evaluate.misconceptions(pairs, certain=True))),
        wrong_passes=_misses(pairs, lambda given, human: given >= PASS_SCORE and human <= FAIL_SCORE),
        wrong_fails=_misses(pairs, lambda given, human: given <= FAIL_SCORE and human >= PASS_SCORE),
        items=tuple(items(pairs, scenarios)),
    )


def _kinds(answers: Sequence[Answer]) -> list[str]:
    return sorted({answer.kind for answer in answers})


def _pairs(samples: Sequence[Sample], grades: Sequence[Grade]) -> Pairs:
    return [(sample.answer, grade) for sample, grade in zip(samples, grades, strict=True)]


def _some(pairs: Pairs, keep: Callable[[Answer], bool]) -> Scores:
    given = [grade.score for answer, grade in pairs if keep(answer)]
    human = [answer.human_score for answer, _ in pairs if keep(answer)]
    return Scores(agreement(given, human), agreement_intervals(given, human))


def _finds(rows: Sequence[tuple[set[str], set[str]]]) -> Finds:
    return Finds(found(rows), found_intervals(rows))


def _misses(pairs: Pairs, wrong: Callable[[float, float], bool]) -> tuple[Miss, ...]:
    return tuple(
        Miss(answer.id, grade.score, answer.human_score)
        for answer, grade in pairs
        if wrong(grade.score, answer.human_score)
    )


def items(pairs: Pairs, scenarios: dict[int, Scenario]) -> Iterator[ItemRow]:
    """How each point and misconception is found, over the answers to its scenario."""
    for number, scenario in sorted(scenarios.items()):
        own = [(_said(grade), _there(answer)) for answer, grade in pairs if answer.scenario == number]
        for item in definitions(scenario):
            said = [item.id in names for names, _ in own]
            there = [item.id in names for _, names in own]
            right = sum(a and b for a, b in zip(said, there, strict=True))
            yield ItemRow(number, item.id, sum(there), sum(said), right)


def _said(grade: Grade) -> set[str]:
    covered = {point.id for point in grade.points if point.status in evaluate.CREDITED}
    return covered | {item.id for item in grade.misconceptions}


def _there(answer: Answer) -> set[str]:
    return {*answer.points_covered, *answer.misconceptions}


def baselines(answers: Sequence[Answer]) -> tuple[Baseline, ...]:
    """The number of words, and the keyword grader as it ships."""
    human = [answer.human_score for answer in answers]
    words = [min(10.0, len(answer.answer.split()) / 15.0) for answer in answers]
    keywords, scenarios = load_grader("keywords"), calibrate.shipped_scenarios()
    pairs = [(answer, keywords.grade(scenarios[answer.scenario], answer.answer)) for answer in answers]
    return (
        Baseline("number of words, 15 to a point", agreement(words, human)),
        Baseline(
            "keyword grader (RapidFuzz), fitted on these same answers",
            agreement([grade.score for _, grade in pairs], human),
            found(evaluate.points(pairs, evaluate.CREDITED)).f1,
            found(evaluate.misconceptions(pairs, certain=False)).f1,
        ),
    )


def attacked(corpus: Corpus) -> tuple[attacks.ClassReport, ...]:
    """The whole suite of attacks, graded by the model on all cores."""
    packs = load_all().packs
    made = suite(sources(packs, corpus))
    texts = [Item(index, attack.scenario, attack.answer) for index, attack in enumerate(made)]
    grades = list(grade_all(texts, {pack.id: pack.scenario for pack in packs}, "model", cores()))
    return tuple(attacks.report(made, [grade.score for grade in grades], [grade.honest for grade in grades]))


def varied(corpus: Corpus) -> tuple[metamorphic.VariantReport, ...]:
    """The whole metamorphic suite."""
    cases = metamorphic.suite(corpus)
    return tuple(metamorphic.report(cases, *metamorphic.run(cases, metamorphic.scorer())))
