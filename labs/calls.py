"""What the log of a service tells: which events were handled, when, in what order, and how many calls were refused. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.commit_log import Commit

Event = tuple[str, int]
"""Customer and number: the first event of a customer has the number 1."""
SLACK_MS = 5
"""A commit may carry a time so much before the end of the work it follows: two processes, one clock, whole milliseconds."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call."""

    who: str
    id: str
    events: tuple[Event, ...]
    began: float
    """Seconds since the epoch."""
    done: float | None = None
    """None: not yet, or never."""


@dataclass(slots=True)
class Journal:
    """All that a service has written down so far, taken line by line."""

    calls: dict[str, Call] = field(default_factory=dict)
    """By id, in the order in which they began."""
    refused: Counter[str] = field(default_factory=Counter)
    """Calls that found no room, by caller."""
    steps: list[tuple[str, bool]] = field(default_factory=list)
    """Id of the call, and whether this was its end: in the order of the log."""

    def take(self, line: str) -> None:
        """Add a line."""
        row = json.loads(line)
        if row["do"] == "refused":
            self.refused[row["who"]] += 1
            return
        if row["do"] == "begin":
            events = tuple((customer, number) for customer, number in row["events"])
            self.calls[row["call"]] = Call(row["who"], row["call"], events, row["at"])
        else:
            self.calls[row["call"]] = replace(self.calls[row["call"]], done=row["at"])
        self.steps.append((row["call"], row["do"] == "done"))

    def of(self, *who: str) -> list[Call]:
        """The calls of these callers, in the order in which they began."""
        return [call for call in self.calls.values() if call.who in who]

    def handled(self, *who: str) -> dict[Event, float]:
        """When each event was first done by these callers."""
        found: dict[Event, float] = {}
        for call in self.of(*who):
            if call.done is not None:
                for event in call.events:
                    found[event] = min(call.done, found.get(event, call.done))
        return found

    def disordered(self, *who: str) -> set[str]:
        """Customers of whom an event was begun while another was under way, or before the one ahead of it was done.

        Going back is no disorder where everything is then repeated in order: so it is after a crash.
        """
        broken: set[str] = set()
        last: Counter[str] = Counter()
        open_calls: dict[str, Call] = {}
        for name, done in self.steps:
            call = self.calls[name]
            if call.who not in who:
                continue
            if done:
                open_calls.pop(name)
                continue
            busy = {customer for other in open_calls.values() if other.who == call.who for customer, _ in other.events}
            broken |= busy & {customer for customer, _ in call.events}
            broken |= _follow(call.events, last)
            open_calls[name] = call
        return broken


def _follow(events: Iterable[Event], last: Counter[str]) -> set[str]:
    """Move `last` along; the customers of whom an event was left out."""
    broken = set()
    for customer, number in events:
        if number > last[customer] + 1:
            broken.add(customer)
        last[customer] = number
    return broken


def overtaken(handled: Mapping[Event, float]) -> set[str]:
    """Customers of whom an event was done before an earlier one of theirs."""
    broken, latest = set(), dict[str, float]()
    for (customer, _), done in sorted(handled.items()):
        if done < latest.get(customer, done):
            broken.add(customer)
        latest[customer] = max(done, latest.get(customer, done))
    return broken


def rate(calls: Sequence[Call]) -> float:
    """Events a second, from the first call to the end of the last."""
    done = [call for call in calls if call.done is not None]
    if not done:
        return 0.0
    seconds = max(call.done or 0.0 for call in done) - calls[0].began
    return sum(len(call.events) for call in done) / max(seconds, 0.001)


Places = Mapping[Event, tuple[int, int]]
"""Where each event lies: partition and offset."""


def open_at(places: Places, handled: Mapping[Event, float], commit: Commit) -> list[Event]:
    """The events below a committed offset that were not done when it was committed."""
    if commit.offset is None:
        return []
    when = (commit.timestamp_ms + SLACK_MS) / 1000
    return [
        event
        for event, (partition, offset) in places.items()
        if partition == commit.partition and offset < commit.offset and handled.get(event, when + 1) > when
    ]


def ahead(places: Places, handled: Mapping[Event, float], commits: Iterable[Commit]) -> set[Event]:
    """All events that some commit counted as done before they were."""
    return {event for commit in commits for event in open_at(places, handled, commit)}


def uncovered(places: Places, handled: Mapping[Event, float], committed: Mapping[int, int | None]) -> set[Event]:
    """The events below the committed offsets that have not been done."""
    return {
        event
        for event, (partition, offset) in places.items()
        if offset < (committed.get(partition) or 0) and event not in handled
    }


def most_at_once(calls: Sequence[Call]) -> int:
    """How many calls were under way at the same time, at the most."""
    begun = [(call.began, 1) for call in calls if call.done is not None]
    ended = [(call.done, -1) for call in calls if call.done is not None]
    now = most = 0
    for _, change in sorted([*begun, *ended]):  # at the same moment ends come first
        now += change
        most = max(most, now)
    return most
