"""The checks of `verify`: ok or not yet, with what was expected and found."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from labs.contract import Check
from tutor.text import clipped


class CheckList(Static):
    """A line a check; those that are not ok say what was found."""

    def __init__(self) -> None:
        super().__init__("", id="checks")

    def show(self, checks: Sequence[Check]) -> None:
        """Show the checks; none: not verified yet."""
        if not checks:
            self.update(
                Content.styled("Not verified yet: F5 (or Ctrl+R) checks the state of the world.", "$text-muted")
            )
            return
        room = max(self.content_size.width - len(_INDENT), 20)
        self.update(Content("\n").join([_line(check, room) for check in checks]))


_INDENT = " " * 10


def _line(check: Check, room: int) -> Content:
    if check.ok:  # one line is enough for what needs no work
        return Content.assemble(("✓ ok      ", "$text-success"), clipped(check.title, room))
    expected, found = f"expected {check.expected}", f"found {check.found}"
    between = ", " if len(expected) + len(found) + 2 <= room else f"\n{_INDENT}"
    return Content.assemble(
        ("· not yet ", "bold $text-warning"), (check.title, "bold"), f"\n{_INDENT}{expected}{between}{found}"
    )
