"""The learner's files in the app: the editor, watch mode, the solution, and programs that misbehave."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from labs.contract import Check, Figure, LabContext, LabInfo, Output
from labs.dirs import Dirs
from labs.errors import BrokerDied
from labs.program import Limits, Program
from labs.runner import LabRunner
from tests.ui.driving import on_screen, sees, shows, until
from tests.ui.fakes import FakeRun, World
from tests.ui.test_lab import lab, to_fix, type_line
from tests.unit.labs.worlds import PaperLab, PaperSource
from tutor.ui.screens.dialogs import ConfirmScreen, FaultScreen
from tutor.ui.screens.lab import LabScreen
from tutor.ui.screens.solution import SolutionScreen
from tutor.ui.widgets.files_line import short, since


@asynccontextmanager
async def fixing(
    tmp_path: Path, size: tuple[int, int] = (80, 24), world: World | None = None
) -> AsyncIterator[tuple[Pilot[None], FakeRun]]:
    """Lab 5 with a real file, at its fix."""
    world = world or World()
    world.labs.prepare = lambda run: setattr(run, "workspace", tmp_path)
    (tmp_path / "consumer.py").write_text("broken")
    async with lab(world, number=5, size=size) as pilot:
        await to_fix(pilot)
        yield pilot, world.labs.runs[0]


def save(tmp_path: Path, text: str) -> None:
    (tmp_path / "consumer.py").write_text(text)


async def test_the_path_is_shown_and_a_save_verifies(tmp_path: Path) -> None:
    world = World()
    async with fixing(tmp_path, (120, 40), world) as (pilot, run):
        await sees(pilot, "Watching: each save is verified", "Not verified yet", f"File: {tmp_path / 'consumer.py'}")
        assert run.verified == 0
        save(tmp_path, "still broken")
        await sees(pilot, "1 of 2 checks are ok", "last checked just now: 1 of 2 ok")
        world.clock.move(12)
        await sees(pilot, "last checked 12 s ago")
        save(tmp_path, "fixed")
        await sees(pilot, "[ debrief ]", "✓ Verified")
        assert run.verified == 2
        assert watchers() == []


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "watch-files"]


async def test_a_save_in_the_middle_of_a_verification_is_verified_next_and_never_at_once(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        run.verifying = threading.Event()
        save(tmp_path, "first")
        await until(pilot, lambda: run.verified == 1)
        save(tmp_path, "second, longer")
        await until(pilot, lambda: pilot.app.screen._save_waits)  # type: ignore[attr-defined]
        save(tmp_path, "third, longer still")
        assert run.verified == 1
        run.verifying.set()
        await until(pilot, lambda: run.verified >= 2)
        await sees(pilot, "1 of 2 checks are ok")


async def test_the_watch_can_be_turned_off_and_on(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        await pilot.press("f3")
        await sees(pilot, "○ Not watching", "F3 turns the watch on again")
        save(tmp_path, "fixed")
        assert watchers() == []
        await type_line(pilot, "watch")
        await sees(pilot, "◉ Watching")
        assert run.verified == 0
        save(tmp_path, "fixed!")
        await sees(pilot, "[ debrief ]")


async def test_what_the_lab_writes_is_not_verified(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        await pilot.press("f8")
        await sees(pilot, "Your changes to consumer.py are lost")
        await pilot.press("y")
        await sees(pilot, "The broken situation is back")
        assert (tmp_path / "consumer.py").read_text() == "broken again"
        save(tmp_path, "and changed")
        await sees(pilot, "1 of 2 checks are ok")
        assert run.verified == 1


async def test_nothing_is_verified_under_a_question(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        await pilot.press("f9")
        await on_screen(pilot, ConfirmScreen)
        save(tmp_path, "changed meanwhile")
        lab_screen = next(screen for screen in pilot.app.screen_stack if isinstance(screen, LabScreen))
        await until(pilot, lambda: lab_screen._save_waits)
        assert run.verified == 0
        await pilot.press("n")
        await sees(pilot, "1 of 2 checks are ok")


async def test_a_verification_gives_way_to_a_reset_and_to_ctrl_c(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        run.verifying = threading.Event()
        await pilot.press("f5")
        await until(pilot, lambda: run.verified == 1)
        await pilot.press("ctrl+c")
        await sees(pilot, "Interrupted. F5 verifies again.")
        await pilot.press("f5")
        await until(pilot, lambda: run.verified == 2)
        await pilot.press("f8", "y")
        await sees(pilot, "The broken situation is back")
        run.verifying = None
        await pilot.press("f5")
        await sees(pilot, "1 of 2 checks are ok")


async def test_a_broker_that_dies_ends_the_watch(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        run.error = BrokerDied("The broker has died", "Its process ended with signal 9.")
        save(tmp_path, "changed")
        await sees(pilot, "✗ The broker has died")
        assert watchers() == []
        await pilot.press("r")
        await sees(pilot, "1 of 3 predictions were right")
        await pilot.press("f5")
        await sees(pilot, "◉ Watching")


async def test_leaving_ends_the_watch(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        await pilot.press("escape", "y")
        await until(pilot, lambda: run.closed)
        assert watchers() == []


# --- the editor ------------------------------------------------------------------------------------------------------


async def test_where_no_editor_can_be_opened_the_file_is_named(tmp_path: Path) -> None:
    async with fixing(tmp_path, (160, 40)) as (pilot, _):
        await pilot.press("f4")
        await on_screen(pilot, FaultScreen)
        await sees(pilot, "No editor can be opened here", "in any editor: saving it is enough")
        await pilot.press("enter")
        await type_line(pilot, "edit ../secret")
        await sees(pilot, "../secret is no file of the workspace")


@contextmanager
def suspending(app: App[None], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:  # type: ignore[misc]
    """A terminal that can be lent: the test's own driver has none."""
    seen: list[str] = []

    @contextmanager
    def suspend(self: App[None]) -> AsyncIterator[None]:  # type: ignore[misc]
        seen.append("suspended")
        yield
        seen.append("resumed")

    monkeypatch.setattr(type(app), "suspend", suspend)
    yield seen


