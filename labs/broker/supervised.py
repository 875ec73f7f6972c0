"""The app's end of the supervisor: start and kill nodes, hear how they ended, notice when it is gone itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from labs.broker import supervisor as supervisor_module
from labs.broker.access import without_secrets
from labs.broker.processes import kill, name_of, own_name
from labs.broker.runs import Record, Run, with_node
from labs.errors import BrokerStartFailed

ANSWER_TIMEOUT = 20.0
"""Seconds for the supervisor to fork: long only on a machine that is swapping."""
STOP_TIMEOUT = 3.0
"""Seconds for an orderly end before everything is killed from here."""
UNWANTED = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
"""They change a JVM's flags and print a line in every output."""


def java_environment() -> dict[str, str]:
    """The environment of Java processes."""
    return {name: value for name, value in without_secrets(os.environ).items() if name not in UNWANTED}


class Supervised:
    """The Java processes of one run. Methods may be called from any thread."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._pids: dict[int, int] = {}
        self._exits: dict[int, int] = {}
        self._refused: dict[int, str] = {}
        self._ended = False
        self.lost = False
        """The supervisor went away without being told to."""
        self._stopping = False
        self._closed = False
        with (run.logs / "supervisor.log").open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor_module.__file__, str(run.directory), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=without_secrets(os.environ),
                start_new_session=True,  # Ctrl+C in the terminal is for the app alone
            )
        self._reader = threading.Thread(target=self._listen, name="supervisor-events", daemon=True)
        self._reader.start()
        self._record = Record(app=own_name(), supervisor=name_of(self._process.pid))
        try:
            run.write(self._record)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Process id of the supervisor."""
        return self._process.pid

    def start(self, node: int, argv: Sequence[str], output: Path, environ: Mapping[str, str] | None = None) -> int:
        """Start a process for a node; returns its process id. Raises BrokerStartFailed.

        `environ`: its environment, where it is not a Java process.
        """
        with self._changed:
            self._pids.pop(node, None)
            self._exits.pop(node, None)
            self._refused.pop(node, None)
        self._send(
            do="start",
            node=node,
            argv=list(argv),
            cwd=str(self._run.directory),
            env=java_environment() if environ is None else dict(environ),
            output=str(output),
        )
        with self._changed:
            self._changed.wait_for(
                lambda: node in self._pids or node in self._refused or self._ended or self.lost, ANSWER_TIMEOUT
            )
            if node not in self._pids:
                raise _not_started(self._refused.get(node, "its supervisor does not answer"))
            pid = self._pids[node]
            self._record = with_node(self._record, name_of(pid))
            record = self._record
        self._run.write(record)
        return pid

    def signal(self, node: int, number: signal.Signals) -> None:
        """Send a signal to a node's process; nothing where it has ended."""
        self._send(do="kill", node=node, signal=int(number))

    def exit_status(self, node: int) -> int | None:
        """The exit status of a node's last process (negative: the signal); None while it runs."""
        with self._changed:
            return self._exits.get(node)

    def wait(self, seconds: float) -> None:
        """Wait until something changes, at most so long."""
        with self._changed:
            self._changed.wait(seconds)

    def wait_exit(self, node: int, seconds: float) -> int | None:
        """Wait for a node's process to end; None when it has not in that time."""
        with self._changed:
            self._changed.wait_for(lambda: node in self._exits or self.lost or self._ended, seconds)
            return self._exits.get(node)

    def stop(self) -> None:
        """End everything, remove the run directory, and free all resources. Safe to call twice."""
        with self._changed:
            if self._closed:
                return
            self._closed = self._stopping = True
        self._send(do="stop")
        self._close_input()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()
        self._kill_rest()

    def _kill_rest(self) -> None:
        """What a supervisor that was killed could not do."""
        for node in self._record.nodes:
            kill(node)
        self._run.remove()

    def _close_input(self) -> None:
        try:
            if self._process.stdin:
                self._process.stdin.close()
        except OSError:  # it is gone, and with it the pipe
            return

    def _send(self, **command: object) -> None:
        data = json.dumps(command).encode() + b"\n"
        try:
            with self._sending:
                if self._process.stdin:
                    self._process.stdin.write(data)
                    self._process.stdin.flush()
        except (OSError, ValueError):  # gone or closed: the listener says so
            return

    def _listen(self) -> None:
        """Runs in its own thread until the supervisor's end."""
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            with self._changed, suppress(ValueError):  # half a line: it was killed while it wrote
                self._take(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self.lost = not self._stopping
            self._changed.notify_all()
        if self.lost:  # on Linux its processes died with it; elsewhere they are killed from here
            self._kill_rest()

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "started":
            self._pids[event["node"]] = event["pid"]
        elif event["event"] == "refused":
            self._refused[event["node"]] = event["error"]
        elif event["event"] == "exited":
            self._exits[event["node"]] = event["status"]
        else:
            self._ended = True


def _not_started(why: str) -> BrokerStartFailed:
    return BrokerStartFailed("Kafka could not be started", f"Its process could not be made: {why}.", "Try again.")
