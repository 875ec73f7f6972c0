"""Java's `.properties` files; of a producer's, as a learner writes it, also what is wrong with it. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_INT = 2**31 - 1
MAX_LONG = 2**63 - 1
MOST_DIGITS = 100
"""Python refuses to read numbers of thousands of digits."""
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")

Complaint = Callable[[str], str]
"""What a value must be; empty where it is that."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file sets."""

    values: Mapping[str, str]
    faults: tuple[str, ...] = ()
    """Each a sentence, with its line."""


def parse(text: str) -> Settings:
    """The settings in a file, in Java's format: the last of several lines for one setting counts."""
    values: dict[str, str] = {}
    faults: list[str] = []
    for number, line in _logical_lines(text):
        key, value = _split(line)
        complaint = _complaint(key, value)
        if complaint:
            faults.append(f"line {number}: {complaint}")
        elif key in values:
            faults.append(f"line {number}: {key} is set a second time; keep one of the two lines")
        values[key] = value
    return Settings(values, tuple(faults))


def pairs(text: str) -> list[tuple[str, str]]:
    """Every key and value in a file, as Java reads them: the escapes undone."""
    return [(_unescaped(key), _unescaped(value)) for key, value in (_split(line) for _, line in _logical_lines(text))]


_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def _unescaped(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) == 5 else _CONTROL.get(code, code)

    return _ESCAPE.sub(char, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def durable(values: Mapping[str, str]) -> bool:
    """Whether a write counts only once all in-sync replicas have it. That is Kafka's default."""
    return values.get("acks", "all") in ("all", "-1")


# --- lines -----------------------------------------------------------------------------------------------------------


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """(number of its first line, text) of every line that is no comment, continued lines joined."""
    found: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if begun is None and (not line or line[0] in "#!"):
            continue
        first, before = begun or (number, "")
        if _continues(line):
            begun = (first, before + line[:-1])
        else:
            found.append((first, before + line))
            begun = None
    return [*found, begun] if begun and begun[1] else found


def _continues(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _split(line: str) -> tuple[str, str]:
    """Key and value: the first `=`, `:` or space ends the key, as java.util.Properties has it."""
    match = re.match(r"(?P<key>[^=:\s]*)\s*[=:]?\s*(?P<value>.*)", line, re.DOTALL)
    return (match["key"], match["value"].strip()) if match else (line, "")


# --- values ----------------------------------------------------------------------------------------------------------


def _whole(low: int, high: int = MAX_INT) -> Complaint:
    def complaint(value: str) -> str:
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            return "a whole number, without a unit"
        if len(value) > MOST_DIGITS:
            return f"between {low:,} and {high:,}"
        return "" if low <= int(value) <= high else f"at least {low:,}" if int(value) < low else f"at most {high:,}"

    return complaint


def _one_of(*allowed: str) -> Complaint:
    return lambda value: "" if value in allowed else f"one of {', '.join(allowed)}"


def _truth(value: str) -> str:
    return "" if value.lower() in ("true", "false") else "true or false"


def _anything(_: str) -> str:
    return ""


KNOWN: Mapping[str, Complaint] = {
    "acks": _one_of("all", "-1", "0", "1"),
    "batch.size": _whole(0),
    "buffer.memory": _whole(0, MAX_LONG),
    "client.id": _anything,
    "compression.type": _one_of(*CODECS),
    "compression.gzip.level": _whole(-1, 9),
    "compression.lz4.level": _whole(1, 17),
    "compression.zstd.level": _whole(-131072, 22),
    "connections.max.idle.ms": _whole(-1, MAX_LONG),
    "delivery.timeout.ms": _whole(0),
    "enable.idempotence": _truth,
    "linger.ms": _whole(0, MAX_LONG),
    "max.block.ms": _whole(0, MAX_LONG),
    "max.in.flight.requests.per.connection": _whole(1),
    "max.request.size": _whole(0),
    "metadata.max.age.ms": _whole(0, MAX_LONG),
    "metadata.max.idle.ms": _whole(5000, MAX_LONG),
    "partitioner.adaptive.partitioning.enable": _truth,
    "partitioner.availability.timeout.ms": _whole(0, MAX_LONG),
    "partitioner.ignore.keys": _truth,
    "receive.buffer.bytes": _whole(-1),
    "reconnect.backoff.ms": _whole(0, MAX_LONG),
    "reconnect.backoff.max.ms": _whole(0, MAX_LONG),
    "request.timeout.ms": _whole(0),
    "retries": _whole(0),
    "retry.backoff.ms": _whole(0, MAX_LONG),
    "retry.backoff.max.ms": _whole(0, MAX_LONG),
    "send.buffer.bytes": _whole(-1),
    "socket.connection.setup.timeout.ms": _whole(0, MAX_LONG),
    "socket.connection.setup.timeout.max.ms": _whole(0, MAX_LONG),
}
"""The settings of a producer that have to do with speed and safety, and what their values must be."""
OURS = ("bootstrap.servers", "key.serializer", "value.serializer", "transactional.id")
"""The load sets these itself."""


def _complaint(key: str, value: str) -> str:
    if key in OURS:
        return f"{key} is set by the load itself; remove the line"
    if key not in KNOWN:
        near = difflib.get_close_matches(key, KNOWN, 1)
        return f"`{key}` is no setting of a producer" + (f"; did you mean {near[0]}?" if near else "")
    must = KNOWN[key](value)
    return f"{key} must be {must}, not `{value}`" if must else ""
