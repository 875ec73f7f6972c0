"""The learner's `routing.yaml`: which system each kind of work goes to, and a proof for RabbitMQ. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

SYSTEMS = ("kafka", "rabbitmq")
WORK = ("order-events", "jobs", "notifications", "price-checks", "tax-corrections")
EXCHANGES = ("direct", "fanout", "topic", "headers")
MAILBOXES = ("germany", "urgent", "books-austria")
MAX_TEXT = 64_000
"""Characters of the file; the one that is handed out has 1,900."""
MAX_BRACKETS = 500
MAX_RULES = 20
MAX_KEY = 255
"""Bytes of a routing key in AMQP."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One binding of a mailbox's queue."""

    key: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """For a headers exchange."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the file says."""

    systems: Mapping[str, str]
    """Work → `kafka` or `rabbitmq`, as far as the file says so."""
    exchange: str = ""
    bindings: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    """Mailbox → its bindings."""
    faults: tuple[str, ...] = ()
    """Each a sentence."""


def parse(text: str) -> Plan:
    """The plan in a file. What is wrong with it is in `faults`; the rest can be used all the same."""
    if (
        len(text) > MAX_TEXT or text.count("[") + text.count("{") > MAX_BRACKETS
    ):  # what YAML costs grows with the square
        return Plan(
            {},
            faults=(f"this is no YAML that can be read: more than {MAX_TEXT:,} characters or {MAX_BRACKETS} brackets",),
        )
    try:
        return _plan(yaml.safe_load(text))
    except yaml.YAMLError as error:
        return Plan({}, faults=(_syntax(error),))
    except (ValueError, RecursionError) as error:  # 2026-99-99, a thousand brackets, a number of 5,000 digits
        return Plan({}, faults=(f"this is no YAML that can be read: {type(error).__name__}",))


def _plan(row: Any) -> Plan:
    if not isinstance(row, dict):
        return Plan({}, faults=("it needs the two parts `work:` and `proof:`",))
    faults = [_unknown("part", key, ("work", "proof")) for key in row if key not in ("work", "proof")]
    systems = _systems(row.get("work"), faults.append)
    exchange, bindings = _proof(row.get("proof"), faults.append)
    return Plan(systems, exchange, bindings, tuple(faults))


def _syntax(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark else f"this is no YAML: {problem}"


def _unknown(what: str, key: object, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(key), known, 1)
    return f"there is no {what} `{key}`" + (f"; did you mean {near[0]}?" if near else f"; there is {', '.join(known)}")


Tell = Callable[[str], None]


def _systems(row: Any, tell: Tell) -> dict[str, str]:
    if not isinstance(row, dict):
        tell("`work:` needs five lines, one for each kind of work")
        return {}
    found: dict[str, str] = {}
    for key, value in row.items():
        if key not in WORK:
            tell(_unknown("work", key, WORK))
        elif (system := _plain(value).lower()) in SYSTEMS:
            found[key] = system
        else:
            tell(f"{key} goes to `{_plain(value)}`; it must be kafka or rabbitmq")
    for name in WORK:
        if name not in row:
            tell(f"{name} is missing")
    return found


def _proof(row: Any, tell: Tell) -> tuple[str, dict[str, tuple[Rule, ...]]]:
    if not isinstance(row, dict):
        tell("`proof:` needs an exchange and bindings")
        return "", {}
    for key in row:
        if key not in ("exchange", "bindings"):
            tell(_unknown("line in `proof`", key, ("exchange", "bindings")))
    exchange = _plain(row.get("exchange")).lower()
    if exchange not in EXCHANGES:
        tell(f"the exchange is `{exchange}`; it must be {', '.join(EXCHANGES[:-1])} or {EXCHANGES[-1]}")
        exchange = ""
    return exchange, _bindings(row.get("bindings"), tell)


def _bindings(row: Any, tell: Tell) -> dict[str, tuple[Rule, ...]]:
    if not isinstance(row, dict):
        tell("`bindings:` needs a line for each mailbox")
        return {}
    found = {}
    for key, value in row.items():
        if key not in MAILBOXES:
            tell(_unknown("mailbox", key, MAILBOXES))
        elif value is None:
            tell(f"the mailbox {key} has no binding: # begins a comment unless it stands in quotes")
        else:
            found[key] = _rules(key, value, tell)
    for name in MAILBOXES:
        if name not in row:
            tell(f"the mailbox {name} is missing")
    return found


def _rules(mailbox: str, value: Any, tell: Tell) -> tuple[Rule, ...]:
    """One binding, or a list of them."""
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_RULES:
        tell(f"the mailbox {mailbox} has {len(items)} bindings; {MAX_RULES} are enough")
        return ()
    found = []
    for item in items:
        if isinstance(item, dict):
            found.append(Rule(arguments={str(key): _plain(wanted) for key, wanted in item.items()}))
        elif isinstance(item, (str, int, float)) and len(str(item).encode()) <= MAX_KEY:
            found.append(Rule(str(item)))
        else:
            tell(f"a binding of {mailbox} is neither a routing key nor headers")
    return tuple(found)


def _plain(value: Any) -> str:
    """A single value as text. Of anything nested only its kind: written out, aliases of aliases would fill the memory."""
    if value is None:
        return ""
    return str(value).strip()[:MAX_KEY] if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
