"""Commands of the palette: every scenario, every lab, the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.message import Message

from tutor.ui.messages import (
    OpenLab,
    OpenMocks,
    OpenPlacement,
    OpenProgress,
    OpenReview,
    OpenStudy,
    OpenTour,
    SendOut,
)
from tutor.ui.screens.base import HasKit

EXPORTS = {
    "anki": ("Export cards to Anki", "What you missed, as an .apkg file; exported again it updates"),
    "csv": ("Export cards as CSV", "What you missed and when it is due, for a spreadsheet"),
    "ics": ("Export due days to a calendar", "One event a day, and your interview, as an .ics file"),
    "markdown": ("Export notes as Markdown", "What you missed, corrections, and the points of a full answer"),
    "json": ("Export everything as JSON", "For kafka-tutor import, here or on another machine"),
}
"""Format → name and help."""


class Command(NamedTuple):
    """One line of the palette."""

    text: str
    help: str
    call: Callable[[], object]


class TutorCommands(Provider):
    """Scenarios and labs by name."""

    def _commands(self) -> Iterator[Command]:
        if not getattr(self.app, "ready", False):
            return
        services = cast(HasKit, self.app).kit.services
        yield Command("Review what is due", "Short questions about what you missed", partial(self._go, OpenReview()))
        yield Command(
            "Mock interview", "Against the clock, no feedback before the debrief", partial(self._go, OpenMocks())
        )
        yield Command("Progress", "Recall, what is due, scores, labs, streak", partial(self._go, OpenProgress()))
        yield Command(
            "Placement", "One short question a scenario marks what you know", partial(self._go, OpenPlacement())
        )
        yield Command("Tour", "Look around in under a minute", partial(self._go, OpenTour()))
        for kind, (text, help_) in EXPORTS.items():
            yield Command(text, help_, partial(self._go, SendOut(kind)))
        for pack in services.packs.packs:
            text = f"Answer scenario {pack.id}: {pack.scenario.title}"
            yield Command(text, pack.scenario.summary, partial(self._go, OpenStudy(pack.id)))
        for info in services.labs.infos():
            yield Command(f"Run lab {info.number}: {info.title}", info.summary, partial(self._go, OpenLab(info.number)))

    def _go(self, message: Message) -> None:
        self.app.post_message(message)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(command.text, command.call, help=command.help)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for command in self._commands():
            if (score := matcher.match(command.text)) > 0:
                yield Hit(score, matcher.highlight(command.text), command.call, help=command.help)
