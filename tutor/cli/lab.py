"""`kafka-tutor lab`: run a lab, have it checked, prove the labs, clean up."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tutor.errors import UsageError

if TYPE_CHECKING:
    from labs.contract import Check, LabInfo
    from tutor.sessions.unlock import LabState

NUMBER = click.IntRange(1, 99)


def _name_rabbitmq(ctx: click.Context, _: click.Parameter, url: str | None) -> None:
    """Name it in the environment for as long as the command runs: the lab's own threads look there."""
    from labs.rabbit.server import URL_VARIABLE

    if url is not None:
        before = os.environ.get(URL_VARIABLE)
        os.environ[URL_VARIABLE] = url
        ctx.call_on_close(lambda: _put_back(URL_VARIABLE, before))


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


amqp_url = click.option(
    "--amqp-url",
    metavar="URL",
    expose_value=False,
    callback=_name_rabbitmq,
    help="The RabbitMQ that lab 10 uses (amqp://user:password@host/vhost) instead of one of its own, or `none`.",
)


@click.group()
def lab() -> None:
    """Experiments on a real broker that settle a scenario."""


@lab.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON array.")
def list_labs(as_json: bool) -> None:
    """List the labs and whether they are open to you."""
    from labs import catalog
    from tutor.sessions.unlock import lab_state
    from tutor.store.sqlite import SqliteStore

    known = catalog.numbers()
    with SqliteStore.open() as store:
        rows = [(catalog.info(number), lab_state(store, number, known)) for number in known]
    if as_json:
        click.echo(json.dumps([list_row(info, state) for info, state in rows], indent=2, ensure_ascii=False))
        return
    for info, state in rows:
        click.echo(f"{info.number:>3}  {state.kind:<9} about {info.seconds:>2} s  {info.title}")


def list_row(info: LabInfo, state: LabState) -> dict[str, Any]:
    """A lab for --json."""
    questions = [{"id": q.id, "text": q.text, "kind": q.kind, "unit": q.unit} for q in info.questions]
    return {
        "lab": info.number,
        "slug": info.slug,
        "title": info.title,
        "summary": info.summary,
        "seconds": info.seconds,
        "questions": questions,
        "state": state.kind,
        "reason": state.reason,
    }


@lab.command()
@click.argument("number", type=NUMBER)
@click.option(
    "--predict", "predicted", multiple=True, metavar="ID=VALUE", help="A prediction; repeat it. Else you are asked."
)
@amqp_url
@click.option("--skip-lock", is_flag=True, help="Run it without an answer to its scenario: recorded, and no progress.")
@click.option(
    "--json", "as_json", is_flag=True, help="The evidence as one JSON object; commands are read from standard input."
)
@click.pass_context
def run(ctx: click.Context, number: int, predicted: tuple[str, ...], skip_lock: bool, as_json: bool) -> None:
    """Run lab NUMBER: predict, watch it happen, mend it, have it checked.

    Exit status: 0 verified, 1 ended without that, 130 interrupted.
    """
    from tutor.cli.lab_run import Asked, run_lab
    from tutor.store.sqlite import SqliteStore

    asked = Asked(split_predictions(predicted), as_json, skip_lock)
    with SqliteStore.open() as store:
        ctx.exit(run_lab(number, asked, store))


def split_predictions(given: Sequence[str]) -> dict[str, str]:
    """`ID=VALUE` pairs. Raises UsageError."""
    pairs = [item.partition("=") for item in given]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise UsageError(
                f"--predict {name} is no prediction", "It needs a question and a value.", "--predict same-group=300"
            )
    return {name.strip(): value for name, _, value in pairs}


@lab.command()
@click.argument("number", type=NUMBER)
@amqp_url
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.pass_context
def verify(ctx: click.Context, number: int, as_json: bool) -> None:
    """Check the lab NUMBER that runs in the app or in another terminal.

    Exit status: 0 everything ok, 1 not yet, 2 no such lab running.
    """
    from labs import catalog
    from labs.dirs import dirs
    from labs.verifying import verify_running
    from tutor.cli.lab_view import check_lines, wrapped

    checks = verify_running(catalog.load(number), dirs(), lambda _: None)
    ok = all(check.ok for check in checks)
    if as_json:
        click.echo(json.dumps({"lab": number, "ok": ok, "checks": [check_row(check) for check in checks]}, indent=2))
    else:
        for check in checks:
            hint = wrapped(check.hints[0], "           try:      ") if check.hints else []
            click.echo("\n".join([*check_lines(check), *hint]))
    ctx.exit(0 if ok else 1)


