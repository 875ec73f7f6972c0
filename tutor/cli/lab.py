"""`kafka-tutor lab`: run a lab, have it checked, prove the labs, clean up."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tutor.cli import cluster, complete
from tutor.cli.cluster import cluster_options
from tutor.errors import UsageError

if TYPE_CHECKING:
    from labs.broker.capabilities import Verdict
    from labs.contract import Check, LabInfo
    from tutor.sessions.unlock import LabState

NUMBER = click.IntRange(1, 9999)


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
@cluster_options
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON array.")
def list_labs(as_json: bool) -> None:
    """List the labs and whether they are open to you."""
    from labs import catalog
    from tutor.sessions.unlock import lab_state
    from tutor.store.sqlite import SqliteStore

    known = catalog.numbers()
    with SqliteStore.open() as store:
        rows = [(catalog.info(number), lab_state(store, number, known)) for number in known]
    there = _verdicts([info for info, _ in rows])
    if as_json:
        found = [{**list_row(info, state), **there_row(there, info.number)} for info, state in rows]
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for info, state in rows:
        click.echo(f"{info.number:>3}  {state.kind:<9} about {info.seconds:>2} s  {info.title}")
        for reason in there[info.number].cannot if there else ():
            click.echo(f"     not on your cluster: {reason}")


def _verdicts(infos: Sequence[LabInfo]) -> dict[int, Verdict]:
    """What each lab can do on the cluster that was named; nothing where none was."""
    from labs import fitness
    from labs.broker.interface import ClusterSpec
    from labs.dirs import dirs

    provider = cluster.provider(dirs())
    if not provider.shared:
        return {}
    found = provider.start(ClusterSpec())
    try:
        return {info.number: fitness.verdict(info, found.capabilities) for info in infos}
    finally:
        found.stop()


def there_row(there: dict[int, Verdict], number: int) -> dict[str, Any]:
    """What can be done on the learner's own cluster, for --json; nothing where there is none."""
    if not there:
        return {}
    found = there[number]
    return {"runs_on_your_cluster": not found.cannot, "cannot": list(found.cannot), "doubts": list(found.doubts)}


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
@click.argument("number", type=NUMBER, shell_complete=complete.labs)
@click.option(
    "--predict", "predicted", multiple=True, metavar="ID=VALUE", help="A prediction; repeat it. Else you are asked."
)
@amqp_url
@cluster_options
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
@click.argument("number", type=NUMBER, shell_complete=complete.labs)
@amqp_url
@cluster_options
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

    checks = verify_running(catalog.load(number), dirs(), lambda _: None, admit=cluster.admit(dirs()))
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
@click.argument("number", type=NUMBER, shell_complete=complete.labs)
@cluster_options
@click.pass_context
def watch(ctx: click.Context, number: int) -> None:
    """Check lab NUMBER, which is open in the app or in another terminal, after each save of its file.

    Enter or Ctrl+C ends it. Exit status: 0 everything ok, 1 ended before, 2 no such lab running.
    """
    from labs import catalog
    from labs.dirs import dirs
    from tutor.cli.lab_watch import Elsewhere, until_passed
    from tutor.cli.lab_words import watching

    elsewhere = Elsewhere(catalog.load(number), dirs(), click.echo, admit=cluster.admit(dirs()))
    click.echo("\n".join(watching(catalog.info(number), elsewhere.folder)))
    try:
        passed = until_passed(elsewhere.watched, elsewhere.verify, click.echo, elsewhere.ended)
    except KeyboardInterrupt:
        passed = False
    ctx.exit(0 if passed else 1)


@lab.command()
@click.argument("number", type=NUMBER, required=False, shell_complete=complete.labs)
@click.option("--all", "every", is_flag=True, help="Every lab.")
@click.option("--times", type=click.IntRange(1, 1000), default=1, show_default=True, help="Proofs of each lab.")
@amqp_url
@cluster_options
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.pass_context
def prove(ctx: click.Context, number: int | None, every: bool, times: int, as_json: bool) -> None:
    """Prove labs on fresh brokers, or on your cluster: untouched they must fail, with the reference fix pass, leave nothing.

    Exit status: 0 no wrong outcome, 1 otherwise.
    """
    from labs import catalog, clusters
    from labs import prove as proving
    from labs.dirs import dirs

    if every == (number is not None):
        raise UsageError("Which lab?", "Name one lab, or all of them.", "kafka-tutor lab prove 1, or --all")
    numbers = catalog.numbers() if number is None else (number,)
    for known in numbers:
        catalog.info(known)

    def tell(proof: proving.Proof) -> None:
        click.echo(
            f"lab {proof.lab}, run {proof.run} of {times}: {proof.seconds:.1f} s, {proving.told(proof)}", err=True
        )

    source = clusters.source(cluster.provider(dirs()))
    try:
        source.open()  # a cluster that cannot be reached is no fault of the labs
        proofs = proving.prove(numbers, times, source, dirs(), tell)
    finally:
        source.close()
    rows = proving.rows(proofs, lambda proven: catalog.info(proven).title)
    if as_json:
        click.echo(json.dumps(proving.document(rows, proofs), indent=2))
    else:
        click.echo("\n".join(proving.table(rows)))
    ctx.exit(1 if any(row.wrong for row in rows) else 0)


