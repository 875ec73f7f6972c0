"""Kafka's own command-line tools, run from the jars: every `kafka-*.sh` without an installation."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

from labs import scratch
from labs.broker import supervisor
from labs.broker.access import OPEN, SHOWN_FILE, Access
from labs.broker.aot import AotStore
from labs.broker.download import disk_fault
from labs.broker.interface import Cluster, OnProgress, ignore_progress
from labs.broker.jvm import Runtime, load_runtime
from labs.broker.settings import TOOL_LOGGING, properties_text
from labs.broker.supervised import java_environment
from labs.dirs import Dirs, dirs
from labs.errors import ToolFailed
from labs.tool_config import ConfigFile, given
from labs.tool_table import TOOLS, Tool, nearest, tool_name

if TYPE_CHECKING:
    from labs.contract import StopToken

__all__ = ["TIMED_OUT", "TOOLS", "Tool", "ToolRunner", "become"]

HEAP_MB = 256  # what kafka-run-class.sh gives a tool
TIMED_OUT = 124
"""Exit status of a tool that its time limit ended, as `timeout` has it."""
GRACE = 2.0
"""Seconds for a tool to say goodbye after SIGTERM: a console consumer commits and sums up."""
POLL = 0.05
"""Seconds between looks at the stop token."""

Stream = Literal["out", "err"]
OnLine = Callable[[str, Stream], None]

_VISIBLE = {code: 0x2400 + code for code in range(32) if code != 9} | {127: 0x2421}
"""Control characters as the pictures that Unicode has for them: a record's bytes must not steer the terminal."""


