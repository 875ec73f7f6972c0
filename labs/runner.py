"""Drives one lab through its phases, for the app, the command line and `prove` alike.

predict → observe (cluster, arrange, symptom) → command, verify, hint, give up → reset → close. Call from one thread;
`stop` and `interrupt` from any.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from labs import commands, housekeeping, predictions, prompt
from labs.clusters import ClusterSource
from labs.contract import (
    Absent,
    Check,
    Checked,
    Comparison,
    Emit,
    Event,
    Lab,
    LabContext,
    LabInfo,
    Observation,
    Observed,
    Output,
    PartialLab,
    Prediction,
    Step,
)
from labs.dirs import Dirs
from labs.errors import BrokerError, LabError
from labs.evidence import Evidence
from labs.evidence import commands as repeatable
from labs.hints import Hints
from labs.verifying import checks_of
from labs.world import World

CLEAN_SECONDS = 20.0


def new_prefix(lab: int) -> str:
    """A prefix that no other run has."""
    return f"{housekeeping.PREFIX}-{lab}-{secrets.token_hex(4)}"


class LabRunner:
    """One run of one lab. Holds the lab's lock from the start until `close`."""

    def __init__(
        self,
        lab: Lab,
        clusters: ClusterSource,
        dirs: Dirs,
        sink: Emit,
        *,
        prefix: Callable[[int], str] = new_prefix,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take the lock and remove what a killed run left. Raises LabBusy, EnvironmentFault."""
        self._lab = lab
        self._sink = sink
        self._number = lab.info.number
        self._opened_at = now().isoformat(timespec="seconds")
        self._interrupt: commands.Interrupt | None = None
        self._closed = False
        self._closing = threading.Lock()
        self._predictions: tuple[Prediction, ...] = ()
        self._observations: dict[str, Observation] = {}
        self._steps: list[Step] = []
        self._checks: tuple[Check, ...] = ()
        self._hints = Hints()
        self.absent: Absent | None = None
        """What the last `observe` could not measure on this machine."""
        self.gave_up = False
        """Whether the reference fix was asked for."""
        began = monotonic()
        self._world = World(lab, clusters, dirs, self._emit, self._opened_at, prefix, lambda: monotonic() - began)
        self._lock = housekeeping.acquire(dirs, self._number)
        housekeeping.sweep(dirs, self._number)

    # --- what is known -----------------------------------------------------------------------------------------------

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return self._lab.info

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    @property
    def prefix(self) -> str:
        """What every name of this run starts with; empty before it has a cluster."""
        return self._world.prefix

    @property
    def context(self) -> LabContext:
        """All that the lab may touch. Raises LabNotRunning."""
        return self._world.context

    @property
    def hints_opened(self) -> int:
        """How many hint tiers the learner opened."""
        return self._hints.opened

    @property
    def outcome(self) -> str:
        """`verified`, `gave_up` or `stopped`, as it stands."""
        if self.gave_up:
            return "gave_up"
        return "verified" if self._checks and all(check.ok for check in self._checks) else "stopped"

    def variables(self) -> Mapping[str, str]:
        """The prompt's variables of this run."""
        ctx = self.context
        return commands.variables(self.info.names, ctx.prefix, ctx.cluster.bootstrap_servers, ctx.workspace)

    def observations(self) -> Sequence[Observation]:
        """All facts measured so far."""
        return tuple(self._observations.values())

    def comparisons(self) -> Sequence[Comparison]:
        """Predicted | observed for every question that has been measured."""
        made = {prediction.question: prediction for prediction in self._predictions}
        by_question = {seen.question: seen for seen in self._observations.values() if seen.question}
        asked = [question for question in self.info.questions if question.id in by_question]
        return tuple(predictions.compare(q, made.get(q.id), by_question[q.id]) for q in asked)

    def evidence(self) -> Evidence:
        """All that this run has shown, for export."""
        info = self.info
        return Evidence(
            info.number,
            info.title,
            info.version,
            self._opened_at,
            self.outcome,
            self.hints_opened,
            self._world.broker + (f", no {self.absent.what}" if self.absent else ""),
            tuple((scaling.production, scaling.lab) for scaling in info.scaling),
            tuple(self.comparisons()),
            tuple(self.observations()),
            self._checks,
            repeatable(self._steps),
        )

    # --- the phases --------------------------------------------------------------------------------------------------

    def predict(self, answers: Mapping[str, str]) -> None:
        """Commit to predictions, as typed. Raises BadPrediction for the first that is none."""
        self._predictions = predictions.parse_all(self.info.questions, answers)

    def observe(self) -> Sequence[Comparison]:
        """Get a cluster, arrange, and produce the symptom; events go to the sink meanwhile."""
        ctx = self._world.start()
        self._observations.clear()
        for seen in self._lab.symptom(ctx):
            self._observations[seen.id] = seen
        self.absent = self._lab.absent(ctx) if isinstance(self._lab, PartialLab) else None
        settled = {seen.question for seen in self.observations()} | set(self.absent.questions if self.absent else ())
        missing = [question.id for question in self.info.questions if question.id not in settled]
        if missing:
            raise LabError(
                f"Lab {self._number} did not measure {missing[0]}", "That is a fault of the lab.", "Type `reset`."
            )
        return self.comparisons()

    def verify(self) -> Sequence[Check]:
        """Check the state of the world."""
        self._checks = checks_of(self._lab, self.context)
        for check in self._checks:
            self._emit(Checked(check))
        return self._checks

    def hint(self) -> str:
        """The next hint of the first failing check, from the state as it is now."""
        self._checks = checks_of(self._lab, self.context)
        return self._hints.next(self._checks)

    def give_up(self) -> None:
        """Apply the reference fix and show how; recorded as given up."""
        ctx = self.context
        self.gave_up = True
        self._lab.reference_fix(ctx)

    def reset(self) -> None:
        """Back to the broken situation, fresh names; on a new broker where the old one is gone."""
        self._checks = ()
        self._world.clean()
        self._world.start()

    def command(self, line: str) -> int:
        """Run one line of the lab's prompt; output goes to the sink; returns its exit status (0: fine)."""
        if prompt.parse(line, {}) == prompt.Say("reset"):  # the one thing that helps when the broker is gone
            return self._say("reset")
        match prompt.parse(line, self.variables()):
            case prompt.RunTool() as action:
                return self._run_tool(action)
            case prompt.Say(word):
                return self._say(word)
            case prompt.Wrong(message, next_step):
                self._say_lines([message, next_step], "err")
                return 2
            case _:
                return 0

    def stop(self) -> None:
        """Ask for an end; the call in progress raises LabStopped."""
        self._world.flag.stop()

    def interrupt(self) -> bool:
        """End the command in progress, not the lab; False where none is."""
        if interrupt := self._interrupt:
            interrupt.ask("Interrupted.")
        return interrupt is not None

    def close(self) -> None:
        """Remove everything this run made. Safe to call twice."""
        self._world.flag.stop()
        with self._closing:
            if self._closed:
                return
            self._closed = True
            try:
                self._world.close()
            finally:
                self._lock.release()

    def __enter__(self) -> LabRunner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- for prove ---------------------------------------------------------------------------------------------------

    def apply_reference_fix(self) -> None:
        """The fix that proves the lab."""
        self._lab.reference_fix(self.context)

    def clean_and_count(self) -> housekeeping.Leftovers:
        """Clean as `close` does, and look for what stayed."""
        return self._world.clean()

    # --- details -----------------------------------------------------------------------------------------------------

    def _emit(self, event: Event) -> None:
        if isinstance(event, Observed):
            self._observations[event.observation.id] = event.observation
        elif isinstance(event, Step):
            self._steps.append(event)
        self._sink(event)

    # --- the prompt --------------------------------------------------------------------------------------------------

    def _run_tool(self, action: prompt.RunTool) -> int:
        ctx = self.context
        self._interrupt = commands.Interrupt(self._world.flag)
        try:
            return commands.run_tool(ctx.tools, action, ctx.workspace, self._emit, self._interrupt)
        except (LabError, BrokerError) as error:
            self._world.flag.check()
            self._say_lines([error.title, error.cause, error.next_step], "err")
            return 2
        finally:
            self._interrupt = None

    def _say(self, word: prompt.Word) -> int:
        if word == "verify":
            return 0 if all(check.ok for check in self.verify()) else 1
        said = {
            "hint": lambda: [self.hint()],
            "help": lambda: prompt.help_lines(self.variables()),
            "vars": lambda: prompt.variable_lines(self.variables()),
            "files": lambda: commands.workspace_lines(self.context.workspace),
        }
        if word in said:
            self._say_lines(said[word]())
        elif word == "reset":
            self.reset()
        elif word == "give up":
            self.give_up()
        return 0

    def _say_lines(self, lines: Sequence[str], stream: Literal["out", "err"] = "out") -> None:
        for line in lines:
            if line:
                self._emit(Output(line, stream))
