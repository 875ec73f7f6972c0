"""`kafka-tutor export`, `import` and `reset`: everything out, everything in, and starting over."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tutor.errors import UsageError


@click.command()
@click.argument("file")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def export(file: str, force: bool) -> None:
    """Write everything you have done to FILE as JSON (- writes to standard output)."""
    from tutor.clock import SystemClock
    from tutor.store import transfer
    from tutor.store.sqlite import SqliteStore

    target = Path(file)
    if file != "-" and target.exists() and not force:
        raise UsageError(f"{file} is there already", "Nothing was written.", "Choose another name, or add --force")
    with SqliteStore.open() as store:
        data = transfer.export(store, SystemClock().now())
    if file == "-":
        click.echo(data)
        return
    transfer.write(data, target)
    click.echo(f"Written: {file}")


@click.command("import")
@click.argument("file")
@click.option("--yes", is_flag=True, help="Replace what is there without asking.")
def import_(file: str, yes: bool) -> None:
    """Replace everything by what `kafka-tutor export` wrote to FILE (- reads standard input). A backup is kept."""
    from tutor.clock import SystemClock
    from tutor.store import transfer
    from tutor.store.sqlite import SqliteStore

    document = transfer.parse(_read(file, transfer.MAX_BYTES + 1))
    with SqliteStore.open() as store:
        if not transfer.is_empty(store):
            ask_first(yes, file, "Everything that is here now will be replaced (a backup is kept). Go on?")
        kept = transfer.import_(store, document, SystemClock().now())
    click.echo(f"Imported: {file}" + (f"\nBackup of before: {kept}" if kept else ""))


@click.command()
@click.argument("scenario", required=False)
@click.option("--yes", is_flag=True, help="Do it without asking.")
def reset(scenario: str | None, yes: bool) -> None:
    """Forget your answers, reviews and lab runs of SCENARIO, or of all. Settings stay, and a backup is kept."""
    from tutor.clock import SystemClock
    from tutor.scenarios.library import load_library
    from tutor.scenarios.packs import find
    from tutor.store import transfer
    from tutor.store.sqlite import SqliteStore

    pack = find(load_library(), scenario).scenario if scenario is not None else None
    what = f"scenario {pack.id} ({pack.title})" if pack else "all scenarios"
    with SqliteStore.open() as store:
        if transfer.is_empty(store):
            click.echo("There is nothing to reset.")
            return
        ask_first(
            yes, None, f"Your answers, reviews and lab runs of {what} will be forgotten (a backup is kept). Go on?"
        )
        kept = transfer.keep_backup(store, SystemClock().now(), "reset")
        store.reset(pack.id, pack.lab) if pack else store.reset()
    click.echo(f"Reset: {what}\nBackup of before: {kept}")


def ask_first(yes: bool, file: str | None, question: str) -> None:
    """Go on only with a yes. Raises UsageError where nobody can be asked, Abort on a no."""
    if yes:
        return
    if file == "-" or not sys.stdin.isatty():
        raise UsageError("This needs a yes", question.replace("Go on?", "Nothing was changed."), "Add --yes")
    click.confirm(question, abort=True)


def _read(file: str, most: int) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(most)
        with Path(file).open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise UsageError(
            "The export cannot be read", f"{file}: {error.strerror or error}.", "Name a file of `kafka-tutor export`."
        ) from error
