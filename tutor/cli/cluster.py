"""The options that name a cluster of the learner's own, the same for the app and for every command that needs one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from labs.broker.access import Access
    from labs.broker.interface import ClusterProvider
    from labs.dirs import Dirs
    from labs.external.connection import Chosen
    from labs.housekeeping import Admit

F = TypeVar("F", bound=Callable[..., Any])
_KEY = "tutor.cli.cluster"


@dataclass(frozen=True, slots=True)
class _Flag:
    name: str
    words: tuple[str, ...]
    settings: dict[str, Any]


_FLAGS = (
    _Flag(
        "bootstrap",
        ("-b", "--bootstrap-servers"),
        {"metavar": "HOST:PORT,…", "help": "A Kafka cluster of yours, instead of one that is started for the lab."},
    ),
    _Flag(
        "settings",
        ("-X", "--property"),
        {
            "metavar": "KEY=VALUE",
            "multiple": True,
            "help": "A client setting, e.g. security.protocol=SASL_SSL; repeat it.",
        },
    ),
    _Flag(
        "config",
        ("--command-config",),
        {
            "metavar": "FILE",
            "help": "A Java client's .properties file: SASL and TLS, for Kafka's tools and the labs alike.",
        },
    ),
    _Flag(
        "remote",
        ("--allow-remote",),
        {"is_flag": True, "default": None, "help": "Your cluster may be on another machine than this one."},
    ),
    _Flag(
        "broker",
        ("--broker",),
        {"metavar": "NAME", "help": "Where Kafka comes from: embedded, docker, or external (the default with -b)."},
    ),
)


def cluster_options(command: F) -> F:
    """Add the options; read them with `chosen`."""
    for flag in reversed(_FLAGS):
        command = click.option(*flag.words, f"_{flag.name}", expose_value=False, callback=_keep, **flag.settings)(
            command
        )
    return command


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep what was said; what a command says counts more than what was said before its name."""
    if value is None or value == () or value is False:
        return
    said, name = ctx.find_root().meta.setdefault(_KEY, {}), (parameter.name or "").removeprefix("_")
    said[name] = (*said.get(name, ()), *value) if isinstance(value, tuple) else value


def chosen() -> Chosen:
    """What flags, environment and config file ask for. Raises BadClusterSettings, EnvironmentFault."""
    from labs.dirs import config_file
    from labs.external import connection as layers

    context = click.get_current_context(silent=True)
    said = context.find_root().meta.get(_KEY, {}) if context else {}
    file, environ = config_file(), dict(os.environ)
    flags = layers.from_flags(
        said.get("bootstrap"), said.get("broker"), said.get("remote"), said.get("settings", ()), said.get("config")
    )
    found = layers.choose([layers.from_file(file), layers.from_environment(environ), flags])
    for warning in layers.warnings_about(file, said.get("config") or environ.get(layers.CONFIG_VARIABLE)):
        click.echo(f"kafka-tutor: {warning}", err=True)
    return found


def provider(home: Dirs) -> ClusterProvider:
    """The provider that was asked for. Raises BadClusterSettings, EnvironmentFault."""
    from labs import clusters

    return clusters.provider(chosen(), home)


def admit(home: Dirs) -> Admit:
    """Lets us in to the cluster that was named, and to others that ask for nothing. Raises BadClusterSettings."""
    from labs.external.provider import admitted, same_servers
    from labs.housekeeping import without_login

    connection = chosen().connection

    @contextmanager
    def enter(servers: str, secured: bool) -> Iterator[Access]:
        if connection is not None and same_servers(connection.servers, servers):
            with admitted(connection, home) as access:
                yield access
        else:
            with without_login(servers, secured) as access:
                yield access

    return enter
