"""`sasl.jaas.config`: a login module and its options, as Java writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labs.errors import BadClusterSettings

_TOKEN = re.compile(
    r"""\s*(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<mark>[=;])|(?P<bare>[^\s=;"']+))"""
)
_ESCAPE = re.compile(r"\\(.)")
EXAMPLE = 'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="…" password="…";'


@dataclass(frozen=True, slots=True)
class Login:
    """One login module."""

    module: str
    """The name of its class, without the package."""
    options: Mapping[str, str] = field(repr=False)


def parse(text: str) -> Login:
    """The login in a configuration. Raises BadClusterSettings, which repeats nothing of it."""
    tokens = _tokens(text)
    if len(tokens) < 3 or tokens[-1] != (";", True):
        raise _wrong("It has to be a class, a word such as `required`, options, and a semicolon at the end.")
    (module, _), (flag, _), *rest = tokens[:-1]
    if (";", True) in rest:
        raise _wrong("It names more than one login module.")
    if flag.lower() not in ("required", "requisite", "sufficient", "optional"):
        raise _wrong("The word after the class must be `required`.")
    return Login(module.rpartition(".")[2], _options(rest))


def _options(tokens: list[tuple[str, bool]]) -> dict[str, str]:
    found = {}
    if len(tokens) % 3:
        raise _wrong('An option has no value, or a value has no quotes: name="value".')
    for at in range(0, len(tokens), 3):
        (name, _), equals, (value, is_mark) = tokens[at : at + 3]
        if equals != ("=", True) or is_mark:
            raise _wrong('An option has no value, or a value has no quotes: name="value".')
        found[name] = value
    return found


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Each token, and whether it is a mark (`=` or `;`)."""
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong("A quotation mark is not closed.")
        quoted = match["double"] if match["double"] is not None else match["single"]
        if quoted is not None:
            found.append((_ESCAPE.sub(r"\1", quoted), False))
        else:
            found.append((match["mark"] or match["bare"], match["mark"] is not None))
        at = match.end()
    return found


def _wrong(cause: str) -> BadClusterSettings:
    return BadClusterSettings("sasl.jaas.config cannot be read", cause, EXAMPLE)
