"""Where a lab stands: predict → observe → fix → verify → debrief."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

PHASES = ("predict", "observe", "fix", "verify", "debrief")


class PhaseLine(Static):
    """The current phase in brackets and bold, those behind with a tick."""

    DEFAULT_CSS = """
    PhaseLine { height: 1; padding: 0 1; background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__("", id="phases")

    def show(self, phase: str) -> None:
        """Mark a phase; an unknown one (locked) marks none."""
        now = PHASES.index(phase) if phase in PHASES else -1
        parts: list[str | tuple[str, str]] = []
        for index, name in enumerate(PHASES):
            if index:
                parts.append((" → ", "$text-muted"))
            if index == now:
                parts.append((f"[ {name} ]", "bold $text-accent"))
            elif index < now:
                parts.append((f"✓ {name}", "$text-success"))
            else:
                parts.append((name, "$text-muted"))
        self.update(Content.assemble(*parts))
