"""Where the learner wants to go. Screens post these; the app, which holds the screens, answers them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message


@dataclass
class OpenStudy(Message):
    """Answer a scenario, or a follow-up question of an attempt."""

    scenario: int
    follow_up_to: int | None = None


@dataclass
class OpenResult(Message):
    """Look at a graded answer."""

    attempt: int


@dataclass
class OpenLab(Message):
    """Go to a lab, locked or not."""

    lab: int


@dataclass
class OpenReview(Message):
    """Repeat what is due."""


@dataclass
class OpenMocks(Message):
    """To the mock interviews: begin one, or look at those that were held."""


@dataclass
class OpenMock(Message):
    """Hold a mock interview, or go on with it; None: with the unfinished one."""

    mock: int | None = None
    redo: bool = False
    """The second try at its weakest question."""


@dataclass
class OpenMockMarks(Message):
    """Give the own marks, before the debrief."""

    mock: int


@dataclass
class OpenMockReport(Message):
    """Read the report of a mock interview."""

    mock: int


@dataclass
class OpenPlacement(Message):
    """Mark what is known already."""


@dataclass
class OpenTour(Message):
    """Look around."""


@dataclass
class OpenProgress(Message):
    """See how far the learner has come."""


@dataclass
class OpenReading(Message):
    """Read a text of the pack: the model answer or the debrief."""

    title: str
    markdown: str


@dataclass
class SendOut(Message):
    """Write what the learner has for another tool."""

    kind: str
    """`json`, `anki`, `csv`, `ics` or `markdown`."""


@dataclass
class SentOut(Message):
    """It is written."""

    file: Path


@dataclass
class ReportFault(Message):
    """Something failed: show it."""

    error: Exception
