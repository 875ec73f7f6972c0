"""`kafka-tutor new`: begin something of your own."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def new() -> None:
    """Begin a question pack of your own."""


@new.command()
@click.argument("name")
@click.option(
    "--in", "where", default=".", type=click.Path(path_type=Path, file_okay=False), help="Directory to make it in."
)
def pack(name: str, where: Path) -> None:
    """Make the files of a question pack called NAME, and say what is to be written in each."""
    import uuid

    from tutor.scenarios.intake import TODO
    from tutor.scenarios.skeleton import write

    folder, files = write(where, name, uuid.uuid4())
    click.echo(f"{folder}/ is ready to be filled. To be written, marked with {TODO}:")
    for path, content in files.items():
        places = [
            str(line) for line, text in enumerate(content.split("\n"), start=1) if TODO in text and text[0] != "#"
        ]
        click.echo(f"  {path:22} line{'s' if len(places) > 1 else ''} {', '.join(places)}")
    click.echo(f"Next: write, and look what is left: kafka-tutor pack check {folder}")
