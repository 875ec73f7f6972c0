"""`python -m labs.launcher [options] SCRIPT [ARG…]`: runs a learner's program under limits, in its own process.

The program sees an ordinary `__main__`. Around it the launcher
- sets a memory limit that the operating system enforces (RLIMIT_DATA on Linux; elsewhere `labs.program` watches RSS),
- dies with its parent (PDEATHSIG on Linux; everywhere by the end of the pipe on a given descriptor),
- can write down every call that the program makes into a watched module (`--trace`), and
- can kill the process with SIGKILL at the N-th of those boundaries (`--crash-at N`), or where one boundary follows
  another (`--crash-when`, a `Moment`): a real crash at a chosen point.

A boundary is the moment before or after a call that the program's own files make into `--watch` modules. Effects on the
outside world (a database commit, an offset commit) happen only inside such calls, so the boundaries are all the crash
points that differ.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

from labs import mending

MIB = 1024 * 1024
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """One boundary, whenever it is passed. A `line` of 0, or an empty text, stands for any."""

    side: str = ""
    """`before` or `after`."""
    call: str = ""
    """e.g. `Connection.commit`."""
    file: str = ""
    """Name of the program's file."""
    line: int = 0

    def fits(self, other: Mark) -> bool:
        """Whether the other one is such a boundary."""
        pairs = ((self.side, other.side), (self.call, other.call), (self.file, other.file), (self.line, other.line))
        return all(not mine or mine == its for mine, its in pairs)


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the run of a program: where `at` is passed, directly after `after`, for the n-th time.

    Counting boundaries from the start depends on how often a loop polls; this does not.
    """

    at: Mark
    after: Mark = Mark()
    """Any boundary, or none at all, where it says nothing."""
    nth: int = 1
    signal: int = int(signal.SIGKILL)
    """SIGSTOP freezes the process instead, as a long pause would."""

    def to_json(self) -> str:
        """As `--crash-when` takes it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Moment:
        """The value of `to_json`."""
        row = json.loads(text)
        return cls(Mark(**row["at"]), Mark(**row["after"]), int(row["nth"]), int(row["signal"]))


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    script: Path
    arguments: tuple[str, ...]
    memory_mb: int
    """0: no limit."""
    trace: Path | None
    crash_at: int
    """1-based number of the boundary; 0: never."""
    watch: tuple[str, ...]
    """Top-level module names."""
    parent_fd: int
    """A pipe whose end means that the parent is gone; -1: none."""
    crash_when: Moment | None = None
    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What Kafka clients of the program are let in with, unless it says otherwise."""


def parse(argv: Sequence[str]) -> Options:
    """Options from a command line. Exits with 2 on a wrong one, as argparse does."""
    parser = argparse.ArgumentParser(prog="labs.launcher")
    parser.add_argument("--memory-mb", type=int, default=0)
    parser.add_argument("--trace", type=Path)
    parser.add_argument("--crash-at", type=int, default=0)
    parser.add_argument("--crash-when", type=Moment.from_json)
    parser.add_argument("--watch", default="sqlite3,kafka")
    parser.add_argument("--parent-fd", type=int, default=-1)
    parser.add_argument("--client-fd", type=int, default=-1)
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    found = parser.parse_args(argv)
    watch = tuple(name for name in found.watch.split(",") if name)
    return Options(
        found.script.resolve(),
        tuple(found.arguments),
        found.memory_mb,
        found.trace,
        found.crash_at,
        watch,
        found.parent_fd,
        found.crash_when,
        read_client(found.client_fd),
    )


def read_client(descriptor: int) -> dict[str, Any]:
    """What comes out of the pipe of `--client-fd`; nothing where there is none."""
    if descriptor < 0:
        return {}
    with os.fdopen(descriptor, "rb") as pipe:
        found: dict[str, Any] = json.load(pipe)
    return found


def limit_memory(megabytes: int) -> None:
    """Let the kernel refuse memory beyond this (private writable memory, in MiB)."""
    if megabytes <= 0 or not sys.platform.startswith("linux"):
        return
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * MIB, megabytes * MIB))


def die_with_parent(parent_fd: int) -> None:
    """SIGKILL to this process once the parent is gone."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent_fd >= 0:
        threading.Thread(target=_wait_for_end, args=(parent_fd,), name="parent-watch", daemon=True).start()


