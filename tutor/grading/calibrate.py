"""Fit everything that ships with the model: `python -m tutor.grading.calibrate`.

Trains the word model and the model of word order on the labelled texts, reads the scored answers with both models, and
fits weights, thresholds and the score. The same data makes the same files. Run it after a change of a rubric's
definitions, of the data, or of the code that reads answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tutor.errors import EnvironmentFault
from tutor.grading import contrary, fit, lexicon, provenance, resources, scoring, train_lexicon, word_order
from tutor.grading.calibration import Calibration, KeywordCalibration, save
from tutor.grading.corpus import Corpus, read
from tutor.grading.encoder import CrossEncoder
from tutor.grading.gates import Gates
from tutor.grading.keyword_grader import findings_of, hits_of
from tutor.grading.reading import Reader, definitions
from tutor.grading.resources import Resources
from tutor.grading.windows import units
from tutor.scenarios.model import Scenario
from tutor.scenarios.packs import load_all


@click.command()
@click.option(
    "--keep-words", is_flag=True, help="Keep the trained word models; only fit weights, thresholds and score."
)
def main(keep_words: bool) -> None:
    """Train the word models and fit the calibration that ships (some minutes on two cores)."""
    files = resources.shipped()
    corpus = read(files.data)
    scenarios = shipped_scenarios()
    if not keep_words:
        click.echo("word models …")
        train_words(corpus, scenarios, files)
    click.echo(f"reading {len(corpus.answers)} answers …")
    reader = Reader(
        CrossEncoder(files.model, files.vocabulary), lexicon.load(files.lexicon), files.gates(), files.spelling()
    )
    samples = read_samples(corpus, scenarios, reader)
    calibration = fit.fit(samples, blank(corpus, scenarios, samples, files, reader))
    save(calibration, files.calibration)
    limits = calibration.thresholds
    click.echo(f"covered from {limits.covered}, misconceptions from {limits.held}, certain from {limits.certain}")
    click.echo(f"written: {files.calibration}")


def shipped_scenarios() -> dict[int, Scenario]:
    """Every scenario of this release, by number. Raises EnvironmentFault where a pack cannot be read."""
    packs = load_all()
    if packs.faults:
        raise EnvironmentFault("A question pack cannot be read", str(packs.faults[0]), "kafka-tutor check")
    return {pack.id: pack.scenario for pack in packs.packs}


def train_words(corpus: Corpus, scenarios: dict[int, Scenario], files: Resources) -> None:
    """Train and write the word model and the model of word order."""
    wanted = {
        number: {item.id: item.definition for item in definitions(scenario)} for number, scenario in scenarios.items()
    }
    lexicon.save(train_lexicon.train(corpus.texts, wanted), files.lexicon)
    texts = [item.text for items in corpus.texts.values() for item in items]
    order = word_order.train([*texts, *corpus.fillers, *corpus.notes], resources.dictionary(files.vocabulary))
    word_order.save(order, files.word_order)


def read_samples(corpus: Corpus, scenarios: dict[int, Scenario], reader: Reader) -> list[fit.Sample]:
    """All scored answers to known scenarios, read by the models."""
    return [
        fit.Sample(scenarios[answer.scenario], answer, reader.read(scenarios[answer.scenario], answer.answer))
        for answer in corpus.answers
        if answer.scenario in scenarios
    ]


def blank(
    corpus: Corpus, scenarios: dict[int, Scenario], samples: Sequence[fit.Sample], files: Resources, reader: Reader
) -> Calibration:
    """A calibration with the hashes of what it is made from, and the keyword grader's part."""
    made_from = fit.MadeFrom(
        model=resources.digest(files.model),
        corpus=corpus.digest,
        words=provenance.words_digest(files),
        answers=provenance.answers_digest(files),
        rubric=provenance.rubric_hashes(scenarios),
        weighing=provenance.weighing_hash(scenarios.values()),
        rules=provenance.rules_hash(),
    )
    told = contrary.fit([(sample.scenario, sample.answer) for sample in samples], reader)
    return fit.blank(made_from, fit_keywords(samples, files), told)


def fit_keywords(samples: Sequence[fit.Sample], files: Resources) -> KeywordCalibration:
    """How far a keyword can be trusted, and the score of the keyword grader."""
    gates = files.gates()
    hits = [_keyword_hits(sample, gates) for sample in samples]
    point = _precision([(h[0], s.scenario.points, s.answer.points_covered) for h, s in zip(hits, samples, strict=True)])
    belief = _precision(
        [(h[1], s.scenario.misconceptions, s.answer.misconceptions) for h, s in zip(hits, samples, strict=True)]
    )
    rows = [
        scoring.features(sample.scenario, findings_of(sample.scenario, [*hit[0], *hit[1]], point, belief))
        for hit, sample in zip(hits, samples, strict=True)
    ]
    human = [sample.answer.human_score for sample in samples]
    return KeywordCalibration(point, belief, fit.stretched(rows, human))


def _keyword_hits(sample: fit.Sample, gates: Gates) -> tuple[list[bool], list[bool]]:
    """Points and misconceptions with a keyword in the answer."""
    found = units(sample.answer.answer)
    hits = [hit is not None for hit in hits_of(sample.scenario, found, gates.judge(sample.scenario, found))]
    return hits[: len(sample.scenario.points)], hits[len(sample.scenario.points) :]


def _precision(rows: Sequence[tuple[Sequence[bool], Sequence[object], Sequence[str]]]) -> float:
    """Share of hits that are right, one wrong and one right hit added."""
    said = right = 1.0
    said += 1.0
    for hits, items, there in rows:
        for hit, item in zip(hits, items, strict=True):
            said += hit
            right += hit and getattr(item, "id", "") in there
    return round(right / said, 3)


if __name__ == "__main__":
    main()
