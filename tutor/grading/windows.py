"""Stretches of an answer that can make one claim, with their place in the answer as typed.

Units are sentences, bullets, headings and lines of code. Windows are units, clauses of long units, and runs of
neighbouring units: a claim is often spread over 'It does not: …' and its reason, or over a heading and its bullets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from tutor.grading.normalise import plain
from tutor.grading.types import Span

UnitKind = Literal["sentence", "bullet", "heading", "code"]
WindowKind = Literal["unit", "clause", "pair", "run", "headed", "list"]

PAIR_WORDS = 70
"""Longest pair of neighbours, in words."""
RUN_WORDS = 90
"""Longest run of three or four units and longest list with its heading, in words (about 176 tokens)."""
LONG_SENTENCE = 28
"""Sentences with more words than this are split into clauses too."""
CLAUSE_WORDS = 5
"""Shortest clause, in words."""
WRAP_COLUMNS = 50
"""A line at least this long that ends without a stop goes on in the next line."""


class Unit(msgspec.Struct, frozen=True):
    """A sentence, bullet, heading or line of code: `answer[start:end]`."""

    start: int
    end: int
    text: str
    """As the model reads it."""
    kind: UnitKind
    heading: int | None = None
    """Index of the unit that stands over this bullet."""
    block: int = 0
    """Number of the paragraph it stands in."""

    @property
    def words(self) -> int:
        """Number of words."""
        return len(self.text.split())


class Window(msgspec.Struct, frozen=True):
    """Units, or a part of one, read together."""

    text: str
    spans: tuple[Span, ...]
    """Where it stands in the answer; two where a heading is apart from its bullet."""
    units: tuple[int, ...]
    """Indices of the units it is made of."""
    kind: WindowKind


class _Block(msgspec.Struct, frozen=True):
    start: int
    end: int
    kind: UnitKind


_LINE = re.compile(r"[^\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_FENCE = re.compile(r"\s*(?:```|~~~)(?!.*```\s*\S)")
_BULLET = re.compile(r"\s*(?:[-*•‣▪·–—+]|\(?\d{1,2}[.)]|\(?[a-hA-H]\)|[>|](?=\s))\s+(?=\S)|\s*[-*•‣▪·](?=[A-Za-z*_`])")
_HEADING = re.compile(r"\s*#{1,6}\s+|\s*\*\*[^*]+\*\*:?\s*$|\s*__[^_]+__:?\s*$")
_ENDS_SENTENCE = re.compile(r"[.!?:;…][\"'”’)\]`*_]*\s*$")
_STARTS_LOWER = re.compile(r"\s*[a-z(\"'`]")
_STOP = re.compile(r"[.!?…]+[\"'”’)\]`*_]*\s+(?=[A-Za-z0-9\"'“‘(`*\[_])|;\s+|[。！？]\s*|\s+[→⇒]\s+(?=[A-Z])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|cf|resp|incl|excl|max|min|no|nr|fig|sec|ca|ver|dept|mr|ms|dr|st|a\.k\.a)|\b[A-Za-z])\.$",
    re.I,
)
_CLAUSE = re.compile(
    r",\s+|\s+(?=(?:but|because|so|while|whereas|which|since)\s)|:\s+|\s[-–—]+\s|—|\s+(?:->|=>|→)\s+|\s+\((?=\w)"
)
_WORD = re.compile(r"\S+")


def units(answer: str) -> list[Unit]:
    """The answer's sentences, bullets, headings and lines of code, in order."""
    found: list[Unit] = []
    for number, block in enumerate(_blocks(answer)):
        heading = _heading_of(found) if block.kind == "bullet" else None
        for start, end in _split(answer, block):
            text = plain(answer[start:end])
            if text and any(char.isalnum() for char in text):
                found.append(Unit(start, end, text, block.kind, heading, number))
    return found


def windows(answer_units: Sequence[Unit], *, runs: bool = True) -> list[Window]:
    """All windows, without repetitions. Without `runs`: units, clauses, pairs and headed bullets only."""
    made = [*_singles(answer_units), *_pairs(answer_units), *_headed(answer_units), *_clauses(answer_units)]
    if runs:
        made += [*_runs(answer_units), *_lists(answer_units)]
    seen: set[str] = set()
    return [window for window in made if not (window.text in seen or seen.add(window.text))]  # type: ignore[func-returns-value]


def _blocks(answer: str) -> Iterator[_Block]:
    """Lines, with wrapped lines put together again."""
    pending: _Block | None = None
    for block, new_paragraph in _line_blocks(answer):
        if pending and not new_paragraph and _goes_on(answer, pending, block):
            pending = _Block(pending.start, block.end, pending.kind)
            continue
        if pending:
            yield pending
        pending = block
    if pending:
        yield pending


def _line_blocks(answer: str) -> Iterator[tuple[_Block, bool]]:
    """Every line that holds text, and whether an empty line or a fence stood before it."""
    fenced = False
    gap = True
    for start, end in _lines(answer):
        line = answer[start:end]
        if _FENCE.match(line) and not line.strip().strip("`~").strip().count(" "):
            fenced, gap = not fenced, True
        elif not line.strip():
            gap = True
        else:
            yield _line_block(line, start, end, fenced), gap or fenced
            gap = fenced


