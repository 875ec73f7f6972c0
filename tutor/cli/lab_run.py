"""`kafka-tutor lab run`: one lab from its predictions to its evidence, in a terminal or driven by a program."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO

import click

from labs import catalog, predictions, prompt
from labs.contract import Check, LabInfo
from labs.dirs import dirs
from labs.errors import BadPrediction, BrokerDied, LearnerError, RabbitError
from tutor.cli import cluster
from tutor.cli import lab_view as view
from tutor.cli.lab_words import Words
from tutor.cli.typed import confirmed, typed
from tutor.clock import Clock, SystemClock
from tutor.errors import UsageError
from tutor.scenarios.model import Scenario
from tutor.sessions.debrief import debrief_rows
from tutor.sessions.lab import evidence_document, lab_record
from tutor.sessions.ports import Attempt, DebriefRow, LabRun, Store
from tutor.sessions.unlock import lab_state, skip_lock

VERIFIED, NOT_YET, INTERRUPTED = 0, 1, 130


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    predicted: dict[str, str]
    as_json: bool
    skip_lock: bool


@dataclass(frozen=True, slots=True)
class Learner:
    """What the learner brings to the lab."""

    scenario: Scenario | None
    attempt: Attempt | None


def run_lab(number: int, asked: Asked, store: Store, clock: Clock | None = None) -> int:
    """Run a lab; returns the exit status: 0 verified, 1 not (yet), 130 interrupted. Raises LearnerError."""
    clock = clock or SystemClock()
    info = catalog.info(number)
    open_lock(info, store, clock, skip=asked.skip_lock)
    talk = _Talk(info, asked, _view(asked.as_json))
    talk.need_predictions()
    provider = cluster.provider(dirs())
    from tutor.labs_bridge import LabsBridge  # Kafka's client takes its time to load: refuse what is wrong before

    bridge = LabsBridge(dirs(), provider)
    try:
        bridge.warm_up()
        run = bridge.open(number, talk.view)
        began = clock.monotonic()
        status = _until_interrupted(talk, run)
        if run.observations():
            keep(run, _learner(store, info), store, clock, clock.monotonic() - began, talk)
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        with _no_interrupts():
            bridge.close()


def _until_interrupted(talk: _Talk, run: LabRun) -> int:
    try:
        return talk.from_start_to_end(run)
    except KeyboardInterrupt:
        talk.view.quiet()
        talk.view.lines(["", "Stopped. Everything the lab made is being removed."])
        return INTERRUPTED


def open_lock(info: LabInfo, store: Store, clock: Clock, *, skip: bool) -> None:
    """Let the learner in, or say what opens the lab. Raises UsageError."""
    state = lab_state(store, info.number, catalog.numbers())
    if state.may_run:
        return
    if not skip:
        raise UsageError(
            f"Lab {info.number} is locked",
            state.reason,
            f"kafka-tutor study {info.number}, or kafka-tutor lab run {info.number} --skip-lock (recorded, no progress)",
        )
    skip_lock(store, info.number, clock)


def keep(run: LabRun, learner: Learner, store: Store, clock: Clock, seconds: float, talk: _Talk) -> None:
    """Store the run with its evidence; for programs, print it."""
    evidence = run.evidence()
    rows: Sequence[DebriefRow] = ()
    if learner.scenario is not None:
        rows = debrief_rows(learner.scenario, learner.attempt, run.observations())
    store.add_lab_record(lab_record(evidence, rows, clock.now(), seconds))
    if talk.asked.as_json:
        click.echo(json.dumps(evidence_document(evidence, rows), indent=2, ensure_ascii=False))
    else:
        talk.view.lines(
            view.debrief_lines(rows),
            view.figure_lines(evidence.figures),
            ["", f"The evidence: kafka-tutor lab evidence {evidence.lab}"],
        )


def _learner(store: Store, info: LabInfo) -> Learner:
    from tutor.scenarios.library import load_library

    pack = next((pack for pack in load_library().packs if pack.scenario.lab == info.number), None)
    if pack is None:
        return Learner(None, None)
    honest = [a for a in store.attempts(pack.id) if a.grade.honest and a.follow_up_to is None]
    return Learner(pack.scenario, honest[-1] if honest else None)


def _view(as_json: bool) -> view.LabView:
    out: TextIO = sys.stderr if as_json else sys.stdout
    return view.LabView(out, live=out.isatty(), width=shutil.get_terminal_size().columns)


class _Talk:
    """The conversation with the learner, or with the program that drives the lab."""

    def __init__(self, info: LabInfo, asked: Asked, shown: view.LabView) -> None:
        self.info = info
        self.asked = asked
        self.view = shown
        self._by_hand = sys.stdin.isatty() and not asked.as_json
        self._words = Words(info, shown)

    def need_predictions(self) -> None:
        """Refuse wrong and, where nobody can be asked, missing predictions. Raises BadPrediction, UsageError."""
        by_id = {question.id: question for question in self.info.questions}
        for name, value in self.asked.predicted.items():
            if name not in by_id:
                predictions.parse_all(self.info.questions, {name: value})
            predictions.parse(by_id[name], value)
        missing = [name for name in by_id if name not in self.asked.predicted]
        if missing and not self._by_hand:
            raise UsageError(
                f"Lab {self.info.number} asks for a prediction first",
                f"Nobody can be asked here, and these are missing: {', '.join(missing)}.",
                " ".join(f"--predict {name}=…" for name in missing),
            )

    def from_start_to_end(self, run: LabRun) -> int:
        """Predict, observe, fix."""
        run.predict(self._predictions())
        comparisons = self._observed(run)
        self.view.quiet()
        if not self.asked.as_json:
            self.view.lines(view.comparison_lines(comparisons))
            self.view.lines(view.task_lines(self.info, []), view.file_lines(self.info, run.workspace))
            run.command("vars")
        return self._fix(run)

    def _predictions(self) -> dict[str, str]:
        if self._by_hand:
            self.view.lines(
                view.wrapped(self.info.summary, ""), ["First commit to what will happen. Kafka starts meanwhile."]
            )
        answers = dict(self.asked.predicted)
        for number, question in enumerate(self.info.questions, start=1):
            while question.id not in answers:
                self.view.lines(view.question_lines(question, number, len(self.info.questions)))
                line = typed("  your prediction: ")
                try:
                    predictions.parse(question, line)
                    answers[question.id] = line
                except BadPrediction as error:
                    self.view.lines(view.wrapped(f"{error.cause} {error.next_step}", "  "))
        return answers

    def _observed(self, run: LabRun) -> Sequence[Any]:
        self.view.lines([""])
        again = False
        while True:
            try:
                if again:
                    run.reset()
                return run.observe()
            except (BrokerDied, RabbitError) as error:
                again = True
                if not self._by_hand:
                    raise
                self._tell(error)
                if not confirmed("Start a fresh broker and run the lab again?", default=True):
                    raise

    def _fix(self, run: LabRun) -> int:
        """The prompt; returns the exit status."""
        for line in self._lines():
            if _is(line, "quit"):
                break
            try:
                with _interrupts_end_the_command(run, self._by_hand):
                    if not (self._by_hand and self._words.take(run, line)):
                        run.command(line)
            except LearnerError as error:
                if not self._by_hand:
                    raise
                self._tell(error)
        if self.asked.as_json or not self._by_hand:
            run.verify()
        evidence = run.evidence()
        return VERIFIED if evidence.outcome == "verified" and _all_ok(evidence.checks) else NOT_YET

    def _lines(self) -> Iterator[str]:
        if self._by_hand:
            with suppress(ImportError):
                import readline  # noqa: F401  (line editing and history for input)
        while True:
            try:
                line = typed(f"\nlab {self.info.number}> ") if self._by_hand else _next_line()
            except EOFError:
                return
            if not self._by_hand:
                self.view.lines([f"lab {self.info.number}> {line}"])
            yield line

    def _tell(self, error: LearnerError) -> None:
        # Not wrapped: a path or a command in it is there to be copied.
        self.view.lines([f"  {part}" for part in (error.title, error.cause, error.next_step) if part])


def _next_line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _is(line: str, word: prompt.Word) -> bool:
    return prompt.parse(line, {}) == prompt.Say(word)


def _all_ok(checks: Sequence[Check]) -> bool:
    return bool(checks) and all(check.ok for check in checks)


Handler = Callable[[int, FrameType | None], Any] | int | None


@contextmanager
def _interrupts_end_the_command(run: LabRun, by_hand: bool) -> Iterator[None]:
    """Ctrl+C ends a tool or a verification that runs, as in a shell; where none runs, or a program drives, the lab."""

    def end(number: int, frame: FrameType | None) -> None:
        if not (by_hand and run.interrupt()):
            signal.default_int_handler(number, frame)

    with _handling(end):
        yield


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Ctrl+C does not leave a clean-up half done."""
    with _handling(signal.SIG_IGN):
        yield


@contextmanager
def _handling(handler: Handler) -> Iterator[None]:
    old = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old)
