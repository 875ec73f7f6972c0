"""What a cluster lets labs do, what a lab needs, and in words what is missing. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIX = "kt"
"""Every name that a lab gives begins with it."""
OFFSETS_TOPIC = "__consumer_offsets"
"""Where Kafka keeps the offsets that groups commit."""


@dataclass(frozen=True, slots=True)
class Right:
    """One operation on one kind of resource, as Kafka's access rules have it."""

    operation: str
    """`Create`, `Read` …"""
    resource: str
    """`topic`, `group`, `transactional-id` or `cluster`."""
    name: str = ""
    """A name, or a prefix that ends in `*`; empty for the cluster."""

    def __str__(self) -> str:
        if self.resource == "cluster":
            return f"{self.operation} on the cluster"
        return f"{self.operation} on {self.resource} {self.name}"

    def rule(self, user: str) -> str:
        """The command by which an administrator gives it."""
        where = f"--{self.resource} {self.name}" if self.name else "--cluster"
        if self.name.endswith("*"):
            where = f"--{self.resource} {self.name[:-1]} --resource-pattern-type prefixed"
        return f"kafka-acls --add --allow-principal User:{user} --operation {self.operation} {where}"


NAMES = f"{PREFIX}-*"
EVERY = (
    *(Right(operation, "topic", NAMES) for operation in ("Create", "Delete", "Describe", "Read", "Write")),
    *(Right(operation, "group", NAMES) for operation in ("Read", "Describe", "Delete")),
)
"""Rights that any lab needs."""


@dataclass(frozen=True, slots=True)
class AtMost:
    """A broker setting that must not be above a number, because a lab counts on it."""

    setting: str
    most: int
    why: str
    """What the lab could not do otherwise, as a clause after `because`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a lab needs of a cluster beyond topics and groups of its own."""

    brokers: int = 1
    kills: bool = False
    """Whether it kills a broker."""
    settings: tuple[AtMost, ...] = ()
    rights: tuple[Right, ...] = ()
    """On top of those that every lab needs."""
    plain: bool = False
    """Whether a client reaches a broker through a port of the lab's own, where neither TLS nor a login gets through."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found out about a cluster."""

    version: str = ""
    """Of Kafka; empty where it is not known."""
    brokers: int = 3
    can_kill: bool = True
    """Whether its brokers can be killed and started again from here."""
    settings: Mapping[str, str] | None = None
    """What its brokers are set to; None where it was started for the lab, or does not tell."""
    own: bool = True
    """Whether it was started for labs, with the settings that they count on."""
    missing: tuple[Right, ...] = ()
    """Rights that were looked for and are not there."""
    secured: bool = False
    """Whether clients need TLS or a login."""


EVERYTHING = Capabilities()
"""A cluster that was started for a lab."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a lab can run on a cluster."""

    cannot: tuple[str, ...] = ()
    """Why not, a sentence each; empty: it can."""
    doubts: tuple[str, ...] = ()
    """What could not be found out, a sentence each."""
    rights: tuple[Right, ...] = field(default=())
    """Those of the reasons that are missing rights."""


def judge(needs: Needs, found: Capabilities) -> Verdict:
    """Compare."""
    if found.own:
        return Verdict()
    rights = tuple(right for right in (*EVERY, *needs.rights) if right in found.missing)
    cannot = [*_brokers(needs, found), *_plain(needs, found), *(f"You have no right to {right}." for right in rights)]
    doubts = []
    for limit in needs.settings:
        value = _number((found.settings or {}).get(limit.setting))
        if value is None:
            doubts.append(
                f"Its brokers do not tell {limit.setting}; above {limit.most} the lab fails, {_because(limit)}"
            )
        elif value > limit.most:
            cannot.append(
                f"Its brokers have {limit.setting}={value}, and the lab needs {limit.most} at most, {_because(limit)}"
            )
    return Verdict(tuple(cannot), tuple(doubts), rights)


def _brokers(needs: Needs, found: Capabilities) -> list[str]:
    told = []
    if needs.kills and not found.can_kill:
        told.append("It kills a broker with SIGKILL, and brokers of a cluster of yours are not touched.")
    if found.brokers < needs.brokers:
        have = f"{found.brokers} broker{'s' if found.brokers != 1 else ''}"
        told.append(f"It needs {needs.brokers} brokers, and the cluster has {have}.")
    return told


def _plain(needs: Needs, found: Capabilities) -> list[str]:
    if needs.plain and found.secured:
        return ["It starts Java consumers behind a port of its own, which lets through neither TLS nor a login."]
    return []


def _because(limit: AtMost) -> str:
    return f"because {limit.why}."


def _number(value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        return None
