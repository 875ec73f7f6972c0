"""Strategies for handling a payment, each killed at each of its marked crash points: the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from labs import handouts
from labs.catalog.text09 import PLACES, STRATEGIES
from labs.contract import LabContext
from labs.launcher import Mark, Moment
from labs.notebook import plot
from labs.trials import Bench, Effect, Trial, crash, recover

LAB = 9
_MARKED = re.compile(r"#\s*crash point:\s*(\w+)")
_WORST = ("wrong sum", "lost and twice", "twice", "lost", "once")


@dataclass(frozen=True, slots=True)
class Cell:
    """One strategy killed at one point."""

    strategy: str
    place: str

    @property
    def script(self) -> Path:
        """The strategy's program."""
        return handouts.path(LAB, f"strategies/{self.strategy}.py")

    def moment(self) -> Moment:
        """When to strike: right after the call on the marked line. Raises EnvironmentFault."""
        return Moment(marked(handouts.text(LAB, f"strategies/{self.strategy}.py"))[self.place])


def marked(source: str) -> dict[str, Mark]:
    """Crash point → the boundary on its line: where the call there has returned."""
    found = {}
    for number, line in enumerate(source.splitlines(), 1):
        if match := _MARKED.search(line):
            found[match[1]] = Mark("after", line=number)
    return found


def crash_cells(
    ctx: LabContext,
    bench: Bench,
    cells: Sequence[Cell],
    paying: Mapping[str, Effect],
    keys: Mapping[str, Mapping[str, str]],
) -> tuple[list[Trial], list[Trial]]:
    """Crash every cell, and the transaction with a gateway in it once for each of `keys`; the trials, all done."""
    trials = bench.trials([f"{cell.strategy}-{cell.place}".replace("_", "-") for cell in cells], each=2)
    paid = bench.trials(list(keys), each=2)
    counts = dict.fromkeys(("once", "lost", "twice"), 0)

    def cell_job(trial: Trial, cell: Cell) -> None:
        crash(trial, cell.script, cell.moment())
        outcome = recover(trial, cell.script)
        words = " ".join(tally.word for tally in outcome.tallies.values())
        for word in counts:
            counts[word] += word in words if word != "once" else outcome.once
        plot(ctx, counts, "cells")

    def pay_job(trial: Trial, env: Mapping[str, str]) -> None:
        trial.effects = dict(paying)
        trial.env = env
        script = handouts.path(LAB, "variants/charge_in_transaction.py")
        crash(trial, script, Moment(Mark("before", "KafkaProducer.commit_transaction")))
        recover(trial, script)

    jobs: list[Callable[[], None]] = [partial(cell_job, *pair) for pair in zip(trials, cells, strict=True)]
    jobs += [partial(pay_job, *pair) for pair in zip(paid, keys.values(), strict=True)]
    bench.side_by_side(lambda job: job(), jobs)
    return trials, paid


def worst(words: Iterable[str]) -> str:
    """The worst of some outcomes."""
    return min(words, key=_WORST.index)


def lines(title: str, words: Mapping[Cell, str]) -> list[str]:
    """A table: crash point × strategy."""
    width = max(map(len, STRATEGIES.values())) + 2
    first = max(map(len, PLACES.values())) + 2
    rows = [f"{title}, killed right after …", " " * first + "".join(f"{name:<{width}}" for name in STRATEGIES.values())]
    for place, text in PLACES.items():
        rows.append(f"{text:<{first}}" + "".join(f"{words[Cell(s, place)]:<{width}}" for s in STRATEGIES))
    return rows
