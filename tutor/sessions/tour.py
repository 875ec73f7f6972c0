"""The first-run tour: what there is, in the order in which a learner meets it. Read in under a minute.

The app imports this before its first paint, so it needs nothing but the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

SEEN = "tour"
"""The setting that says that it was shown."""
NO_TOUR = "KAFKA_TUTOR_NO_TOUR"
"""Set: it never comes by itself (tests, measurements)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One screen of it."""

    title: str
    text: str
    keys: tuple[tuple[str, str], ...] = ()
    """Key and what it does."""


PAGES = (
    Page(
        "Answer as in an interview",
        "Ten production situations. You answer in your own words; the draft is on disk as you type. A grader on your "
        "machine checks each point and shows the words it went by. Disagree and your word counts.",
        (("Enter", "open what is highlighted"), ("n", "do what comes next")),
    ),
    Page(
        "See whether Kafka agrees",
        "An honest answer opens the scenario's lab: a real broker on this machine. You predict, watch, mend it with "
        "Kafka's own tools, and the lab checks the cluster, not your typing. Nothing stays behind.",
        (("l", "go to the lab"),),
    ),
    Page(
        "Keep it",
        "What an answer lacked comes back as a short question, just before you would forget it. Progress shows what "
        "holds; exports take it to Anki, a calendar or a file.",
        (("v", "review"), ("p", "progress"), ("Ctrl+P", "every command, exports too")),
    ),
    Page(
        "Begin",
        "Know some Kafka already? A placement round asks one short question a scenario, and proposes what you know last. "
        "Or start with scenario 1.",
        (("a", "placement, now or later"), ("?", "the keys of any screen"), ("Ctrl+Q", "leave; nothing is lost")),
    ),
)


class Settings(Protocol):
    """The part of the store that is needed here."""

    def setting(self, key: str) -> str | None:
        """A setting."""

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""


def wanted(settings: Settings, *, fresh: bool) -> bool:
    """Whether to show it without being asked: once, and only to who has done nothing yet. Raises StoreError."""
    return fresh and not settings.setting(SEEN)


def seen(settings: Settings) -> None:
    """It was shown, to its end or not. Raises StoreError."""
    settings.set_setting(SEEN, "seen")