async def test_the_editor_gets_the_terminal_and_its_save_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path.parent / "ed.py"
    script.write_text("import sys; open(sys.argv[1], 'w').write('fixed')")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    async with fixing(tmp_path) as (pilot, _):
        with suspending(pilot.app, monkeypatch) as seen:
            await type_line(pilot, "edit")
            await sees(pilot, "[ debrief ]")
            assert seen == ["suspended", "resumed"]


@pytest.mark.parametrize(("visual", "told"), [("nowhere-at-all", "was not found"), ("false", "ended with status 1")])
async def test_an_editor_that_fails_brings_the_app_back_and_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visual: str, told: str
) -> None:
    monkeypatch.setenv("VISUAL", visual)
    async with fixing(tmp_path, (160, 40)) as (pilot, _):
        with suspending(pilot.app, monkeypatch) as seen:
            await pilot.press("f4")
            await sees(pilot, told, "in any editor")
            assert seen == ["suspended", "resumed"]


async def test_a_lab_without_files_offers_no_editor() -> None:
    async with lab(World()) as pilot:
        await to_fix(pilot)
        assert not shows(pilot, "Watching") and not shows(pilot, "f4")
        await type_line(pilot, "edit")
        await sees(pilot, "This lab has no file to edit")
        await pilot.press("enter")
        await type_line(pilot, "watch")
        await sees(pilot, "This lab has no file to watch")


# --- the reference ---------------------------------------------------------------------------------------------------


async def test_the_solution_is_closed_until_a_pass(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, run):
        run.figures = (Figure("peak memory", "MB", 115.0, 53.6, 48.0),)
        await type_line(pilot, "solution")
        await sees(pilot, "The reference solution is still closed", "It opens when every check passes")
        await pilot.press("enter")
        save(tmp_path, "fixed")
        await sees(pilot, "[ debrief ]", "peak memory, MB", "53.6")
        await pilot.press("s")
        await on_screen(pilot, SolutionScreen)
        await sees(pilot, "--- consumer.py (yours)", "+ if new(record):")
        await pilot.press("escape")
        await sees(pilot, "[ debrief ]")


