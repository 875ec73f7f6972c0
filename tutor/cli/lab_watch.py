"""Watch mode in a terminal: verify after each save, until everything passes or somebody ends it."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable, Sequence

from labs import session_file
from labs.contract import Check, Lab
from labs.dirs import Dirs
from labs.errors import LabNotRunning
from labs.housekeeping import Admit, without_login
from labs.verifying import running_session, verify_running
from labs.watch import EVERY, Watch, watch
from tutor.cli.lab_view import check_lines

Verify = Callable[[], Sequence[Check]]
Say = Callable[[str], None]
GONE_SECONDS = 25.0
"""A lab that is being reset has no session for some seconds; after this time it has ended."""


def by_enter(seconds: float) -> bool:
    """Wait; whether Enter was pressed. Where nobody types, it only waits."""
    if not sys.stdin.isatty():
        time.sleep(seconds)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    if ready:
        sys.stdin.readline()
    return bool(ready)


def until_passed(watched: Watch, verify: Verify, say: Say, ended: Callable[[float], bool]) -> bool:
    """Verify now and after each save; False where `ended` (given the seconds to wait) was first."""
    while True:
        checks = verify()
        if checks and all(check.ok for check in checks):
            say("Every check passes.")
            return True
        say(f"{sum(check.ok for check in checks)} of {len(checks)} checks are ok. Waiting for the next save …")
        while not watched.saved():
            if ended(EVERY):
                return False
        say("Saved.")


class Elsewhere:
    """The verification of a lab that is open in another process, also while it is being reset there."""

    def __init__(
        self,
        lab: Lab,
        dirs: Dirs,
        say: Say,
        monotonic: Callable[[], float] = time.monotonic,
        admit: Admit = without_login,
    ) -> None:
        """Raises LabNotRunning."""
        self._admit = admit
        self._lab, self._dirs, self._say, self._monotonic = lab, dirs, say, monotonic
        self._owner = running_session(dirs, lab.info.number).owner
        self.folder = session_file.lab_paths(dirs, lab.info.number).workspace
        self.watched = watch(self.folder, lab.info.task.files)

    def verify(self) -> Sequence[Check]:
        """The checks, as lines and as values. Raises LabNotRunning once the lab has ended."""
        self._await()
        checks = verify_running(self._lab, self._dirs, lambda _: None, admit=self._admit)
        for check in checks:
            for line in check_lines(check):
                self._say(line)
        return checks

    def ended(self, seconds: float) -> bool:
        """Wait; whether Enter was pressed. Raises LabNotRunning once the lab has ended."""
        if by_enter(seconds):
            return True
        self._await()
        return False

    def _await(self) -> None:
        """Until the lab is arranged again."""
        number, since = self._lab.info.number, self._monotonic()
        while True:
            try:
                running_session(self._dirs, number)
                return
            except LabNotRunning:
                if not self._owner.alive or self._monotonic() - since > GONE_SECONDS:
                    raise
            time.sleep(EVERY)
