"""`kafka-tutor tools`: Kafka's own command-line tools, without an installation."""

from __future__ import annotations

import json
import sys

import click

from labs import scratch
from labs.broker.access import OPEN, Access
from labs.dirs import Dirs, dirs
from labs.errors import ToolFailed
from labs.external.provider import admitted
from labs.session_file import LabPaths, read_session
from labs.tools import TOOLS, ToolRunner, become
from tutor.cli import complete
from tutor.cli.cluster import chosen, cluster_options
from tutor.first_run import ProgressLine


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@cluster_options
@click.option("--json", "as_json", is_flag=True, help="The list of tools for programs.")
@click.argument("name", required=False, shell_complete=complete.tools)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def tools(as_json: bool, name: str | None, args: tuple[str, ...]) -> None:
    """Run a Kafka tool: kafka-tutor tools kafka-topics -- --list

    Without a name: the list of tools. A tool talks to the cluster that -b names (or the environment, or the config
    file), or to that of the running lab, unless it is given --bootstrap-server. Input, output and exit status are the
    tool's own.
    """
    if name is None:
        show_list(as_json)
    else:
        rest = args[1:] if args[:1] == ("--",) else args
        run_tool([name, *rest])


def show_list(as_json: bool) -> None:
    """Every tool with what it is for."""
    if as_json:
        rows = [{"name": name, "main": tool.main, "summary": tool.summary} for name, tool in TOOLS.items()]
        click.echo(json.dumps(rows, indent=2))
        return
    width = max(map(len, TOOLS))
    for name, tool in TOOLS.items():
        click.echo(f"{name:{width}}  {tool.summary}")


def run_tool(command: list[str]) -> None:
    """Become the tool. Raises ToolFailed, BrokerError, EnvironmentFault."""
    home = dirs()
    connection = chosen().connection
    if connection is None:
        clusters = lab_clusters(home)
        _become(home, clusters, OPEN, command)
        return
    with admitted(connection, home) as access:  # the tool itself reads only the learner's own files, and an open one
        held = access
    _become(home, [connection.servers], held, command)


def _become(home: Dirs, clusters: list[str], access: Access, command: list[str]) -> None:
    line = ProgressLine(sys.stderr)
    runner = ToolRunner(clusters[0] if clusters else "", home, access=access, on_progress=line)
    if runner.needs_cluster(command):
        _say_which(clusters)
    folder = scratch.new(home)
    config = runner.config(command, folder)
    java = runner.command(command, folder, config)  # fetches the jars, should they be missing
    line.done()
    config.bequeath()
    become(java)


def _say_which(clusters: list[str]) -> None:
    if not clusters:
        raise ToolFailed(
            "No cluster to talk to",
            "No lab is running, and the command names no cluster.",
            "Start a lab in another window, or add --bootstrap-server HOST:PORT",
        )
    if len(clusters) > 1:
        others = ", ".join(clusters[1:])
        click.echo(f"kafka-tutor: asking {clusters[0]}; other labs run at {others} (--bootstrap-server)", err=True)


def lab_clusters(home: Dirs) -> list[str]:
    """Bootstrap servers of the labs that run, the one started last first."""
    paths = [LabPaths(path) for path in (home.state / "labs").glob("*") if path.is_dir()]
    sessions = [session for session in map(read_session, paths) if session and session.owner.alive]
    sessions.sort(key=lambda session: session.opened_at, reverse=True)
    return list(dict.fromkeys(session.bootstrap_servers for session in sessions))
