"""Train the cross-encoder on the labelled texts and write it where it ships: `python -m tutor.grading.train`.

First three models on two thirds each find texts that take a stance no label knows; these are left out of the negatives.
Then the model is trained on everything but a tenth that its figures come from, and written as int8 ONNX beside `model.json`.
The same data, seed and machine make the same model; one that was stopped goes on with the same command. Calibrate afterwards.
"""

from __future__ import annotations

import dataclasses
import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from tutor.errors import EnvironmentFault
from tutor.grading import calibrate, provenance, resources
from tutor.grading.corpus import Passage, Statement, corpus_digest, read_rows
from tutor.grading.encoder import CrossEncoder
from tutor.grading.reading import definitions
from tutor.grading.train.pairs import Material, epoch

HELD_BACK = 10
"""One statement in so many is kept back for the figures."""
CHECK_STEPS = 12
CHECK_TEXTS = 60


@click.command()
@click.option(
    "--base",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of all-MiniLM-L6-v2; without it the training goes on from the model that ships.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the model; where it ships without it."
)
@click.option("--seed", default=3, show_default=True)
@click.option("--epochs", default=8, show_default=True, help="More overfit: real prose gets worse.")
@click.option(
    "--fold-epochs",
    default=4,
    show_default=True,
    help="Of the models that find missing labels; 0: the model that ships finds them, where the training goes on from it.",
)
@click.option("--learning-rate", default=1.2e-4, show_default=True, help="To go on from the model that ships: a third.")
@click.option("--share", default=1.0, show_default=True, help="Of the statements, in one epoch; passages are all used.")
@click.option("--half", is_flag=True, help="Multiply in bfloat16: faster on processors that have it.")
@click.option(
    "--check", is_flag=True, help=f"Only try the command: {CHECK_STEPS} steps on a few texts, written nowhere."
)
def main(
    base: Path | None,
    out: Path | None,
    seed: int,
    epochs: int,
    fold_epochs: int,
    learning_rate: float,
    share: float,
    half: bool,
    check: bool,
) -> None:
    """Train the cross-encoder."""
    try:
        from tutor.grading.train import loop, network, progress, weights
    except ImportError as error:
        raise EnvironmentFault(
            "Training needs PyTorch and onnx", f"This environment lacks {error.name}.", "pip install '.[train]'"
        ) from error
    from tutor.grading.wordpiece import WordPiece

    files = resources.shipped()
    settings = loop.Settings(seed, epochs, fold_epochs, learning_rate, half=half)
    material, kept_back = _material(files.data, seed)
    material = dataclasses.replace(material, share=share)
    if check:
        settings = dataclasses.replace(
            settings, epochs=1, fold_epochs=min(fold_epochs, 1), batch=16, most_steps=CHECK_STEPS
        )
        material, kept_back = _few(material), _few(kept_back)
    start = weights.from_onnx(files.model) if base is None else weights.from_base(base)
    folder = _folder(out, check)
    rubric = provenance.rubric_hashes(calibrate.shipped_scenarios())
    made_of = f"{settings} {share} {base} {resources.digest(files.model)} {corpus_digest(files.data)} {rubric}"
    kept = progress.Progress(folder, made_of)
    trainer = loop.Trainer(start, WordPiece.load(files.vocabulary), settings, click.echo, kept)
    if settings.fold_epochs:
        material = _told(material, loop.missing_labels(trainer, material, settings.fold_epochs))
    elif base is None:
        shipped = CrossEncoder(files.model, files.vocabulary)
        material = _told(material, loop.unlabelled(shipped.probabilities, material, material.statements))
    trained = trainer.fit(material, settings.epochs, "model")
    figures = loop.accuracy(trainer, trained, epoch(kept_back, random.Random(seed)))
    click.echo(", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    model = folder / files.model.name
    weights.to_onnx(network.arrays(trained), files.model, model)
    _compare(model, files.vocabulary, trainer, trained, kept_back)
    record = provenance.ModelRecord(
        format=1,
        model=resources.digest(model),
        corpus=corpus_digest(files.data),
        rubric=rubric,
        start=f"shipped {resources.digest(files.model)}" if base is None else "all-MiniLM-L6-v2",
        seed=seed,
        epochs=settings.epochs,
        fold_epochs=settings.fold_epochs,
        learning_rate=settings.learning_rate,
        batch=settings.batch,
        share=share,
        half=half,
        metrics=figures,
        seconds=round(trainer.seconds, 1),
    )
    if check:
        _extrapolate(trainer.pairs / trainer.seconds, seed)
        shutil.rmtree(folder)
        return
    if folder == files.folder:
        click.echo(f"Next: {provenance.CALIBRATE}")
    provenance.save_record(record, folder / files.record.name)
    kept.forget()
    click.echo(f"written: {model}")


def _told(material: Material, missing: Mapping[tuple[str, str], int | None]) -> Material:
    click.echo(f"{len(missing)} stances that no label knows")
    return dataclasses.replace(material, missing=missing)


def _folder(out: Path | None, check: bool) -> Path:
    import tempfile

    if check:
        return Path(tempfile.mkdtemp(prefix="kafka-tutor-train-"))
    folder = out or resources.shipped().folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _material(data: Path, seed: int) -> tuple[Material, Material]:
    """What to train on, and what is kept back."""
    scenarios = calibrate.shipped_scenarios()
    wanted = {number: {item.id: item.definition for item in definitions(s)} for number, s in scenarios.items()}
    statements = [row for file in sorted((data / "statements").glob("*.jsonl")) for row in read_rows(file, Statement)]
    statements = [row for row in statements if row.point in wanted.get(row.scenario, {})]
    passages = [row for file in sorted((data / "passages").glob("*.jsonl")) for row in read_rows(file, Passage)]
    random.Random(seed).shuffle(statements)
    fillers = (data / "fillers.txt").read_text(encoding="utf-8").split("\n")
    whole = Material(
        definitions=wanted,
        questions={number: scenario.question for number, scenario in scenarios.items()},
        statements=statements,
        passages=[row for row in passages if row.scenario in wanted],
        fillers=[line for line in fillers if line.strip()],
    )
    back = len(statements) // HELD_BACK
    return (
        dataclasses.replace(whole, statements=statements[back:]),
        dataclasses.replace(whole, statements=statements[:back], passages=()),
    )


def _few(material: Material) -> Material:
    return dataclasses.replace(
        material, statements=material.statements[:CHECK_TEXTS], passages=material.passages[: CHECK_TEXTS // 10]
    )


def _compare(model: Path, vocabulary: Path, trainer: object, trained: object, kept_back: Material) -> None:
    """The written model must say what the trained one says, but for the rounding."""
    import numpy as np

    from tutor.grading.train.loop import Trainer
    from tutor.grading.train.network import Network

    assert isinstance(trainer, Trainer) and isinstance(trained, Network)
    pairs = epoch(kept_back, random.Random(0))[:64]
    exact = trainer.chances(trained, pairs)
    written = CrossEncoder(model, vocabulary).probabilities([(pair.text, pair.definition) for pair in pairs])
    apart = float(np.abs(exact - written).mean())
    click.echo(f"int8 against float: {apart:.4f} apart on average")
    if apart > 0.1:
        raise EnvironmentFault("The written model is not the trained one", f"{apart:.3f} apart on average.", "")


def _extrapolate(speed: float, seed: int) -> None:
    """How long a full run would take here."""
    whole, _ = _material(resources.shipped().data, seed)
    pairs = len(epoch(whole, random.Random(seed)))
    epochs = 8 + 3 * 4 * 2 / 3
    click.echo(
        f"{speed:.1f} pairs a second; a full run has {pairs * epochs:,.0f}: about {pairs * epochs / speed / 3600:.1f} hours here"
    )


if __name__ == "__main__":
    main()
