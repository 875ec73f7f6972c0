"""The command line as one page, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tutor.cli.main import cli

WIDTH = 100


def page() -> str:
    """Every command with its help, as it prints it itself."""
    lines = [
        "# Command line",
        "",
        "Every command prints its help with `--help`. Data goes to standard output, everything else to standard error.",
        "Exit status: 0 done, 1 not (a lab that is not verified), 2 bad input or a fault of the machine, 130 interrupted.",
        "",
    ]
    root = _context(cli, None, "kafka-tutor")
    for context in _contexts(root):
        level = "##" if context.parent is None or context.parent.parent is None else "###"
        lines += [f"{level} {context.command_path}", "", "```text", context.get_help().rstrip(), "```", ""]
    return "\n".join(lines)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """The command itself, then those below it, by name."""
    yield context
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield from _contexts(_context(command, context, name))


def _context(command: click.Command, parent: click.Context | None, name: str) -> click.Context:
    width = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    return click.Context(command, parent=parent, info_name=name, **{**command.context_settings, **width})
