"""The contract of a lab: predict, arrange, symptom, fix, verify, clean. Values and one Protocol.

A lab is an experiment that settles a question. It owns its names (prefix), groups and workspace, reads the state of
the world (never the text of a command), and ends with observations that name the rubric points they prove.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from labs.broker.capabilities import Needs
from labs.broker.interface import Cluster, ClusterSpec

if TYPE_CHECKING:
    from labs.client import Kafka
    from labs.facts import Facts
    from labs.tools import ToolRunner

Phase = Literal["arrange", "symptom", "fix", "verify", "clean"]
PHASES: tuple[Phase, ...] = ("arrange", "symptom", "fix", "verify", "clean")
Value = float | str | tuple[str, ...]
"""A number, one choice, or choices in an order."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible outcome of a question."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One quantity the learner commits to before anything runs."""

    id: str
    """kebab-case, unique in the lab; the Observation that answers it has the same `question`."""
    text: str
    kind: Literal["number", "order", "choice"]
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    """For `choice` and `order`."""
    tolerance: float = 0.0
    """For `number`: a prediction within this share of the observed value counts as right (0.2 = ±20 %)."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the learner committed to."""

    question: str
    value: Value


@dataclass(frozen=True, slots=True)
class Observation:
    """A measured fact, and what it proves."""

    id: str
    """kebab-case, unique in the lab; rubric points refer to it as `NUMBER.id`, e.g. `1.same-group-earliest`."""
    text: str
    """What was measured, as a sentence."""
    value: Value
    display: str
    """The value as shown, with its unit."""
    why: str
    """The mechanism behind it, one or two sentences."""
    points: tuple[str, ...] = ()
    """Ids of the rubric points it proves."""
    refutes: tuple[str, ...] = ()
    """Ids of the misconceptions it refutes."""
    question: str = ""
    """Id of the Question it answers; empty where nothing was asked."""
    command: str = ""
    """The equivalent `kafka-*.sh` command."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """predicted | observed | why, for one question."""

    question: Question
    predicted: Prediction | None
    observed: Observation
    right: bool | None
    """None where nothing was predicted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `verify`."""

    id: str
    title: str
    ok: bool
    expected: str
    found: str
    hints: tuple[str, str, str] | tuple[()] = ()
    """From the observed state, mild to strong, never the whole command. Empty where ok."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """A time or size that the lab scales down, and says so."""

    production: str
    """e.g. `8-minute batch against max.poll.interval.ms=300000`"""
    lab: str
    """e.g. `3.5 s against 2000 ms`"""


@dataclass(frozen=True, slots=True)
class Task:
    """What the learner has to bring about."""

    goal: str
    """The state of the world to reach, not how."""
    starters: tuple[str, ...] = ()
    """Commands to look around with, ready to be typed in the lab's prompt."""
    files: tuple[str, ...] = ()
    """Workspace files to edit, relative to the workspace; saving one verifies (watch mode)."""
    solution: tuple[str, ...] = ()
    """Lines of the prompt that mend it, where the fix is not in a file: what `reference_fix` runs, shown after a pass."""


@dataclass(frozen=True, slots=True)
class LabInfo:
    """What is known of a lab before it runs."""

    number: int
    """Also the number of its scenario."""
    slug: str
    title: str
    summary: str
    """Two sentences: what will be done and what it settles."""
    seconds: int
    """Typical time from start to observations."""
    questions: tuple[Question, ...]
    task: Task
    cluster: ClusterSpec = field(default_factory=ClusterSpec)
    needs: Needs = field(default_factory=Needs)
    """What a cluster that was not started for it must have."""
    scaling: tuple[Scaling, ...] = ()
    observations: tuple[str, ...] = ()
    """Ids of all observations a run makes, so that rubrics that refer to them can be checked without a broker."""
    expected: Mapping[str, Callable[[Value], bool]] = field(default_factory=dict)
    """Whether an observed value is what a healthy run measures, by observation id; `prove` counts others as wrong."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Variables of the lab's prompt: `TOPIC` → the suffix of the name that this run owns."""
    version: int = 1


