"""What the shell offers for an argument: scenarios, labs, tools, files. Each has the signature that click wants."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def scenarios(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Numbers, with the slug as help; slugs once letters are typed."""
    from tutor.scenarios.track import pack_folders, questions_root

    found = []
    for folder in pack_folders(questions_root()):
        number, _, slug = folder.name.partition("-")
        found += [CompletionItem(str(int(number)), help=slug)] if number.isdecimal() else []
        found += [CompletionItem(slug)] if typed and not typed.isdecimal() else []
    return [item for item in found if item.value.startswith(typed)]


def labs(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Numbers, with the title as help."""
    from labs import catalog

    known = [(str(number), catalog.info(number).title) for number in catalog.numbers()]
    return [CompletionItem(number, help=title) for number, title in known if number.startswith(typed)]


def tools(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Kafka's own tools."""
    from labs.tools import TOOLS

    return [CompletionItem(name, help=tool.summary) for name, tool in TOOLS.items() if name.startswith(typed)]


def files(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The shell's own completion of file names."""
    return [CompletionItem(typed, type="file")]
