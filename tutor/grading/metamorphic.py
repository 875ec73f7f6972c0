"""Whether small changes of an answer change its score as little as they should: `python -m tutor.grading.metamorphic`.

Said a little differently, an answer keeps its score within a point, 19 times in 20. A right point added never lowers it,
a misconception added never raises it. Seeded: the same data make the same suite.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence

import click
import msgspec

from tutor.grading import variants
from tutor.grading.corpus import Answer, Corpus

SEED = 20261123
MOST = 1.0
"""Points that the score of the same answer, said differently, may move."""
SHARE = 0.95
"""Share of the answers for which it must not move more."""

Score = Callable[[int, str], float]
"""Scenario and answer to score."""


class Case(msgspec.Struct, frozen=True):
    """An answer and what became of it."""

    kind: str
    scenario: int
    before: str
    after: str


class VariantReport(msgspec.Struct, frozen=True):
    """How a kind of change did."""

    kind: str
    answers: int
    broken: int
    """Moved by more than a point; or lowered by a right point, raised by a misconception."""
    largest: float
    """Largest move; of the last two kinds the largest in the wrong direction."""
    limit: float
    """Share of the answers that may be broken."""

    @property
    def held(self) -> bool:
        """Whether few enough are broken."""
        return self.broken <= self.limit * self.answers


RIGHT = "a right point added (never lowers)"
WRONG = "a misconception added (never raises)"


def suite(corpus: Corpus, seed: int = SEED) -> list[Case]:
    """All cases, kind by kind."""
    return [case for answer in corpus.answers for case in _cases(answer, corpus, seed)]


def _cases(answer: Answer, corpus: Corpus, seed: int) -> Iterator[Case]:
    changed: list[tuple[str, str | None]] = [
        (name, make(answer.answer, _random(seed, name, answer), corpus)) for name, make in variants.SAME.items()
    ]
    changed.append((RIGHT, variants.right_point(answer, _random(seed, RIGHT, answer), corpus)))
    changed.append((WRONG, variants.misconception(answer, _random(seed, WRONG, answer), corpus)))
    for name, after in changed:
        if after is not None and after != answer.answer:
            yield Case(name, answer.scenario, answer.answer, after)


def _random(seed: int, name: str, answer: Answer) -> random.Random:
    """One answer's variants do not depend on which other answers there are."""
    return random.Random(f"{seed} {name} {answer.id}")


def sample(cases: Sequence[Case], each: int, seed: int = SEED) -> list[Case]:
    """At most `each` of every kind."""
    rng = random.Random(seed)
    chosen = []
    for kind in dict.fromkeys(case.kind for case in cases):
        own = [case for case in cases if case.kind == kind]
        chosen += rng.sample(own, min(each, len(own)))
    return chosen


def report(cases: Sequence[Case], before: Sequence[float], after: Sequence[float]) -> list[VariantReport]:
    """By kind."""
    rows = []
    for kind in (*variants.SAME, RIGHT, WRONG):
        moves = [_move(kind, b, a) for case, b, a in zip(cases, before, after, strict=True) if case.kind == kind]
        if moves:
            broken = sum(move > _allowed(kind) for move in moves)
            limit = 1.0 - SHARE if kind in variants.SAME else 0.0
            rows.append(VariantReport(kind, len(moves), broken, round(max(moves), 1), round(limit, 2)))
    return rows


def _allowed(kind: str) -> float:
    """How far a score may move; scores have one decimal."""
    return (MOST if kind in variants.SAME else 0.0) + 0.01


def _move(kind: str, before: float, after: float) -> float:
    """How far it moved; of what may move in one direction only, how far in the other."""
    if kind == RIGHT:
        return max(0.0, before - after)
    if kind == WRONG:
        return max(0.0, after - before)
    return abs(after - before)


def scorer() -> Score:
    """The model grader, as in the app."""
    from tutor.grading import calibrate, judging, lexicon, resources
    from tutor.grading.calibration import load
    from tutor.grading.encoder import CrossEncoder
    from tutor.grading.limits import graded_part
    from tutor.grading.reading import Reader
    from tutor.grading.types import GraderId

    files = resources.shipped()
    encoder = CrossEncoder(files.model, files.vocabulary)
    reader = Reader(encoder, lexicon.load(files.lexicon), files.gates(), files.spelling())
    calibration, scenarios = load(files.calibration), calibrate.shipped_scenarios()

    def score(scenario: int, answer: str) -> float:
        reading = reader.read(scenarios[scenario], graded_part(answer)[0])
        return judging.grade(scenarios[scenario], reading, calibration, GraderId("model", "")).score

    return score


def run(cases: Sequence[Case], score: Score) -> tuple[list[float], list[float]]:
    """Scores before and after; an answer that several cases start from is graded once."""
    known = {
        (scenario, text): score(scenario, text)
        for scenario, text in dict.fromkeys((case.scenario, case.before) for case in cases)
    }
    return [known[case.scenario, case.before] for case in cases], [score(case.scenario, case.after) for case in cases]


@click.command()
@click.option("--each", type=int, help="At most so many cases of every kind.")
@click.option("--seed", default=SEED, show_default=True, help="Another seed makes other variants.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--show", type=int, default=0, help="Show so many of the cases that are broken.")
def main(each: int | None, seed: int, as_json: bool, show: int) -> None:
    """Grade answers and their variants; exit status 1 where too many scores move."""
    from tutor.grading import resources
    from tutor.grading.corpus import read

    cases = suite(read(resources.shipped().data), seed)
    cases = cases if each is None else sample(cases, each, seed)
    before, after = run(cases, scorer())
    rows = report(cases, before, after)
    click.echo(json.dumps(msgspec.to_builtins(rows), indent=2) if as_json else "\n".join(map(_line, rows)))
    graded = list(zip(cases, before, after, strict=True))
    bad = [one for one in graded if _move(one[0].kind, one[1], one[2]) > _allowed(one[0].kind)]
    for case, old, new in bad[:show]:
        click.echo(f"\n{case.kind}, scenario {case.scenario}: {old} → {new}\n{case.before}\n→\n{case.after}")
    raise SystemExit(0 if all(row.held for row in rows) else 1)


def _line(row: VariantReport) -> str:
    kept = 1.0 - row.broken / row.answers
    verdict = "" if row.held else "   too many"
    return f"{row.kind:38} {row.answers:4} answers  {kept:6.1%} hold  largest {row.largest:4.1f}{verdict}"


if __name__ == "__main__":
    main()
