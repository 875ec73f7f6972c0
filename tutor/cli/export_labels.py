"""`kafka-tutor export-labels`: what you said against the grader, as data to train it with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from tutor.cli import complete
from tutor.errors import EnvironmentFault


@click.command("export-labels")
@click.argument("file", shell_complete=complete.files)
def export_labels(file: str) -> None:
    """Write your verdicts on points and misconceptions to FILE (- writes standard output), one JSON object a line.

    The rows have the form of the training data in questions/grader/data/statements. They hold passages of your answers;
    nothing is sent anywhere.
    """
    import msgspec

    from tutor.scenarios.library import load_library
    from tutor.sessions.labels import labels
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        rows = list(labels(store, {pack.id: pack.scenario for pack in load_library().packs}))
    # In ASCII: an answer may hold halves of surrogate pairs, which UTF-8 has no bytes for.
    data = b"".join(json.dumps(msgspec.to_builtins(row)).encode() + b"\n" for row in rows)
    if file == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        Path(file).write_bytes(data)
    except OSError as error:
        raise EnvironmentFault(
            "The labels cannot be written", f"{file}: {error.strerror or error}.", "Name a file that can be written."
        ) from error
    click.echo(f"{len(rows)} verdicts written to {file}")
