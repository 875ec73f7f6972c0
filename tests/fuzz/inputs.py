"""What is fed in: bytes and text of every kind, and real files with pieces changed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

NASTY = (
    "\x00",
    "\x1b[2J",
    "\x1b]52;c;cm0=\x07",
    "\u202e",
    "\ud800",
    "\ufeff",
    "[" * 3000,
    "- " * 3000,
    "{a: " * 1000,
    "&a [*a]",
    "&a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]",
    "<<: {a: 1}",
    "!!python/object/apply:os.system [id]",
    "!!binary aGVsbG8=",
    "2026-99-99",
    "1e999",
    "0x" + "f" * 5000,
    "9" * 5000,
    "-9223372036854775809",
    "NaN",
    "null",
    "---",
    "...",
    "%YAML 9.9",
    "\t",
    "\\",
    "\\u0000",
    "\\x1b[31m",
    '"',
    "'",
    ": ",
    "#",
    "[@click=app.quit]x[/]",
    "TODO",
    "../../../etc/passwd",
    "é" * 300,
    "🧦" * 300,
    "word " * 2000,
)


@functools.cache
def texts() -> st.SearchStrategy[str]:
    """Text, halves of surrogate pairs included."""
    anything = st.text(st.characters(exclude_categories=()), max_size=400)
    return st.one_of(anything, st.sampled_from(NASTY), st.lists(st.sampled_from(NASTY), max_size=6).map("".join))


@functools.cache
def raw() -> st.SearchStrategy[bytes]:
    """Bytes that may be no text at all."""
    return st.one_of(st.binary(max_size=400), texts().map(lambda text: text.encode("utf-8", "surrogatepass")))


@functools.cache
def values() -> st.SearchStrategy[Any]:
    """What JSON and YAML can hold."""
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts())
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4), max_leaves=12
    )


_PLACES = st.integers(0, 1_000_000)
_TIMES = st.integers(0, 5)
_LENGTHS = st.integers(0, 60)
_KINDS = st.sampled_from(("replace", "remove", "double", "move"))


@st.composite
def changed(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A real file with up to five pieces replaced, removed, doubled or moved."""
    data = bytearray(seeds[draw(_PLACES) % len(seeds)])
    for _ in range(draw(_TIMES)):
        start = draw(_PLACES) % (len(data) + 1)
        end = min(start + draw(_LENGTHS), len(data))
        piece = bytes(data[start:end])
        kind = draw(_KINDS)
        if kind == "replace":
            data[start:end] = draw(raw())
        elif kind == "remove":
            del data[start:end]
        elif kind == "double":
            data[start:start] = piece * (1 + draw(_LENGTHS))
        else:
            del data[start:end]
            place = draw(_PLACES) % (len(data) + 1)
            data[place:place] = piece
    return bytes(data)


def files(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Mostly changed real ones, sometimes anything."""
    return st.one_of(changed(seeds), changed(seeds), changed(seeds), raw())
