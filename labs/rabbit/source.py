"""Which RabbitMQ a lab has: one that the learner names, a node of its own, or none. In this order.

What is known of it stands in a file beside the workspace, so that `verify` finds it from any process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal

from labs.broker.processes import ProcessName, is_alive, name_of
from labs.contract import LabContext
from labs.dirs import Dirs
from labs.errors import LearnerError, RabbitError
from labs.facts import read_json, write_json
from labs.rabbit import node as nodes
from labs.rabbit.client import Rabbit, parameters, shown, why_not
from labs.rabbit.server import NONE, URL_VARIABLE, Server, find, install_command
from labs.waits import Worker, wait_until

FILE = "rabbit.json"
READY_SECONDS = nodes.TRIES * nodes.START_SECONDS
NOTICE = 1.0
"""Seconds after a lost connection in which the end of the node may still turn up as its cause."""
WATCH = 0.1
GONE_SECONDS = 15.0

Kind = Literal["named", "starting", "ready", "failed", "gone", "none"]


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a lab's RabbitMQ."""

    kind: Kind
    url: str = ""
    """Of a RabbitMQ that is there (`named`, `ready`)."""
    reason: str = ""
    """Why it is not there (`none`, `failed`, `gone`)."""
    next_step: str = ""
    processes: tuple[ProcessName, ...] = ()
    """Of a node of our own."""


def look(environ: Mapping[str, str], server: Server | None) -> State:
    """What this machine offers. Raises RabbitError where a named one is no address. Connects nowhere."""
    named = environ.get(URL_VARIABLE, "").strip()
    if named.lower() == NONE:
        return State("none", reason="It was left out on request.", next_step="Leave --amqp-url none out.")
    if named:
        parameters(named)
        return State("named", url=named)
    if server is None:
        return State(
            "none", reason="There is no rabbitmq-server on this machine.", next_step=f"Run: {install_command()}"
        )
    return State("starting")


# --- for a lab ---------------------------------------------------------------------------------------------------------


def arrange(ctx: LabContext) -> State:
    """Decide which one it is, and write it down. Raises RabbitError where a named one cannot be used."""
    state = look(os.environ, find(os.environ))
    if state.kind == "named":
        _must_answer(ctx, state.url)
    write(ctx, state)
    return state


def _must_answer(ctx: LabContext, url: str) -> None:
    worker = Worker("rabbitmq-look")
    reason = worker.call(lambda: why_not(url), ctx.stop)
    worker.finish(lambda: None)
    if reason:
        raise RabbitError(
            "RabbitMQ cannot be used", f"At {shown(url)}: {reason}.", "Correct --amqp-url, or leave it out."
        )


def serve(ctx: LabContext) -> None:
    """Keep a node of our own for as long as `ctx.stop` lets it, where one is wanted. For the lab's background."""
    server = find(os.environ)
    if read(ctx).kind != "starting" or server is None:
        return
    try:
        node = nodes.start(server, _dirs(ctx), ctx.stop)
    except (LearnerError, OSError) as error:
        ctx.stop.check()  # nothing is written down beside a workspace that is being removed
        reason, next_step = (error.cause, error.next_step) if isinstance(error, LearnerError) else (str(error), "")
        write(ctx, State("failed", reason=reason, next_step=next_step or "Type `reset` to try again."))
        return
    try:
        ctx.stop.check()
        names = tuple(name for pid in (*node.pids, node.supervisor) if (name := name_of(pid)))
        write(ctx, State("ready", node.url, processes=names))
        _watch(ctx, node)
    finally:
        node.stop()


def _watch(ctx: LabContext, node: nodes.Node) -> None:
    while (reason := node.failure()) is None:
        ctx.stop.wait(WATCH)
    ctx.stop.check()
    write(ctx, replace(read(ctx), kind="gone", url="", reason=reason))


def settled(ctx: LabContext) -> State:
    """What it is, once a node that starts has started. Raises RabbitError where it could not, or is gone."""
    wait_until(lambda: read(ctx).kind != "starting", ctx.stop, READY_SECONDS, "RabbitMQ to start")
    state = read(ctx)
    if state.kind == "failed":
        raise RabbitError("RabbitMQ could not be started", state.reason, state.next_step)
    if state.kind == "gone":
        raise RabbitError("RabbitMQ stopped in the middle of the lab", state.reason, "Type `reset` to start it afresh.")
    return state


def connect(ctx: LabContext) -> Rabbit | None:
    """A connection to the lab's RabbitMQ; None where there is none. Raises RabbitError.

    A `verify` from another terminal may name another one than the lab has.
    """
    state = settled(ctx)
    if (named := look(os.environ, None)).url not in ("", state.url):
        _must_answer(ctx, named.url)
        state = named
    return Rabbit(state.url, ctx.stop, lambda: _reason(ctx)) if state.url else None


def _reason(ctx: LabContext) -> str | None:
    """Why it is gone, if that turns up now."""
    if read(ctx).kind == "ready":
        ctx.stop.wait(NOTICE)
    return read(ctx).reason or None


def gone(ctx: LabContext) -> None:
    """Wait until a node of our own, which the end of the background stops, has left nothing. Raises LabError."""
    processes = read(ctx).processes
    wait_until(lambda: not any(map(is_alive, processes)), ctx.stop, GONE_SECONDS, "RabbitMQ to be gone")


# --- the file ----------------------------------------------------------------------------------------------------------


def read(ctx: LabContext) -> State:
    """What is written down; `none` where nothing is."""
    row = read_json(ctx.workspace.with_name(FILE))
    try:
        return State(**{**row, "processes": tuple(ProcessName(**name) for name in row["processes"])})
    except (TypeError, KeyError):
        return State("none", reason="The lab has not looked for it yet.", next_step="Type `reset`.")


def write(ctx: LabContext, state: State) -> None:
    """Write it down, whole or not at all. Raises EnvironmentFault."""
    write_json(ctx.workspace.with_name(FILE), asdict(state))


def _dirs(ctx: LabContext) -> Dirs:
    """Where this lab's state lies: a node's run directory goes there, beside those of Kafka's."""
    state = ctx.workspace.parents[2]  # state/labs/NN/work
    return Dirs(state, state, state)
