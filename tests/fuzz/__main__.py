"""`python -m tests.fuzz --seconds 600`: every target for so long; a table at the end, findings as they come."""

from __future__ import annotations

import random
import sys

import click

from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS


@click.command()
@click.option("--seconds", type=float, default=600.0, show_default=True, help="For each target.")
@click.option("--only", type=click.Choice(list(TARGETS)), multiple=True, help="This target; repeat it.")
@click.option("--seed", type=int, help="Of the first round; printed, so that a finding can be repeated.")
def main(seconds: float, only: tuple[str, ...], seed: int | None) -> None:
    """Feed hostile input. Exit status 1 where something broke or was left behind."""
    first = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    click.echo(f"seed {first}")
    outcomes = []
    for name in only or TARGETS:
        outcome = fuzz(name, seconds, first)
        outcomes.append(outcome)
        for finding in outcome.findings:
            click.echo(f"--- {name}: {finding}")
        told = f"{len(outcome.findings)} findings, left behind: {outcome.left or 'nothing'}"
        click.echo(f"{name:12} {outcome.inputs:>9,} inputs in {outcome.seconds:6.1f} s: {told}")
    sys.exit(any(outcome.findings or outcome.left for outcome in outcomes))


if __name__ == "__main__":
    main()
