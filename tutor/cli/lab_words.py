"""Words of the lab's prompt that need a terminal and somebody at it: edit, watch, solution, and asking before a reset."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress

from labs import editor, prompt, solution, workspace
from labs.contract import LabInfo
from labs.errors import Interrupted
from labs.watch import watch
from tutor.cli.lab_view import LabView
from tutor.cli.lab_watch import by_enter, until_passed
from tutor.sessions.ports import LabRun


class Words:
    """Answers what the runner cannot."""

    def __init__(self, info: LabInfo, view: LabView) -> None:
        self._info = info
        self._view = view

    def take(self, run: LabRun, line: str) -> bool:
        """Whether the line was for this, and is done. Raises LearnerError."""
        match prompt.parse(line, {}):
            case prompt.Say("edit", name):
                self._edit(run, name)
            case prompt.Say("watch"):
                self._watch(run)
            case prompt.Say("solution"):
                self._solution(run)
            case prompt.Say("reset" | "give up") as said:
                return not (said.sure or self._is_sure(said.word))
            case _:
                return False
        return True

    def _edit(self, run: LabRun, name: str) -> None:
        path = workspace.to_edit(run.workspace, self._info.task.files, name)
        seen = workspace.fingerprint(path.parent, [path.name])
        editor.edit(path)
        if workspace.fingerprint(path.parent, [path.name]) == seen:
            self._view.lines([f"{path} is as it was."])
            return
        self._view.lines([f"{path.name} was saved."])
        run.verify()

    def _watch(self, run: LabRun) -> None:
        watched = watch(run.workspace, self._info.task.files)
        self._view.lines(watching(self._info, run.workspace))
        with suppress(KeyboardInterrupt, Interrupted):
            until_passed(watched, run.verify, self._say, by_enter)
        self._say("No longer watching.")

    def _solution(self, run: LabRun) -> None:
        width = shutil.get_terminal_size().columns
        for pair in run.solution():
            self._view.lines(solution.lines(pair, width))

    def _is_sure(self, word: prompt.Word) -> bool:
        if word == "reset":
            files = "".join(f", and your changes to {name}" for name in self._info.task.files)
            self._say(f"Everything is made anew: what you did to this lab's topics and groups is lost{files}.")
        else:
            self._say("The reference fix takes the place of yours and can be read. The run is recorded as given up.")
        return ask("Reset the lab?" if word == "reset" else "Give up?")

    def _say(self, text: str) -> None:
        self._view.lines([text])


def ask(question: str, read: Callable[[str], str] = input) -> bool:
    """Whether the answer is yes; no answer is no."""
    try:
        return read(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def watching(info: LabInfo, folder: object) -> list[str]:
    """What is watched, and how to leave."""
    names = ", ".join(info.task.files) or "your files"
    return [f"Watching {names} in {folder}: each save is verified.", "Enter or Ctrl+C ends the watch, not the lab."]
