"""What a lab knows of its RabbitMQ, and what it says where that is not to be had."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from labs.broker.processes import own_name
from labs.contract import LabContext
from labs.errors import EnvironmentFault, LabStopped, LearnerError, RabbitError
from labs.rabbit import source
from labs.rabbit.server import NONE, URL_VARIABLE, Server
from labs.rabbit.source import State
from labs.waits import StopFlag

INSTALLED = Server(Path("/x/rabbitmq-server"), Path("/x/epmd"))


@dataclass
class Paper:
    """As much of a context as is looked at."""

    workspace: Path
    stop: StopFlag = field(default_factory=StopFlag)


@pytest.fixture
def ctx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabContext:
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.setattr(source, "find", lambda environ: INSTALLED)
    workspace = tmp_path / "state/labs/10/work"
    workspace.mkdir(parents=True)
    return cast(LabContext, Paper(workspace))


def failing(error: BaseException) -> Any:
    def start(*_: object) -> None:
        raise error

    return start


def test_what_is_written_down_is_read_back(ctx: LabContext) -> None:
    assert source.read(ctx).kind == "none"
    state = State("ready", "amqp://host/", processes=(own_name(),))
    source.write(ctx, state)
    assert source.read(ctx) == state
    (ctx.workspace.parent / source.FILE).write_text("{")
    assert source.read(ctx).kind == "none"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RabbitError("no", "It ended by itself.", "Do this."), "It ended by itself."),
        (EnvironmentFault("no", "No free port.", "Do that."), "No free port."),
        (OSError(28, "No space left"), "No space left"),
    ],
)
def test_a_node_that_cannot_be_started_ends_the_wait_with_its_reason(
    ctx: LabContext, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    assert source.arrange(ctx).kind == "starting"
    monkeypatch.setattr(source.nodes, "start", failing(error))
    background = threading.Thread(target=source.serve, args=(ctx,))
    background.start()
    with pytest.raises(RabbitError, match="could not be started") as caught:
        source.settled(ctx)
    background.join()
    assert said in caught.value.cause
    assert caught.value.next_step


def test_a_stop_while_it_starts_writes_nothing_down(ctx: LabContext, monkeypatch: pytest.MonkeyPatch) -> None:
    source.arrange(ctx)
    monkeypatch.setattr(source.nodes, "start", failing(LabStopped("stopped")))
    cast(Paper, ctx).stop.stop()
    with pytest.raises(LabStopped):
        source.serve(ctx)
    assert source.read(ctx).kind == "starting"
    with pytest.raises(LearnerError):
        source.settled(ctx)


def test_one_that_is_gone_is_told_with_its_reason(ctx: LabContext) -> None:
    source.write(ctx, State("gone", reason="It was killed."))
    with pytest.raises(RabbitError, match="in the middle") as caught:
        source.connect(ctx)
    assert (caught.value.cause, "reset" in caught.value.next_step) == ("It was killed.", True)


def test_without_one_there_is_no_connection_and_no_node(ctx: LabContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, NONE)
    monkeypatch.setattr(source.nodes, "start", failing(AssertionError()))
    assert source.arrange(ctx).kind == "none"
    source.serve(ctx)
    assert source.connect(ctx) is None


def test_a_named_one_must_answer_before_anything_is_written_down(
    ctx: LabContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, "amqp://guest:secret@127.0.0.1:1/")
    with pytest.raises(RabbitError, match="cannot be used") as caught:
        source.arrange(ctx)
    assert "secret" not in str(caught.value)
    assert not (ctx.workspace.parent / source.FILE).exists()
