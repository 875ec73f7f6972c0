"""The part of a lab that is about the learner's files: their editor, watch mode, and the reference beside their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import SuspendNotSupported
from textual.message import Message

from labs import editor, workspace
from labs.contract import Check
from labs.errors import EnvironmentFault, LearnerError
from labs.watch import Saves, Watch, watch
from tutor.ui import lab_driver as drive
from tutor.ui.screens.lab_frame import LabFrame
from tutor.ui.screens.solution import SolutionScreen
from tutor.ui.widgets.files_line import FilesLine
from tutor.ui.widgets.phase_line import PhaseLine


class LabFiles(LabFrame):
    """Everything of the lab's screen that knows of the workspace."""

    @dataclass
    class Saved(Message):
        """A file of the workspace was saved, by whatever editor."""

        forgotten: int
        """How often the watch had been told to forget by then."""

    def __init__(self, lab: int) -> None:
        super().__init__(lab)
        self._watch: Watch | None = None
        self._saves: Saves | None = None
        self._save_waits = False
        """Whether a save has not been verified yet."""
        self._checked: tuple[float, str] | None = None
        """When it was last verified, and what came of it."""

    @property
    def _files(self) -> tuple[str, ...]:
        return self._data.info.task.files if self._data else ()

    # --- the editor --------------------------------------------------------------------------------------------------

    def action_edit(self, name: str = "") -> None:
        """Open a file of the workspace in the learner's editor, in this terminal."""
        fault: LearnerError | None = None
        try:
            path = workspace.to_edit(self._driver.workspace, self._files, name)
        except LearnerError as error:
            self.app.show_fault(error)  # type: ignore[attr-defined]
            return
        try:
            with self.app.suspend():
                fault = _edited(path)
        except SuspendNotSupported:
            fault = EnvironmentFault(
                "No editor can be opened here", "The app has no terminal that it could lend.", _elsewhere(path)
            )
        if fault is not None:
            self.app.show_fault(fault)  # type: ignore[attr-defined]

    # --- watch mode --------------------------------------------------------------------------------------------------

    def begin_watch(self) -> None:
        """Watch from now on; what the lab itself has written is known."""
        if not self._files:
            return
        if self._saves is not None and self._watch is not None:
            self.forget_saves()
            return
        self._watch = watch(self._driver.workspace, self._files)
        self._saves = Saves(self._watch, self._seen_saved)
        self._tell_files()

    def _seen_saved(self, forgotten: int) -> None:
        """On the thread that watches."""
        self.post_message(self.Saved(forgotten))

    def end_watch(self) -> None:
        """No more verifications by themselves. Safe to call twice."""
        saves, self._saves, self._watch = self._saves, None, None
        self._save_waits = False
        if saves is not None:
            saves.close()
        self._tell_files()

    def forget_saves(self) -> None:
        """The lab has written the files."""
        self._save_waits = False
        if self._watch is not None:
            self._watch.forget()

    def action_watch(self) -> None:
        """Turn the watch on or off."""
        if not self._files:
            self.notice.say("This lab has no file to watch.")
        elif self._saves is not None:
            self.end_watch()
            self.notice.say("Not watching any more. F5 verifies, F3 turns the watch on again.")
        else:
            self.begin_watch()
            self.notice.say("Watching: each save is verified.")

    @on(Saved)
    def _on_saved(self, event: Saved) -> None:
        ours = self._driver.busy in (drive.RESET, drive.GIVE_UP)
        if self._watch is not None and event.forgotten == self._watch.forgotten and not ours:
            self._save_waits = True

    def _tick(self) -> None:
        super()._tick()
        if self._stage == "fix":
            self._tell_files()
            self._verify_saved()

    def _verify_saved(self) -> None:
        """Verify what was saved, once nothing else goes on and nobody is being asked anything."""
        if self._save_waits and not self._driver.busy and self.app.screen is self:
            self._save_waits = False
            self.action_verify()

    def action_verify(self) -> None:
        """Check the state of the world."""
        if not self._busy():
            self.query_one(PhaseLine).show("verify")
            self._driver.verify()

    # --- what is said of it ------------------------------------------------------------------------------------------

    def note_checked(self, checks: Sequence[Check]) -> None:
        """The checks were evaluated just now; none: they no longer count."""
        ok = f"{sum(check.ok for check in checks)} of {len(checks)} ok"
        self._checked = (self.kit.services.clock.monotonic(), ok) if checks else None
        self._tell_files()

    def _tell_files(self) -> None:
        for line in self.query(FilesLine):
            ago = None if self._checked is None else self.kit.services.clock.monotonic() - self._checked[0]
            line.show(watching=self._saves is not None, ago=ago, came_to=self._checked[1] if self._checked else "")

    # --- the reference -----------------------------------------------------------------------------------------------

    def action_solution(self) -> None:
        """The learner's fix beside the reference's, where it may be read."""
        if not self._driver.busy:
            self._driver.solution()

    action_show_solution = action_solution

    @on(drive.Solved)
    def _solved(self, event: drive.Solved) -> None:
        if self._driver.done(event.run):
            self._tell()
            self.app.push_screen(SolutionScreen(self.place, event.pairs))


def _edited(path: Path) -> LearnerError | None:
    """Nothing may be raised while the app is suspended: it would not come back."""
    try:
        editor.edit(path)
    except LearnerError as error:
        return error
    return None


def _elsewhere(path: Path) -> str:
    return f"Open {path} in any editor: saving it is enough."
