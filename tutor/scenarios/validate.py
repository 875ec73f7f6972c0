"""Every fault of a document against the schema, in words, with its line. Slow and thorough: used where decoding failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema

from tutor.scenarios.document import Document
from tutor.scenarios.faults import Fault, KeyPath
from tutor.scenarios.schema import schema

_Error = Any
"""A jsonschema ValidationError. Its stubs call every attribute possibly unset, and none is after a validation."""

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a map of keys",
    "string": "text",
}


def schema_faults(document: Document, reference: dict[str, Any]) -> Iterator[Fault]:
    """All faults, by line. `reference` is a schema that may point into the `$defs` of the packs' schema."""
    validator = jsonschema.Draft202012Validator({**reference, "$defs": schema()["$defs"]})
    faults: list[Fault] = []
    for error in validator.iter_errors(document.value):
        path: KeyPath = tuple(error.absolute_path)
        faults.extend(document.fault((*path, *extra), message) for extra, message in _describe(error))
    yield from sorted(set(faults), key=lambda fault: (fault.line, fault.key))


Lines = list[tuple[KeyPath, str]]


def _describe(error: _Error) -> Lines:
    describe = _DESCRIBERS.get(str(error.validator))
    return describe(error) if describe else [((), str(error.message))]


def _required(error: _Error) -> Lines:
    missing = [key for key in error.validator_value if key not in error.instance]
    return [((key,), "the key is missing") for key in missing]


def _unknown(error: _Error) -> Lines:
    from rapidfuzz import process

    known = list(error.schema.get("properties", ()))
    lines: Lines = []
    for key in error.instance:
        if key not in known:
            near = process.extractOne(key, known, score_cutoff=60)
            lines.append(((key,), "unknown key" + (f": is {near[0]!r} meant?" if near else "")))
    return lines


def _type(error: _Error) -> Lines:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return [((), f"must be {' or '.join(_TYPES[name] for name in wanted)}, and is {_shown(error.instance)}")]


def _any_of(error: _Error) -> Lines:
    wanted = [_TYPES.get(choice.get("type", ""), "another value") for choice in error.validator_value]
    return [((), f"must be {' or '.join(wanted)}, and is {_shown(error.instance)}")]


def _enum(error: _Error) -> Lines:
    return [((), f"must be one of {', '.join(map(str, error.validator_value))}, and is {_shown(error.instance)}")]


def _pattern(error: _Error) -> Lines:
    what = str(error.schema.get("description", "")).rstrip(".")
    return [((), f"{_shown(error.instance)} has the wrong form{f' ({what})' if what else ''}")]


def _limit(words: str) -> Callable[[_Error], Lines]:
    return lambda error: [((), words.format(limit=error.validator_value, shown=_shown(error.instance)))]


def _min_length(error: _Error) -> Lines:
    return [((), "must not be empty")]


_DESCRIBERS: dict[str, Callable[[_Error], Lines]] = {
    "required": _required,
    "additionalProperties": _unknown,
    "type": _type,
    "anyOf": _any_of,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _limit("must be {limit} or more, and is {shown}"),
    "maximum": _limit("must be {limit} or less, and is {shown}"),
    "minLength": _min_length,
    "maxLength": _limit("must have {limit} characters or fewer"),
    "minItems": _limit("must have {limit} entries or more"),
    "maxItems": _limit("must have {limit} entries or fewer"),
    "items": _limit("has too many entries"),
}


def _shown(value: Any) -> str:
    """A short, printable form of a value found."""
    if isinstance(value, dict | list):
        return _TYPES["object" if isinstance(value, dict) else "array"]
    if value is None:
        return "null (nothing is there)"
    text = re.sub(r"\s+", " ", str(value))
    return repr(text[:40] + "…") if len(text) > 40 else repr(text) if isinstance(value, str) else text
