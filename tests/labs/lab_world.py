"""Running labs on the broker that all tests share."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from labs import catalog, prompt
from labs.broker.interface import Cluster
from labs.client import Kafka
from labs.clusters import OneCluster
from labs.contract import Check, Event, Output, Question, Step
from labs.dirs import Dirs
from labs.housekeeping import leftovers
from labs.prove import observation_faults
from labs.runner import LabRunner
from labs.session_file import lab_paths
from labs.waits import StopFlag


@dataclass
class Bench:
    """A lab that is open, and what it has told."""

    run: LabRunner
    events: list[Event] = field(default_factory=list)

    @property
    def kafka(self) -> Kafka:
        return self.run.context.kafka

    def name(self, suffix: str) -> str:
        return self.run.context.name(suffix)

    def type(self, line: str) -> str:
        """A line of the prompt that must succeed; its output."""
        before = len(self.events)
        status = self.run.command(line)
        said = "\n".join(event.text for event in self.events[before:] if isinstance(event, Output))
        assert status == 0, f"{line}: {status}\n{said}"
        return said

    def failing(self) -> dict[str, Check]:
        """The checks that fail now, by id."""
        return {check.id: check for check in self.run.verify() if not check.ok}


@contextmanager
def bench(number: int, cluster: Cluster, home: Dirs) -> Iterator[Bench]:
    """A lab on the shared cluster; afterwards nothing of it is left."""
    events: list[Event] = []
    with LabRunner(catalog.load(number), OneCluster(cluster), home, events.append) as run:
        yield Bench(run, events)
    prefixes = f"kt-{number}-"
    with Kafka(cluster.bootstrap_servers, StopFlag(cluster.failure)) as kafka:
        left = leftovers(kafka, prefixes)
        assert not left, left
    assert not lab_paths(home, number).home.exists()


def some_answer(question: Question) -> str:
    """A prediction that is accepted, right or wrong."""
    ids = [choice.id for choice in question.choices]
    return " ".join(ids) if question.kind == "order" else ids[0] if ids else "7"


def whole_lab(number: int, cluster: Cluster, home: Dirs) -> None:
    """From the first prediction to the reference fix, all as it must be."""
    with bench(number, cluster, home) as lab:
        info = lab.run.info
        lab.run.predict({q.id: some_answer(q) for q in info.questions})
        rows = lab.run.observe()
        assert [row.question.id for row in rows] == [q.id for q in info.questions]
        assert observation_faults(catalog.load(number), lab.run.observations()) == []
        assert lab.failing()
        lab.run.give_up()
        assert solution_run(lab) == solution_shown(lab)
        assert lab.failing() == {}
        assert lab.run.outcome == "gave_up"
        shown = [step.command for step in lab.run.evidence().steps]
        assert any("--create" in command for command in shown)


def solution_shown(lab: Bench) -> list[list[str]]:
    """The solution's commands with the names of this run; those of labs that are mended with commands."""
    lines = [prompt.parse(line, lab.run.variables()) for line in lab.run.info.task.solution]
    return [list(line.args) for line in lines if isinstance(line, prompt.RunTool)]


def solution_run(lab: Bench) -> list[list[str]]:
    """The commands that the reference fix has shown."""
    shown = [event.command for event in lab.events if isinstance(event, Step) and event.phase == "fix"]
    parts = [shlex.split(line.replace("--bootstrap-server $BOOTSTRAP ", "")) for line in shown if line]
    return [[tool.removesuffix(".sh"), *rest] for tool, *rest in parts]


Fix = Callable[[Bench], object]


def fixed_by(lab: Bench, fix: Fix) -> None:
    """From the broken situation, the fix passes."""
    lab.run.reset()
    assert lab.failing()
    fix(lab)
    assert lab.failing() == {}


def not_fixed_by(lab: Bench, attempt: Fix, checks: Sequence[str]) -> dict[str, Check]:
    """From the broken situation, the attempt leaves these checks failing, each with hints."""
    lab.run.reset()
    attempt(lab)
    failing = lab.failing()
    assert sorted(failing) == sorted(checks)
    assert all(len(check.hints) == 3 for check in failing.values())
    return failing