def _lines(answer: str) -> Iterator[tuple[int, int]]:
    position = 0
    for match in _BREAK.finditer(answer):
        yield position, match.start()
        position = match.end()
    yield position, len(answer)


def _line_block(line: str, start: int, end: int, fenced: bool) -> _Block:
    if fenced:
        return _Block(start, end, "code")
    marker = _BULLET.match(line)
    if marker:
        return _Block(start + marker.end(), end, "bullet")
    heading = _HEADING.match(line)
    if heading:
        skip = heading.end() if heading.group(0).lstrip().startswith("#") else 0
        return _Block(start + skip, end, "heading")
    return _Block(start, end, "heading" if line.rstrip().endswith(":") and len(line.split()) <= 14 else "sentence")


def _goes_on(answer: str, before: _Block, line: _Block) -> bool:
    """Whether the line is the rest of a wrapped one."""
    if line.kind not in ("sentence", "heading") or before.kind not in ("sentence", "bullet"):
        return False
    text = answer[before.start : before.end]
    last = text.splitlines()[-1]
    open_end = not _ENDS_SENTENCE.search(text)
    return open_end and len(last) >= WRAP_COLUMNS and bool(_STARTS_LOWER.match(answer[line.start : line.end]))


def _heading_of(found: Sequence[Unit]) -> int | None:
    """Index of the unit over the bullet that comes next: that of the bullet before it, or the last unit itself."""
    if not found:
        return None
    last = found[-1]
    if last.kind == "bullet":
        return last.heading
    return len(found) - 1 if last.kind in ("heading", "sentence") else None


def _split(answer: str, block: _Block) -> Iterator[tuple[int, int]]:
    """The sentences of a block; code stays whole lines."""
    text = answer[block.start : block.end]
    start = 0
    if block.kind != "code":
        for match in _STOP.finditer(text):
            if _ABBREVIATION.search(text[: match.start() + 1]) and not _new_topic(text, match):
                continue
            yield _trimmed(answer, block.start + start, block.start + match.end())
            start = match.end()
    yield _trimmed(answer, block.start + start, block.end)


def _new_topic(text: str, match: re.Match[str]) -> bool:
    """After 'etc.' a capital starts a sentence; after 'e.g.' it does not."""
    return text[: match.start()].lower().endswith("etc") and text[match.end() : match.end() + 1].isupper()


def _trimmed(answer: str, start: int, end: int) -> tuple[int, int]:
    while start < end and answer[start].isspace():
        start += 1
    while end > start and answer[end - 1].isspace():
        end -= 1
    return start, end


def _window(parts: Sequence[Unit], indices: Iterable[int], kind: WindowKind) -> Window:
    return Window(" ".join(part.text for part in parts), _joined(parts), tuple(indices), kind)


def _joined(parts: Sequence[Unit]) -> tuple[Span, ...]:
    """One span over units that follow each other."""
    return (Span(parts[0].start, parts[-1].end),)


def _singles(found: Sequence[Unit]) -> list[Window]:
    made = [_window([unit], [index], "unit") for index, unit in enumerate(found) if unit.words >= 2]
    return made or [_window([unit], [index], "unit") for index, unit in enumerate(found)]


def _pairs(found: Sequence[Unit]) -> Iterator[Window]:
    for index in range(len(found) - 1):
        two = found[index : index + 2]
        if two[0].words + two[1].words <= PAIR_WORDS:
            yield _window(two, (index, index + 1), "pair")


def _headed(found: Sequence[Unit]) -> Iterator[Window]:
    """Every bullet with its heading (the first one is a pair already)."""
    for index, unit in enumerate(found):
        over = unit.heading
        if over is not None and over < index - 1 and found[over].words + unit.words <= PAIR_WORDS:
            spans = (Span(found[over].start, found[over].end), Span(unit.start, unit.end))
            yield Window(f"{found[over].text} {unit.text}", spans, (over, index), "headed")


def _clauses(found: Sequence[Unit]) -> Iterator[Window]:
    for index, unit in enumerate(found):
        if unit.words > LONG_SENTENCE and unit.kind != "code":
            yield from _clauses_of(unit, index)


def _clauses_of(unit: Unit, index: int) -> Iterator[Window]:
    parts = [part for part in _CLAUSE.split(unit.text) if len(part.split()) >= CLAUSE_WORDS]
    if len(parts) > 1:
        for part in parts:
            yield Window(part.strip(), (Span(unit.start, unit.end),), (index,), "clause")


def _runs(found: Sequence[Unit]) -> Iterator[Window]:
    for size in (3, 4):
        for index in range(len(found) - size + 1):
            several = found[index : index + size]
            if sum(unit.words for unit in several) <= RUN_WORDS:
                yield _window(several, range(index, index + size), "run")


def _lists(found: Sequence[Unit]) -> Iterator[Window]:
    """A heading with all its bullets."""
    heads = sorted({unit.heading for unit in found if unit.heading is not None})
    for head in heads:
        members = [index for index, unit in enumerate(found) if unit.heading == head]
        if len(members) > 3 and sum(found[i].words for i in (head, *members)) <= RUN_WORDS:
            yield _window([found[i] for i in (head, *members)], (head, *members), "list")