@lab.command()
@click.argument("numbers", type=NUMBER, nargs=-1, shell_complete=complete.labs)
@click.option("--times", type=click.IntRange(1, 1000), default=2, show_default=True, help="Rounds.")
@click.option("--seed", type=int, help="Of the order; printed, so that a round can be repeated.")
@click.option("--brief", is_flag=True, help="Without the experiment and the fix: arrange, verify, clean.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.pass_context
def isolation(
    ctx: click.Context, numbers: tuple[int, ...], times: int, seed: int | None, brief: bool, as_json: bool
) -> None:
    """Run labs on one cluster in random order, twice, and look for anything that is left between.

    All labs, or those that are named. Exit status: 0 nothing left and nothing wrong, 1 otherwise.
    """
    import random

    from labs import catalog
    from labs import isolation as isolating
    from labs.broker.embedded import EmbeddedProvider
    from labs.dirs import dirs

    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    click.echo(f"seed {seed}", err=True)

    def tell(stay: isolating.Stay) -> None:
        told = "; ".join(isolating.faults(stay)) or "nothing left"
        click.echo(f"round {stay.round}, lab {stay.lab}: {stay.seconds:.1f} s, {told}", err=True)

    play = isolating.brief if brief else isolating.whole
    provider, chosen = EmbeddedProvider(dirs()), numbers or catalog.numbers()
    stays = isolating.isolate(chosen, provider, dirs(), random.Random(seed), times, play, tell)
    if as_json:
        click.echo(json.dumps(isolating.document(stays, seed), indent=2))
    else:
        click.echo("\n".join(isolating.table(stays)))
    ctx.exit(1 if any(isolating.faults(stay) for stay in stays) else 0)


@lab.command()
@click.argument("number", type=NUMBER, shell_complete=complete.labs)
@click.option("--yes", "-y", is_flag=True, help="Do not ask. Where nobody can be asked, nobody is.")
@cluster_options
@click.pass_context
def reset(ctx: click.Context, number: int, yes: bool) -> None:
    """Remove what a run of lab NUMBER left, so that the next one begins anew.

    A lab that is open elsewhere is reset there, with `reset` in its prompt.
    """
    from labs import catalog, housekeeping
    from labs.dirs import dirs
    from labs.errors import LabBusy
    from labs.session_file import lab_paths

    catalog.info(number)
    try:
        lock = housekeeping.acquire(dirs(), number)
    except LabBusy as error:
        raise LabBusy(error.title, error.cause, "Type `reset` in its prompt, or press F8 in the app.") from None
    with lock:
        if lab_paths(dirs(), number).home.exists() and not (yes or _may_remove(number)):
            ctx.exit(1)
        left = housekeeping.sweep(dirs(), number, cluster.admit(dirs()))
    click.echo(f"Lab {number}: " + (f"left over: {left}" if left else f"ready. Run: kafka-tutor lab run {number}"))


def _may_remove(number: int) -> bool:
    import sys

    from labs.dirs import dirs
    from labs.session_file import lab_paths
    from tutor.cli.lab_words import ask

    if not sys.stdin.isatty():
        return True
    click.echo(f"A run that did not end properly left its files in {lab_paths(dirs(), number).workspace}.")
    return ask("Remove them, with what you changed there?")


@lab.command()
@cluster_options
@click.pass_context
def clean(ctx: click.Context) -> None:
    """Remove what killed runs of any lab left: files, and topics and groups on your own cluster.

    A cluster that asks for a login is named as for `lab run`. Exit status: 0 nothing is left, 1 something is.
    """
    from labs import catalog, housekeeping
    from labs import prove as proving
    from labs.dirs import dirs

    admit = cluster.admit(dirs())
    proving.forget_dead(dirs())
    owed = housekeeping.sweep_owed(dirs(), admit)
    done = housekeeping.sweep_all(dirs(), catalog.numbers(), admit)
    for debt, left in owed:
        told = f"left over: {left}" if left else f"removed {debt.prefix}-*"
        click.echo(f"{debt.bootstrap_servers}: {told}")
    for number, what in done.items():
        click.echo(f"Lab {number}: {what}")
    if not done and not owed:
        click.echo("Nothing to clean.")
    ctx.exit(1 if any(left for _, left in owed) or any(what.startswith("left") for what in done.values()) else 0)


@lab.command()
@click.argument("number", type=NUMBER, shell_complete=complete.labs)
@click.option("--format", "style", type=click.Choice(["md", "json"]), default="md", show_default=True)
@click.option("--json", "style", flag_value="json", help="For programs: one JSON object. The same as --format json.")
@click.option("--markdown", "style", flag_value="md", help="For people. The same as --format md.")
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


@lab.command()
def image() -> None:
    """Build an image of Kafka from this machine's own parts, for `--broker docker` where none can be pulled."""
    from labs.broker.containers import engine
    from labs.broker.containers.image import build
    from labs.broker.jvm import load_runtime
    from labs.dirs import dirs

    client = engine.connect(engine.address(os.environ), engine.PULL_TIMEOUT)
    try:
        click.echo(build(client, load_runtime(dirs()), lambda line: click.echo(line, err=True)))
    finally:
        client.close()
