"""Drives one lab through its phases, for the app, the command line and `prove` alike.

predict → observe (cluster, arrange, symptom) → command, verify, hint, give up → reset → close. Call from one thread;
`stop` and `interrupt` from any.
"""

from __future__ import annotations

import dataclasses
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from labs import commands, housekeeping, predictions, prompt, workspace
from labs.broker.capabilities import PREFIX
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
    Measured,
    Observation,
    Observed,
    Output,
    PartialLab,
    Prediction,
    Step,
)
from labs.dirs import Dirs
from labs.errors import BrokerError, LabError, LearnerError
from labs.evidence import Evidence, without_prefix
from labs.evidence import commands as repeatable
from labs.figures import Figures
from labs.hints import Hints
from labs.session_file import lab_paths
from labs.solution import Pair, Solutions, lines, texts_of, whose
from labs.verifying import checks_of
from labs.world import World

SOLUTION_WIDTH = 80
"""Columns for a solution that goes to nobody's terminal in particular."""


def new_prefix(lab: int) -> str:
    """A prefix that no other run has."""
    return f"{PREFIX}-{lab}-{secrets.token_hex(4)}"


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
        self._figures = Figures()
        self._solutions = Solutions(lab.info)
        self._texts: dict[str, str] = {}
        """The learner's files, as the last verification found them."""
        self._names: Mapping[str, str] = {}
        self._workspace = lab_paths(dirs, self._number).workspace
        self._was_reset = False
        self.absent: Absent | None = None
        """What the last `observe` could not measure on this machine."""
        self.gave_up = False
        """Whether the reference fix was asked for before a pass."""
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
    def workspace(self) -> Path:
        """Where the learner's files are, while the lab runs."""
        return self._workspace

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
            self._figures.all(),
            tuple((name, self._world.redact(text)) for name, text in self._texts.items()),
            tuple(self._names.items()),
        )

    def solution(self) -> Sequence[Pair]:
        """The learner's fix beside the reference's. Raises SolutionLocked before a pass and before giving up."""
        return self._solutions.pairs()

    # --- the phases --------------------------------------------------------------------------------------------------

    def predict(self, answers: Mapping[str, str]) -> None:
        """Commit to predictions, as typed. Raises BadPrediction for the first that is none."""
        self._predictions = predictions.parse_all(self.info.questions, answers)

    def observe(self) -> Sequence[Comparison]:
        """Get a cluster, arrange, and produce the symptom; events go to the sink meanwhile."""
        ctx = self._world.start()
        self._names = self.variables()
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
        """Check the state of the world; `interrupt` ends it with Interrupted."""
        self._check()
        for check in self._checks:
            self._emit(Checked(check))
        return self._checks

    def hint(self) -> str:
        """The next hint of the first failing check, from the state as it is now."""
        self._check()
        return self._hints.next(self._checks)

    def _check(self) -> None:
        ctx = self.context
        self._texts = texts_of(self.info, ctx.workspace)
        interrupt = self._interrupt = commands.Interrupt(self._world.flag)
        try:
            self._checks = checks_of(self._lab, dataclasses.replace(ctx, stop=interrupt))
        finally:
            self._interrupt = None
        if self._checks and all(check.ok for check in self._checks):
            self._solutions.unlock(self._texts)

    def give_up(self) -> None:
        """Apply the reference fix and show how; recorded as given up, unless every check has passed before."""
        ctx = self.context
        self.gave_up = self.outcome != "verified"
        self._solutions.unlock(texts_of(self.info, ctx.workspace))
        self._keep_files(ctx)
        self._lab.reference_fix(ctx)

    def _keep_files(self, ctx: LabContext) -> None:
        """The reference's file takes the place of the learner's, which is kept beside it."""
        for name, text in texts_of(self.info, ctx.workspace).items():
            if text.strip() and whose(self.info, {name: text}) == "yours":
                kept = workspace.write(ctx.workspace, f"{name}.yours", text)
                self._emit(Output(f"Your own {name} is kept as {kept.name}."))

    def reset(self) -> None:
        """Back to the broken situation, fresh names; on a new broker where the old one is gone."""
        self._checks = ()
        self._was_reset = bool(self._steps)  # the same steps once more are no news
        self._solutions.begin_anew()
        self._world.clean()
        self._world.start()
        self._names = self.variables()

    def command(self, line: str) -> int:
        """Run one line of the lab's prompt; output goes to the sink; returns its exit status (0: fine)."""
        match prompt.parse(line, {}):  # what needs no broker: a reset is the one thing that helps when it is gone
            case prompt.Say("reset"):
                return self._say("reset")
            case prompt.Say("solution"):
                return self._say_solution()
            case prompt.Say("edit", name):
                return self._say_where(name)
        match prompt.parse(line, self.variables()):
            case prompt.RunTool() as action:
                return self._remembered(line, self._run_tool(action))
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
        """End the command or verification in progress, not the lab; False where none is."""
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
        if isinstance(event, Output):
            event = dataclasses.replace(event, text=self._world.redact(event.text))
        elif isinstance(event, Step):
            command = self._world.redact(event.command)
            event = dataclasses.replace(event, text=self._world.redact(event.text), command=command)
        if isinstance(event, Measured):
            self._figures.take(event, whose(self.info, self._texts))
        if isinstance(event, Observed):
            self._observations[event.observation.id] = event.observation
        elif isinstance(event, Step) and not (self._was_reset and event.phase == "arrange"):
            self._steps.append(without_prefix(event, self.prefix))
        self._sink(event)

    # --- the prompt --------------------------------------------------------------------------------------------------

    def _run_tool(self, action: prompt.RunTool) -> int:
        ctx = self.context
        self._interrupt = commands.Interrupt(self._world.flag)
        try:
            return commands.run_tool(ctx.tools, action, ctx.workspace, self._emit, self._interrupt)
        except (LabError, BrokerError) as error:
            self._world.flag.check()
            return self._say_fault(error)
        finally:
            self._interrupt = None

    def _remembered(self, line: str, status: int) -> int:
        if status == 0:
            self._solutions.typed(line)
        return status

    def _say_where(self, name: str) -> int:
        """Whoever has a terminal opens the editor; here only the place can be said."""
        try:
            path = workspace.to_edit(self.workspace, self.info.task.files, name)
        except LabError as error:
            return self._say_fault(error)
        self._say_lines([f"Open {path} in any editor. Saving it is enough."])
        return 0

    def _say_solution(self) -> int:
        try:
            self._say_lines([line for pair in self.solution() for line in lines(pair, SOLUTION_WIDTH)])
        except LabError as error:
            return self._say_fault(error)
        return 0

    def _say(self, word: prompt.Word) -> int:
        if word == "verify":
            return 0 if all(check.ok for check in self.verify()) else 1
        said = {
            "hint": lambda: [self.hint()],
            "help": lambda: prompt.help_lines(self.variables()),
            "vars": lambda: prompt.variable_lines(self.variables()),
            "files": lambda: commands.workspace_lines(self.context.workspace),
            "watch": lambda: [
                "Nobody saves a file here.",
                f"In another terminal: kafka-tutor lab watch {self._number}",
            ],
        }
        if word in said:
            self._say_lines(said[word]())
        elif word == "reset":
            self.reset()
        elif word == "give up":
            self.give_up()
        return 0

    def _say_fault(self, error: LearnerError) -> int:
        self._say_lines([error.title, error.cause, error.next_step], "err")
        return 2

    def _say_lines(self, lines: Sequence[str], stream: Literal["out", "err"] = "out") -> None:
        for line in lines:
            if line:
                self._emit(Output(line, stream))
