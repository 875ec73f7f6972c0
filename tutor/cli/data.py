"""`kafka-tutor export`, `import` and `reset`: everything out, everything in, and starting over."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tutor.cli import complete
from tutor.cli.typed import confirmed
from tutor.errors import UsageError
from tutor.text import counted


@click.command()
@click.argument("file", shell_complete=complete.files)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["json", "anki", "csv", "ics", "markdown"]),
    default="json",
    show_default=True,
    help="json: everything, for `import`. anki: your cards as .apkg. csv: your cards. ics: due days. markdown: notes.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--json", "as_json", is_flag=True, help="For programs: what was written, as one JSON object.")
def export(file: str, kind: str, force: bool, as_json: bool) -> None:
    """Write what you have done to FILE (- writes to standard output).

    Exporting again with --force and importing that again updates cards, events and notes; nothing comes twice.
    """
    from tutor.cli.study import as_json_text
    from tutor.clock import SystemClock
    from tutor.store import transfer
    from tutor.store.sqlite import SqliteStore
    from tutor.wiring import outward

    target = Path(file)
    if file == "-" and as_json:
        raise UsageError("--json needs a file", "Standard output would get both.", "Name a FILE.")
    if file != "-" and not force and os.path.exists(target):  # noqa: PTH110 - Path.exists raises where a folder is closed
        raise UsageError(f"{file} is there already", "Nothing was written.", "Choose another name, or add --force")
    with SqliteStore.open() as store:
        made = outward(store, kind, SystemClock().now())
    if file == "-":
        click.echo(made.data, nl=kind == "json")
        return
    transfer.write(made.data, target)
    if as_json:
        click.echo(as_json_text({"file": file, "format": kind, "bytes": len(made.data), made.noun: made.count}))
    else:
        click.echo(f"Written: {file} ({counted(made.count, made.noun)})")


@click.command("import")
@click.argument("file", shell_complete=complete.files)
@click.option("--yes", is_flag=True, help="Replace what is there without asking.")
def import_(file: str, yes: bool) -> None:
    """Replace everything by what `kafka-tutor export` wrote to FILE (- reads standard input). A backup is kept."""
    from tutor.clock import SystemClock
    from tutor.store import transfer
    from tutor.store.sqlite import SqliteStore

    document = transfer.parse(_read(file))
    with SqliteStore.open() as store:
        if not transfer.is_empty(store):
            ask_first(yes, file, "Everything that is here now will be replaced (a backup is kept). Go on?")
        kept = transfer.import_(store, document, SystemClock().now())
    click.echo(f"Imported: {file}" + (f"\nBackup of before: {kept}" if kept else ""))


@click.command()
@click.argument("scenario", required=False, shell_complete=complete.scenarios)
@click.option("--yes", is_flag=True, help="Do it without asking.")
def reset(scenario: str | None, yes: bool) -> None:
    """Forget your answers, reviews, mock questions and lab runs of SCENARIO, or of all. Settings stay, and a backup is kept."""
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
            yes,
            None,
            f"Your answers, reviews, mock questions and lab runs of {what} will be forgotten (a backup is kept). Go on?",
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
    confirmed(question, abort=True)


def _read(file: str) -> bytes:
    from tutor.store import transfer

    most = transfer.MAX_BYTES + 1
    try:
        if file == "-":
            return sys.stdin.buffer.read(most)
        with Path(file).open("rb") as stream:
            transfer.refuse_huge(os.fstat(stream.fileno()).st_size)
            return stream.read(most)
    except OSError as error:
        raise UsageError(
            "The export cannot be read", f"{file}: {error.strerror or error}.", "Name a file of `kafka-tutor export`."
        ) from error