async def test_giving_up_opens_it_too_side_by_side_where_there_is_room(tmp_path: Path) -> None:
    async with fixing(tmp_path, (130, 40)) as (pilot, _):
        await type_line(pilot, "give up --yes")
        await sees(pilot, "F7 shows it beside yours")
        await pilot.press("f7")
        await on_screen(pilot, SolutionScreen)
        await sees(pilot, "yours", "reference", "handle(record) ≠")


async def test_reset_yes_does_not_ask(tmp_path: Path) -> None:
    async with fixing(tmp_path) as (pilot, _):
        await type_line(pilot, "reset --yes")
        await sees(pilot, "The broken situation is back")


# --- programs that misbehave -----------------------------------------------------------------------------------------


@dataclass
class ProgramLab(PaperLab):
    """Runs the learner's real program in a process of its own; it is right where it prints `right`."""

    seconds: float = 30
    """The time limit."""

    def arrange(self, ctx: LabContext) -> None:
        ctx.workspace.joinpath("consumer.py").write_text("print('wrong')")

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        lines: list[str] = []

        def take(line: str, stream: str) -> None:
            lines.append(line)
            ctx.emit(Output(line, "err" if stream == "err" else "out"))

        limits = Limits(seconds=self.seconds, memory_mb=200, lines=50)
        with Program(ctx.workspace / "consumer.py", limits=limits, on_line=take, watch=()) as program:
            result = program.wait(ctx.stop)
        assert result is not None
        ok = result.ending == "finished" and "right" in lines
        return [Check("runs", "It runs", ok, "right", result.explanation, () if ok else ("a", "b", "c"))]


def real_run(world: World, tmp_path: Path) -> ProgramLab:
    """The app over the real runner; its lab needs no broker."""
    info: LabInfo = world.labs.infos()[1]
    dirs = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    program_lab = ProgramLab(info=info, seen="counted")

    def open_run(number: int, sink: Callable[[object], None]) -> LabRunner:
        run = OneObservation(program_lab, PaperSource(), dirs, sink)
        world.labs.runs.append(run)  # type: ignore[arg-type]
        return run

    world.labs.open = open_run  # type: ignore[assignment,method-assign]
    return program_lab


class OneObservation(LabRunner):
    """The symptom is not what is tested here."""

    def observe(self) -> Sequence[object]:  # type: ignore[override]
        self._world.start()
        return ()


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("while True: pass\n", "Does its loop ever end?"),
        ("def broken(:\n", "SyntaxError"),
        ("raise RuntimeError('no payments today')\n", "no payments today"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n", "exit status -11"),
        ("while True: print('x' * 500)\n", "more than 50 lines"),
        ("import sys\nfor n in range(100_000): print(n)\nsys.exit(3)\n", "exit status 3"),
        ("x = bytearray(10**9)\n", "out of its memory limit"),
        ("import sys; sys.stdout.write('\\x1b[2J\\x07\\x00')\n", "␛[2J"),
    ],
    ids=["loop", "syntax", "crash", "signal", "flood", "flood and exit", "memory", "escape codes"],
)
async def test_programs_that_misbehave_are_told_so_and_harm_nothing(tmp_path: Path, program: str, told: str) -> None:
    world = World()
    made = real_run(world, tmp_path)
    async with lab(world, number=5, size=(120, 40)) as pilot:
        await pilot.press(*"300", "tab", "down", "space", "tab", "space", "down", "space", "f5")
        await sees(pilot, "predictions were right")
        await pilot.press("enter")
        await sees(pilot, "◉ Watching")
        file = world.labs.runs[0].workspace / "consumer.py"
        made.seconds = 1.5 if "while True" in program else 30  # the limit decides only where there is no other end
        file.write_text(program)
        await sees(pilot, told)
        await sees(pilot, "0 of 1 checks are ok")
        made.seconds = 30
        file.write_text("print('right')")
        await sees(pilot, "[ debrief ]")


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "just now"), (59.9, "59 s ago"), (62, "1:02 min ago")])
def test_times_are_told_as_people_tell_them(seconds: float, text: str) -> None:
    assert since(seconds) == text


def test_a_path_at_home_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/you")
    assert short(Path("/home/you/x/consumer.py")) == "~/x/consumer.py"
    assert short(Path("/tmp/consumer.py")) == "/tmp/consumer.py"
    assert os.sep == "/"
