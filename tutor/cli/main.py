"""The command line: one lazily loaded module a command, one place that turns faults into messages."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from labs.errors import LearnerError
from tutor import __version__
from tutor.characters import adapt
from tutor.cli.cluster import chosen, cluster_options

COMMANDS: dict[str, str] = {
    "check": "tutor.cli.check:check",
    "completion": "tutor.cli.completion:completion",
    "doctor": "tutor.cli.doctor:doctor",
    "export": "tutor.cli.data:export",
    "export-labels": "tutor.cli.export_labels:export_labels",
    "grade": "tutor.cli.grade:grade",
    "import": "tutor.cli.data:import_",
    "lab": "tutor.cli.lab:lab",
    "mock": "tutor.cli.mock:mock",
    "new": "tutor.cli.new:new",
    "pack": "tutor.cli.pack:pack",
    "next": "tutor.cli.study:next_",
    "placement": "tutor.cli.placement:placement",
    "reset": "tutor.cli.data:reset",
    "review": "tutor.cli.review:review",
    "scenarios": "tutor.cli.study:scenarios",
    "serve": "tutor.cli.serve:serve",
    "stats": "tutor.cli.stats:stats",
    "study": "tutor.cli.study:study",
    "tools": "tutor.cli.tools:tools",
    "tour": "tutor.cli.tour:tour",
}
"""Name → module:attribute. Nothing of a command is imported before it is asked for."""


class LazyGroup(click.Group):
    """A group that imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, envvar="KAFKA_TUTOR_DEBUG", help="Show the traceback of a fault.")
@cluster_options
@click.version_option(__version__, prog_name="kafka-tutor")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Practise Kafka interview scenarios: answer, be graded, check it on a real broker.

    Without a command the app opens.
    """
    ctx.obj = {"debug": debug}
    if ctx.invoked_subcommand is None:
        cluster = chosen()  # what is wrong with it is told before the app opens
        from tutor.ui.app import run_app

        ctx.exit(run_app(debug=debug, cluster=cluster))


def report(error: LearnerError) -> None:
    """Write a fault to stderr: title, cause, next step."""
    click.echo(f"kafka-tutor: {error.title}", err=True)
    if error.cause:
        click.echo(f"  {error.cause}", err=True)
    if error.next_step:
        click.echo(f"  Next: {error.next_step}", err=True)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status. No traceback without --debug."""
    argv = list(sys.argv[1:] if args is None else args)
    debug = "--debug" in argv
    adapt((sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__))
    try:
        result: Any = cli.main(args=argv, prog_name="kafka-tutor", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except LearnerError as error:
        if debug:
            traceback.print_exc()
        report(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("kafka-tutor: stopped", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except Exception as error:
        if debug:
            traceback.print_exc()
        click.echo(f"kafka-tutor: unexpected fault: {type(error).__name__}: {error}", err=True)
        click.echo("  Next: run the same command with --debug first, and report what it shows.", err=True)
        return 70