def check_row(check: Check) -> dict[str, Any]:
    """A check for --json."""
    return {
        "id": check.id,
        "title": check.title,
        "ok": check.ok,
        "expected": check.expected,
        "found": check.found,
        "hints": list(check.hints),
    }


@lab.command()
@click.argument("number", type=NUMBER, required=False)
@click.option("--all", "every", is_flag=True, help="Every lab.")
@click.option("--times", type=click.IntRange(1, 1000), default=1, show_default=True, help="Proofs of each lab.")
@amqp_url
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.pass_context
def prove(ctx: click.Context, number: int | None, every: bool, times: int, as_json: bool) -> None:
    """Prove labs on fresh brokers: untouched they must fail, with the reference fix pass, and leave nothing.

    Exit status: 0 no wrong outcome, 1 otherwise.
    """
    from labs import catalog
    from labs import prove as proving
    from labs.broker.embedded import EmbeddedProvider
    from labs.clusters import FreshClusters
    from labs.dirs import dirs

    if every == (number is not None):
        raise UsageError("Which lab?", "Name one lab, or all of them.", "kafka-tutor lab prove 1, or --all")
    numbers = catalog.numbers() if number is None else (number,)
    for known in numbers:
        catalog.info(known)

    def tell(proof: proving.Proof) -> None:
        result = f"wrong: {'; '.join(proof.wrong)}" if proof.wrong else "proven"
        result += f", {proof.left_out}" if proof.left_out else ""
        click.echo(f"lab {proof.lab}, run {proof.run} of {times}: {proof.seconds:.1f} s, {result}", err=True)

    clusters = FreshClusters(EmbeddedProvider(dirs()))
    proofs = proving.prove(numbers, times, clusters, dirs(), tell)
    rows = proving.rows(proofs, lambda proven: catalog.info(proven).title)
    if as_json:
        click.echo(json.dumps(proving.document(rows, proofs), indent=2))
    else:
        click.echo("\n".join(proving.table(rows)))
    ctx.exit(1 if any(row.wrong for row in rows) else 0)


@lab.command()
@click.argument("number", type=NUMBER)
def reset(number: int) -> None:
    """Remove what a run of lab NUMBER left, so that the next one begins anew.

    A lab that is open elsewhere is reset there, with `reset` in its prompt.
    """
    from labs import catalog, housekeeping
    from labs.dirs import dirs

    catalog.info(number)
    with housekeeping.acquire(dirs(), number):
        left = housekeeping.sweep(dirs(), number)
    click.echo(f"Lab {number}: " + (f"left over: {left}" if left else f"ready. Run: kafka-tutor lab run {number}"))


@lab.command()
def clean() -> None:
    """Remove what killed runs of any lab left: files, and topics and groups on your own cluster."""
    from labs import catalog, housekeeping
    from labs.dirs import dirs

    done = housekeeping.sweep_all(dirs(), catalog.numbers())
    for number, what in done.items():
        click.echo(f"Lab {number}: {what}")
    if not done:
        click.echo("Nothing to clean.")


@lab.command()
@click.argument("number", type=NUMBER)
@click.option("--format", "style", type=click.Choice(["md", "json"]), default="md", show_default=True)
def evidence(number: int, style: str) -> None:
    """Print the evidence of your last run of lab NUMBER."""
    from labs import catalog
    from tutor.sessions.lab import evidence_markdown
    from tutor.store.sqlite import SqliteStore

    catalog.info(number)
    with SqliteStore.open() as store:
        records = store.lab_records(number)
    if not records:
        raise UsageError(
            f"There is no evidence of lab {number}", "You have not run it yet.", f"kafka-tutor lab run {number}"
        )
    kept = records[-1].evidence
    click.echo(kept if style == "json" else evidence_markdown(json.loads(kept)), nl=style == "json")