# --- what a run tells while it goes on -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step begins."""

    phase: Phase
    text: str
    command: str = ""
    """The equivalent `kafka-*.sh` command, where there is one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One point of a live plot."""

    series: str
    """e.g. `lag p0`, `size on disk`."""
    at: float
    """Seconds since the run began."""
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation has been made."""

    observation: Observation


@dataclass(frozen=True, slots=True)
class Checked:
    """A check has been evaluated."""

    check: Check


@dataclass(frozen=True, slots=True)
class Output:
    """A line of output of a tool or of the learner's program."""

    text: str
    stream: Literal["out", "err"] = "out"


Whose = Literal["template", "yours", "reference"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of the fix: before it, with the learner's, with the reference's; the last one of each counts."""

    label: str
    """The same for all three, e.g. `peak memory`."""
    value: float
    unit: str = ""
    whose: Whose = "yours"
    """`yours` while `verify` runs: the runner sees whether the file is still the template, or the reference."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity before and after the fix, beside the reference's. None: not measured in this run."""

    label: str
    unit: str
    template: float | None = None
    yours: float | None = None
    reference: float | None = None


Event = Step | Sample | Observed | Checked | Output | Measured
Emit = Callable[[Event], None]


class StopToken(Protocol):
    """Tells a lab that the learner wants out."""

    def check(self) -> None:
        """Raise LabStopped when a stop was asked for, BrokerDied when the cluster failed."""

    def wait(self, seconds: float) -> None:
        """Wait, returning early with the exceptions of `check`."""


@dataclass(frozen=True, slots=True)
class LabContext:
    """All that a lab may touch."""

    cluster: Cluster
    kafka: Kafka
    """Client and admin calls (`labs.client`)."""
    tools: ToolRunner
    """The real `kafka-*.sh` tools (`labs.tools`)."""
    prefix: str
    """Every topic, group and transactional id starts with it."""
    workspace: Path
    """Files the learner edits."""
    facts: Facts
    """What the lab must remember between arrange and verify."""
    emit: Emit
    stop: StopToken
    elapsed: Callable[[], float]
    """Seconds since the run began."""

    def name(self, suffix: str) -> str:
        """A topic, group or transactional id owned by this run."""
        return f"{self.prefix}-{suffix}"


class Lab(Protocol):
    """One experiment. Stateless: all state is in the cluster and in the workspace, so any process can verify."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""

    def arrange(self, ctx: LabContext) -> None:
        """Build the broken situation."""

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Produce the behaviour and measure it, live. One Observation per Question at least."""

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Read the state of the world. Changes nothing that a second verify would see."""

    def reference_fix(self, ctx: LabContext) -> None:
        """The fix that `prove` uses, with the learner's own means."""

    def clean(self, ctx: LabContext) -> None:
        """Remove what the prefix alone would not find. Topics and groups of the prefix are removed by the runner."""


@dataclass(frozen=True, slots=True)
class Absent:
    """What a run cannot measure, because this machine lacks something."""

    what: str
    """What is missing: `RabbitMQ`."""
    reason: str
    """Why it is not there, as a sentence."""
    remedy: str
    """The one command or step that gets it."""
    observations: tuple[str, ...]
    """Ids of the observations that are left out."""
    questions: tuple[str, ...]
    """Ids of the questions that stay open with them."""


@runtime_checkable
class PartialLab(Protocol):
    """A lab of which a part needs something that a machine may lack: the rest of it runs all the same."""

    def absent(self, ctx: LabContext) -> Absent | None:
        """What this run has left out, once `symptom` has run; None where all was measured."""


@runtime_checkable
class LiveLab(Protocol):
    """A lab in which something goes on while the learner works: traffic, a service."""

    def background(self, ctx: LabContext) -> None:
        """Runs on a thread of its own from the end of `arrange`; ends with the exceptions of `ctx.stop`."""
