"""The worker process seen from the app: starts it early, waits for it, and does without it where it fails."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO

import msgspec

from labs.broker.access import without_secrets
from tutor.errors import AnswerRefused, GraderUnavailable
from tutor.grading.types import Grade, Grader
from tutor.grading.worker import Fault, Message, Ready, Reply, Request
from tutor.scenarios.model import Scenario

TIMEOUT = 60.0
"""Seconds that a grade may take, loading included."""
GRACE = 2.0
"""Seconds until a worker that was asked to end is ended."""
COMMAND = (sys.executable, "-m", "tutor.grading.worker")


class _Cancelled:
    """Put among the messages by `cancel`."""


_Item = Message | _Cancelled | None
"""None: the worker's output has ended."""


class _Worker:
    """One process and the thread that reads its lines."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            env=without_secrets(os.environ),  # a cluster's password is none of the grader's business
        )
        self.messages: queue.Queue[_Item] = queue.Queue()
        self.ready: Ready | None = None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, lines: IO[bytes]) -> None:
        decoder = msgspec.json.Decoder(Message)
        try:
            for line in lines:
                message = decoder.decode(line)
                if isinstance(message, Ready):
                    self.ready = message
                self.messages.put(message)
        except (msgspec.MsgspecError, ValueError):
            pass  # a torn line of a worker that was killed
        finally:
            self.messages.put(None)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def send(self, request: Request) -> None:
        """Raises OSError where the worker is gone."""
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(request) + b"\n")
        self.process.stdin.flush()

    def stop(self, grace: float) -> None:
        """Close its input, which ends it; end it by force after `grace` seconds."""
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()


class GraderClient:
    """Grades in a worker process. All methods may be called from any thread; grades are made one after another."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._worker: _Worker | None = None
        self._lock = threading.Lock()  # guards _worker and _closed
        self._turn = threading.Lock()  # one grade at a time
        self._numbers = itertools.count(1)
        self._closed = False

    def start(self) -> None:
        """Begin to load in the background; returns at once. Does nothing where it is loading or loaded."""
        with contextlib.suppress(GraderUnavailable):
            self._live_worker()

    warm_up = start

    def state(self) -> str:
        """`cold`, `starting`, `ready: NAME VERSION` or `failed: …`, for a status line."""
        worker = self._worker
        if worker is None:
            return "cold"
        if worker.ready and worker.ready.grader and worker.alive:
            return f"ready: {worker.ready.grader.name} {worker.ready.grader.version}"
        if worker.ready and worker.ready.fault:
            return f"failed: {worker.ready.fault.title}"
        return "starting" if worker.alive else "failed: the grader's process has ended"

    def grade(self, scenario: Scenario | int, answer: str, timeout: float = TIMEOUT) -> Grade:
        """Grade one answer; blocks. A worker that fails or takes too long is replaced by the keyword grader, said in a note.

        Raises AnswerRefused, GraderUnavailable (stopped by `cancel`, closed, or no grader at all), UnknownScenario.
        """
        wanted = _scenario(scenario)
        with self._turn:
            try:
                return self._ask(wanted, answer, timeout)
            except _WorkerFailed as failure:
                self._drop()
                return _stand_in(str(failure)).grade(wanted, answer)

    def cancel(self) -> None:
        """Give up the grade in progress, if any: its call raises GraderUnavailable."""
        worker = self._worker
        if worker:
            worker.messages.put(_Cancelled())

    def close(self) -> None:
        """End the worker. Safe to call twice."""
        with self._lock:
            self._closed = True
        self.cancel()
        self._drop()

    def _live_worker(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise GraderUnavailable("The grader has been closed")
            if self._worker is None or not self._worker.alive:
                if self._worker:
                    self._worker.stop(0.0)
                try:
                    self._worker = _Worker(self._command)
                except OSError as error:
                    raise GraderUnavailable("The grader's process cannot be started", str(error)) from error
            return self._worker

    def _drop(self) -> None:
        with self._lock:
            worker, self._worker = self._worker, None
        if worker:
            worker.stop(GRACE if worker.ready else 0.0)

    def _ask(self, scenario: Scenario, answer: str, timeout: float) -> Grade:
        number = next(self._numbers)
        try:
            worker = self._live_worker()
            _forget_cancellations(worker)
            worker.send(Request(number, scenario, answer))
        except GraderUnavailable as error:
            if self._closed:
                raise
            raise _WorkerFailed(error.cause) from error
        except OSError as error:
            raise _WorkerFailed("its process has ended") from error
        return _wait(worker, number, timeout)


class _WorkerFailed(Exception):
    """The worker gives no grade; the message says why."""


def _forget_cancellations(worker: _Worker) -> None:
    """What was cancelled before this grade began concerns an earlier one; other messages are looked at in `_wait`."""
    kept: list[_Item] = []
    with contextlib.suppress(queue.Empty):
        while True:
            kept.append(worker.messages.get_nowait())
    for item in kept:
        if not isinstance(item, _Cancelled):
            worker.messages.put(item)


def _wait(worker: _Worker, number: int, timeout: float) -> Grade:
    """Read messages until the reply comes. The time-out starts anew with a sign of life."""
    while True:
        try:
            item = worker.messages.get(timeout=timeout)
        except queue.Empty:
            worker.process.kill()
            raise _WorkerFailed(f"it gave no answer within {timeout:g} s") from None
        match item:
            case _Cancelled():
                raise GraderUnavailable("Grading was stopped", "", "Submit again.")
            case None:
                raise _WorkerFailed("its process has ended")
            case Ready(fault=Fault() as fault):
                raise GraderUnavailable(fault.title, fault.cause, fault.next_step)
            case Reply(id=reply, grade=Grade() as grade) if reply == number:
                return grade
            case Reply(id=reply, fault=Fault() as fault) if reply == number:
                kind = AnswerRefused if fault.refused else GraderUnavailable
                raise kind(fault.title, fault.cause, fault.next_step)
            case _:
                continue  # loaded now, or the reply to a grade that was given up


def _scenario(scenario: Scenario | int) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    from tutor.scenarios.library import load_library
    from tutor.scenarios.packs import find

    return find(load_library(), scenario).scenario


def _stand_in(reason: str) -> Grader:
    from tutor.grading.keyword_grader import KeywordGrader

    return KeywordGrader(reason=f"the grader's process failed: {reason}.")
