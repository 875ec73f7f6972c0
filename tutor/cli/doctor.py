"""`kafka-tutor doctor`: what is fine on this machine, and the one command for what is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tutor.health.finding import Finding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option("--fix", is_flag=True, help="Fetch and prepare what is missing, then look again.")
@click.option("--restore", is_flag=True, help="Put the last backup of your data back; what is there now is set aside.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, fix: bool, restore: bool) -> None:
    """Look at Python, terminal, directories, your data, Java, Kafka, RabbitMQ and the grader.

    Each fault comes with the one command that mends it. The exit status is 0 when all is fine and 2 otherwise. Without
    --fix and --restore nothing is changed.
    """
    from tutor.health.examination import examine

    if restore:
        put_back()
    if fix:
        mend()
    findings = examine()
    if as_json:
        click.echo(json.dumps(document(findings), indent=2))
    else:
        click.echo("\n".join(lines(findings)))
    ctx.exit(0 if all(finding.ok for finding in findings) else 2)


def document(findings: Sequence[Finding]) -> dict[str, object]:
    """For --json."""
    import msgspec

    from tutor import __version__

    return {
        "version": __version__,
        "ok": all(finding.ok for finding in findings),
        "checks": [msgspec.to_builtins(finding) for finding in findings],
    }


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """For people: one line a check, the remedy below a fault."""
    from tutor.text import one_line

    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        yield f"{'ok   ' if finding.ok else 'FAULT'}  {finding.name:<{width}}  {one_line(finding.found)}"
        if not finding.ok:
            yield f"       {'':<{width}}  Next: {one_line(finding.remedy)}"
    faults = sum(not finding.ok for finding in findings)
    yield "All is fine." if not faults else f"{faults} {'fault' if faults == 1 else 'faults'}."


def mend() -> None:
    """Fetch the jars, prepare the storage, train the start-up cache, clear up after a crash. Raises LearnerError."""
    from labs.broker.embedded import EmbeddedProvider
    from labs.dirs import dirs
    from tutor.first_run import ProgressLine

    provider = EmbeddedProvider(dirs())
    line = ProgressLine(sys.stderr)
    try:
        provider.prepare(line)
        provider.train(line)
    finally:
        line.done()


def put_back() -> None:
    """Restore the last sound backup. Raises StoreError."""
    from tutor.clock import SystemClock
    from tutor.store.backup import restore
    from tutor.store.opening import opener
    from tutor.store.sqlite import data_file

    path = data_file()
    with opener(path):
        chosen, aside = restore(path, SystemClock().now())
    click.echo(f"Put back: {chosen}", err=True)
    if aside:
        click.echo(f"What was there is kept: {aside}", err=True)