class ToolRunner:
    """Runs Kafka's tools against one cluster. Safe to use from several threads."""

    def __init__(
        self,
        bootstrap_servers: str,
        home: Dirs | None = None,
        environ: Mapping[str, str] | None = None,
        access: Access = OPEN,
        on_progress: OnProgress = ignore_progress,
        runtime: Runtime | None = None,
    ) -> None:
        """Takes where to find the cluster and what to run with; starts and fetches nothing yet.

        `bootstrap_servers`: added where a command names no cluster; empty: nothing is added.

        `access`: what the cluster asks for (SASL, TLS); every tool gets it in a file that nobody else can open.

        `runtime`: the Java and jars to use; found (and fetched) at the first run where left out.
        """
        self._bootstrap = bootstrap_servers
        self._dirs = home or dirs()
        self._environ = environ
        self._access = access
        self._on_progress = on_progress
        self._runtime = runtime
        self._logging: Path | None = None

    def needs_cluster(self, args: Sequence[str]) -> bool:
        """Whether this command asks a cluster and names none. Raises ToolFailed."""
        _, tool = _find(args)
        rest = args[1:]
        asks_help = any(arg in ("-h", "--help", "--version") for arg in rest)
        return bool(rest and tool.bootstrap and not asks_help and not _gives_cluster(tool, rest))

    def complete(self, args: Sequence[str]) -> tuple[str, ...]:
        """The full command as it would be typed at a Kafka installation. Raises ToolFailed."""
        name, tool = _find(args)
        return (f"{name}.sh", *self._with_defaults(tool, args[1:]))

    def run(
        self,
        args: Sequence[str],
        on_line: OnLine,
        stop: StopToken | None = None,
        timeout: float | None = None,
        stdin: bytes | None = None,
    ) -> int:
        """Run a tool to its end; returns its exit status (124 when `timeout` seconds were not enough).

        `on_line` is called in this thread, for each line as it comes, control characters made visible.
        Raises ToolFailed, BrokerError, and what `stop.check` raises, after ending the tool.
        """

        def redacted(line: str, stream: Stream) -> None:
            on_line(self._access.redact(line), stream)

        with scratch.scratch(self._dirs) as folder, self.config(args, folder) as config:
            running = _Running(self.command(args, folder, config), redacted, stdin, config.descriptors)
            try:
                return running.finish(stop, timeout)
            except BaseException:
                running.end()
                raise
            finally:
                running.close()

    @classmethod
    def at(cls, cluster: Cluster, home: Dirs) -> ToolRunner:
        """For that cluster, let in with what it asks for."""
        return cls(cluster.bootstrap_servers, home, access=cluster.access)

    def config(self, args: Sequence[str], folder: Path) -> ConfigFile:
        """The file of client settings for a command, where it needs one; `folder`: where it lies. Raises ToolFailed, EnvironmentFault."""
        _, tool = _find(args)
        if not self._lets_in(tool, args[1:]):
            return ConfigFile()
        own = given(tool.config, args[1:])
        text = properties_text(self._access.java)
        try:
            return ConfigFile(text + (Path(own).read_text(encoding="utf-8") if own else ""), folder)
        except OSError as error:
            if own:
                raise ToolFailed(f"{own} cannot be read", f"{error.strerror}.", "Check its name.") from error
            raise disk_fault(error, folder) from error

    def command(self, args: Sequence[str], folder: Path, config: ConfigFile | None = None) -> list[str]:
        """The Java command line of a tool; `folder`: for its temporary files. Raises ToolFailed, BrokerError, EnvironmentFault."""
        _, tool = _find(args)
        if self._runtime is None:
            self._runtime = load_runtime(self._dirs, self._environ, self._on_progress)
        if self._logging is None:
            self._logging = _logging_file(self._dirs)
        # Looked for each time: the cache may have been made since.
        runtime = replace(self._runtime, aot=AotStore(self._dirs).find(self._runtime))
        return runtime.command(
            tool.main,
            self._with_defaults(tool, args[1:], config.path if config else ""),
            heap_mb=HEAP_MB,
            defines=(
                ("log4j2.configurationFile", str(self._logging)),
                ("java.io.tmpdir", str(folder)),
                *self._access.defines,
            ),
        )

    def _lets_in(self, tool: Tool, rest: Sequence[str]) -> bool:
        """Whether a command gets our settings: not for a cluster that the learner names instead of ours."""
        named = given(tool.bootstrap, rest) or self._bootstrap
        other = any(arg.startswith("bootstrap.servers=") for arg in rest) or named != self._bootstrap
        return bool(rest and self._access.java and tool.config and not other)

    def _with_defaults(self, tool: Tool, rest: Sequence[str], config: str = "") -> list[str]:
        """The arguments with cluster and configuration added where the learner left them out."""
        added: list[str] = []
        if rest and self._bootstrap and tool.bootstrap and not _gives_cluster(tool, rest):
            added += [tool.bootstrap, self._bootstrap]
        if self._lets_in(tool, rest):
            own = given(tool.config, rest)
            if config and own:  # the learner's settings and ours in one file
                rest = [config if arg == own else arg.replace(f"={own}", f"={config}") for arg in rest]
            elif not own:
                added += [tool.config, config or SHOWN_FILE]
        if tool.subcommand_first and rest:
            return [rest[0], *added, *rest[1:]]
        return [*added, *rest]


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process by a tool: its input, output, signals and exit status are this process's own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], list(command), java_environment())


def _find(args: Sequence[str]) -> tuple[str, Tool]:
    if not args:
        raise ToolFailed(
            "No tool named", "A command begins with the name of a Kafka tool.", "For example: kafka-topics --list"
        )
    name = tool_name(args[0])
    tool = TOOLS.get(name)
    if tool is None:
        near = nearest(name)
        raise ToolFailed(
            f"There is no Kafka tool {args[0]!r}",
            f"Did you mean {' or '.join(near)}?" if near else "Its name begins with kafka-, as in kafka-topics.",
            "Run: kafka-tutor tools – for the list",
        )
    return name, tool


def _gives_cluster(tool: Tool, rest: Sequence[str]) -> bool:
    """Whether the learner names a cluster: by the option (which may be shortened) or by a client property."""
    return any(arg.startswith(("--bootstrap", "bootstrap.servers=")) or arg == tool.bootstrap for arg in rest)