def _wait_for_end(parent_fd: int) -> None:
    while os.read(parent_fd, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


class Boundaries:
    """Counts the calls from the program's files into watched modules, and crashes at one of them."""

    def __init__(
        self,
        script: Path,
        watch: Sequence[str],
        crash_at: int,
        record: Callable[[dict[str, Any]], None],
        crash_when: Moment | None = None,
    ) -> None:
        self._own = str(script.parent) + os.sep
        self._watch = frozenset(watch)
        self._crash_at = crash_at
        self._crash_when = crash_when
        self._met = 0
        self._record = record
        self._count = 0
        self._last: dict[int, Mark] = {}
        """The last boundary of each thread."""
        self._code_names: dict[CodeType, str | None] = {}
        self._code_files: dict[CodeType, str] = {}

    def profile(self, frame: FrameType, event: str, argument: Any) -> None:
        """A `sys.setprofile` function."""
        if event in ("c_call", "c_return", "c_exception"):
            if file := self._own_file(frame):
                self._c_boundary(file, frame, event, argument)
        elif frame.f_back is not None and (file := self._own_file(frame.f_back)):
            name = self._python_name(frame)
            if name:
                self._boundary(Mark("before" if event == "call" else "after", name, file, frame.f_back.f_lineno))

    def profile_thread(self, frame: FrameType, event: str, argument: Any) -> None:
        """A `threading.setprofile` function, which leaves out the threads of the watched modules.

        None of the program's code runs there, and being watched makes them several times slower.
        """
        thread = threading.current_thread()
        target = getattr(thread, "_target", None)
        module = str(getattr(target, "__module__", None) or type(thread).__module__)
        if module.split(".")[0] in self._watch:
            sys.setprofile(None)
        else:
            sys.setprofile(self.profile)
            self.profile(frame, event, argument)

    def _own_file(self, frame: FrameType) -> str:
        """The name of the program's file that the frame runs in; empty where it is none of them."""
        code = frame.f_code
        if code not in self._code_files:
            path = code.co_filename
            self._code_files[code] = path.removeprefix(self._own) if path.startswith(self._own) else ""
        return self._code_files[code]

    def _c_boundary(self, file: str, frame: FrameType, event: str, function: Any) -> None:
        owner = type(getattr(function, "__self__", None))
        module = owner.__module__ if owner.__module__ != "builtins" else (getattr(function, "__module__", "") or "")
        if module.split(".")[0].lstrip("_") in self._watch:
            name = (
                f"{owner.__name__}.{function.__name__}"
                if owner.__module__ != "builtins"
                else f"{module.lstrip('_')}.{function.__name__}"
            )
            self._boundary(Mark("before" if event == "c_call" else "after", name, file, frame.f_lineno))

    def _python_name(self, frame: FrameType) -> str | None:
        code = frame.f_code
        if code not in self._code_names:
            module = str(frame.f_globals.get("__name__", "")).split(".")[0].lstrip("_")
            self._code_names[code] = code.co_qualname if module in self._watch else None
        return self._code_names[code]

    def _boundary(self, mark: Mark) -> None:
        self._count += 1
        thread = threading.get_ident()
        last = self._last.get(thread)
        self._last[thread] = mark
        self._record({"n": self._count, "thread": thread, **asdict(mark)})
        if self._count == self._crash_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._crash_when is not None and self._is_moment(self._crash_when, mark, last):
            os.kill(os.getpid(), self._crash_when.signal)

    def _is_moment(self, moment: Moment, mark: Mark, last: Mark | None) -> bool:
        if not moment.at.fits(mark) or not (moment.after == Mark() or (last is not None and moment.after.fits(last))):
            return False
        self._met += 1
        return self._met == moment.nth


def recorder(path: Path | None) -> Callable[[dict[str, Any]], None]:
    """Appends boundaries to a file, one JSON line each, unbuffered: a crash loses none."""
    if path is None:
        return lambda _: None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return lambda row: _write(descriptor, row)


def _write(descriptor: int, row: dict[str, Any]) -> None:
    os.write(descriptor, json.dumps(row).encode() + b"\n")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the program as `__main__`."""
    run(parse(sys.argv[1:] if argv is None else argv))


def run(options: Options) -> None:
    """Run the program as `__main__`, in this process."""
    die_with_parent(options.parent_fd)
    limit_memory(options.memory_mb)
    if options.client:
        from labs.client import set_defaults

        set_defaults(options.client)
    sys.argv = [str(options.script), *options.arguments]
    sys.path[0] = str(options.script.parent)
    sys.excepthook = own_frames_only(options.script)
    mending.install()
    if options.trace is not None or options.crash_at or options.crash_when is not None:
        boundaries = Boundaries(
            options.script, options.watch, options.crash_at, recorder(options.trace), options.crash_when
        )
        threading.setprofile(boundaries.profile_thread)
        sys.setprofile(boundaries.profile)
    runpy.run_path(str(options.script), run_name="__main__")


def own_frames_only(
    script: Path,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An excepthook that leaves out the frames above the program: it sees an ordinary `__main__`."""

    def show(kind: type[BaseException], error: BaseException, found: TracebackType | None) -> None:
        own = found
        while own is not None and own.tb_frame.f_code.co_filename != str(script):
            own = own.tb_next
        # A syntax error has no frame of the program: its text says where it is.
        traceback.print_exception(kind, error, own)

    return show


if __name__ == "__main__":
    main()
