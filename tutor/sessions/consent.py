"""Whether answers may be sent to a host: only with consent that names it, once or kept."""

from __future__ import annotations

from typing import Protocol

from tutor.errors import UsageError

PREFIX = "send-answers-to:"
YES = "yes"


class Settings(Protocol):
    """The part of the store that is needed here."""

    def setting(self, key: str) -> str | None:
        """A setting."""

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""


def given(settings: Settings, host: str) -> bool:
    """Whether the learner has agreed for good."""
    return settings.setting(PREFIX + host) == YES


def keep(settings: Settings, host: str) -> None:
    """Remember that the learner agrees."""
    settings.set_setting(PREFIX + host, YES)


def withdraw(settings: Settings, host: str) -> None:
    """Ask again from now on."""
    settings.set_setting(PREFIX + host, "")


def demand(host: str, named: str | None, *, kept: bool) -> None:
    """Go on only with consent. Raises UsageError that says what would be sent where, and how to agree."""
    if named is not None and named != host:
        raise UsageError(
            f"The consent names {named}, the endpoint is at {host}",
            "Nothing was sent.",
            f"If your answer may go to {host}: --consent {host}",
        )
    if named is None and not kept:
        raise UsageError(
            f"Your answer would be sent to {host}",
            "The question, the rubric and your whole answer would leave this program. Nothing was sent.",
            f"If you agree, name the host: --consent {host} (add --remember to be asked no more)",
        )
