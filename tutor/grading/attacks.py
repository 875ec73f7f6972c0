"""How the grader does on answers that must not pass: `python -m tutor.grading.attacks`.

Every class is reported by itself; one pass is one too many.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import click
import msgspec

from tutor.grading.attack_texts import Attack, sample, sources, suite


class ClassReport(msgspec.Struct, frozen=True):
    """How a class of attacks did."""

    kind: str
    answers: int
    passes: int
    highest: float
    mean: float
    unlocked: int
    """Answers that are no attempt and were taken for one."""


def report(attacks: Sequence[Attack], scores: Sequence[float], honest: Sequence[bool]) -> list[ClassReport]:
    """By class, in the order of the suite."""
    rows = []
    graded = list(zip(attacks, scores, honest, strict=True))
    for kind in dict.fromkeys(attack.kind for attack in attacks):
        own = [(attack, score, real) for attack, score, real in graded if attack.kind == kind]
        values = [score for _, score, _ in own]
        rows.append(
            ClassReport(
                kind=kind,
                answers=len(own),
                passes=sum(value >= 6 for value in values),
                highest=max(values),
                mean=round(sum(values) / len(values), 1),
                unlocked=sum(real and not attack.attempt for attack, _, real in own),
            )
        )
    return rows


@click.command()
@click.option("--each", type=int, help="At most so many of every class.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--show", type=int, default=0, help="Show so many of the attacks that pass.")
def main(each: int | None, as_json: bool, show: int) -> None:
    """Grade the whole suite; exit status 1 where one attack passes."""
    from tutor.grading import resources
    from tutor.grading.batch import Item, cores, grade_all
    from tutor.grading.corpus import read
    from tutor.scenarios.packs import load_all

    packs = load_all().packs
    attacks = suite(sources(packs, read(resources.shipped().data)))
    attacks = attacks if each is None else sample(attacks, each)
    items = [Item(index, attack.scenario, attack.answer) for index, attack in enumerate(attacks)]
    grades = list(grade_all(items, {pack.id: pack.scenario for pack in packs}, "model", cores()))
    rows = report(attacks, [grade.score for grade in grades], [grade.honest for grade in grades])
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(rows), indent=2))
    else:
        for row in rows:
            click.echo(
                f"{row.kind:34} {row.answers:4} answers  {row.passes} pass  highest {row.highest:4.1f}  "
                f"mean {row.mean:4.1f}  {row.unlocked} unlocked"
            )
        click.echo(f"{sum(row.answers for row in rows)} answers, {sum(row.passes for row in rows)} pass")
    passing = [(a, g) for a, g in zip(attacks, grades, strict=True) if g.score >= 6]
    for attack, grade in passing[:show]:
        found = Counter(point.status for point in grade.points)
        click.echo(f"\n{attack.kind}, scenario {attack.scenario}: {grade.score} {dict(found)}\n{attack.answer[:600]}")
    raise SystemExit(1 if passing else 0)


if __name__ == "__main__":
    main()
