"""What `doctor` says of RabbitMQ, which lab 10 needs for one of its halves."""

from __future__ import annotations

from collections.abc import Mapping

from labs.broker.health import HealthItem
from labs.rabbit.server import NONE, URL_VARIABLE, find, install_command

NAME = "RabbitMQ"


def check(environ: Mapping[str, str]) -> HealthItem:
    """The one that is named, the one that is installed, or the command that gets one. None is no fault."""
    if named := environ.get(URL_VARIABLE, "").strip():
        return _named(named)
    if server := find(environ):
        return HealthItem(NAME, True, f"Lab 10 starts a node of its own with {server.script}")
    found = f"None here: lab 10 runs its Kafka half alone. For the other half: {install_command()}"
    return HealthItem(NAME, True, found)


def _named(url: str) -> HealthItem:
    from labs.errors import RabbitError
    from labs.rabbit.client import shown, why_not

    if url.lower() == NONE:
        return HealthItem(NAME, True, f"{URL_VARIABLE}={NONE}: lab 10 runs its Kafka half alone")
    try:
        reason = why_not(url)
    except RabbitError as error:
        reason = error.cause
    found = f"{URL_VARIABLE} names {shown(url)}"
    if not reason:
        return HealthItem(NAME, True, f"{found}, which answers")
    return HealthItem(NAME, False, f"{found}: {reason}", f"unset {URL_VARIABLE}")