def _logging_file(home: Dirs) -> Path:
    """The tools' log4j2 configuration, written once."""
    path = home.cache / "tools-log4j2.properties"
    try:
        if not path.exists() or path.read_text(encoding="ascii") != TOOL_LOGGING:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_text(TOOL_LOGGING, encoding="ascii")
            part.replace(path)
    except OSError as error:
        raise disk_fault(error, path.parent) from error
    return path


class _Lines:
    """Cuts a stream of bytes into lines."""

    LONGEST = 65536  # a record without a line end is shown in pieces, not kept in memory

    def __init__(self, stream: Stream, on_line: OnLine) -> None:
        self._stream = stream
        self._on_line = on_line
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._emit(line)
        while len(self._rest) > self.LONGEST:
            self._emit(self._rest[: self.LONGEST])
            self._rest = self._rest[self.LONGEST :]

    def finish(self) -> None:
        if self._rest:
            self._emit(self._rest)
            self._rest = b""

    def _emit(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode("utf-8", errors="replace")
        self._on_line(text.translate(_VISIBLE), self._stream)


class _Running:
    """One tool at work, behind a guard that ends it should this process be killed."""

    def __init__(
        self, command: Sequence[str], on_line: OnLine, stdin: bytes | None, inherited: tuple[int, ...] = ()
    ) -> None:
        guard_end, self._lifeline = os.pipe()
        pipes = ",".join(map(str, (guard_end, *inherited)))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__, "--guard", pipes, *command],
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(guard_end, *inherited),
                env=java_environment(),
                start_new_session=True,  # Ctrl+C reaches us, and we end the tool in order
            )
        except OSError as error:
            os.close(self._lifeline)
            raise ToolFailed("The tool could not be started", f"{error}.", "Run: kafka-tutor doctor") from error
        finally:
            os.close(guard_end)
        self._selector = selectors.DefaultSelector()
        self._lines = {"out": _Lines("out", on_line), "err": _Lines("err", on_line)}
        self._unsent = memoryview(stdin or b"")
        self._register(stdin)

    def _register(self, stdin: bytes | None) -> None:
        assert self._process.stdout and self._process.stderr  # both are pipes, by construction
        self._selector.register(self._process.stdout, selectors.EVENT_READ, "out")
        self._selector.register(self._process.stderr, selectors.EVENT_READ, "err")
        if stdin is not None and self._process.stdin:
            os.set_blocking(self._process.stdin.fileno(), False)
            self._selector.register(self._process.stdin, selectors.EVENT_WRITE, "in")

    def finish(self, stop: StopToken | None, timeout: float | None) -> int:
        """Pump until the tool has ended and all its output has come."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._pump():
            if stop is not None:
                stop.check()
            if deadline is not None and time.monotonic() > deadline:
                self.end()
                return TIMED_OUT
        for lines in self._lines.values():
            lines.finish()
        return self._process.wait()

    def end(self) -> None:
        """SIGTERM, what it still has to say, then SIGKILL."""
        self._process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while self._process.poll() is None and time.monotonic() < deadline:
            self._pump()
        self._cut()
        self._process.wait()

    def close(self) -> None:
        """Free the pipes; the tool has ended, or ends with the lifeline."""
        self._cut()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:  # the tool did not read all of its input
                    continue
        self._process.wait()

    def _cut(self) -> None:
        """Close the lifeline: the guard kills the tool, if it still runs."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def _pump(self) -> bool:
        """Move what is there to be moved, for a moment; False when both outputs have ended."""
        for key, _ in self._selector.select(POLL):
            if key.data == "in":
                self._feed(key.fd)
            else:
                self._read(key)
        return any(key.data != "in" for key in self._selector.get_map().values())

    def _read(self, key: selectors.SelectorKey) -> None:
        data = os.read(key.fd, 65536)
        if data:
            self._lines[key.data].feed(data)
        else:
            self._selector.unregister(key.fileobj)

    def _feed(self, descriptor: int) -> None:
        try:
            self._unsent = self._unsent[os.write(descriptor, self._unsent[:65536]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsent = self._unsent[:0]
        if not self._unsent and self._process.stdin:
            self._selector.unregister(self._process.stdin)
            self._process.stdin.close()
