"""Wide tables of Kafka's tools made to fit a narrow window: columns of the same words in every row are told once."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TITLE = re.compile(r"[#(]?[A-Z][A-Z0-9()#_-]*\)?")
MIN_COLUMNS = 4


def is_header(line: str) -> bool:
    """Whether a line is a row of column titles, as `GROUP TOPIC PARTITION LAG`."""
    cells = line.split()
    return len(cells) >= MIN_COLUMNS and all(_TITLE.fullmatch(cell) for cell in cells)


def is_row(line: str, header: str) -> bool:
    """Whether a line belongs to the table of a header."""
    return len(line.split()) == len(header.split())


def fitted(lines: Sequence[str], width: int) -> list[str]:
    """A table (its header first) within a width; unchanged where it fits already, or where nothing can be told once."""
    if len(lines) < 2 or max(len(line.rstrip()) for line in lines) <= width:
        return list(lines)
    columns = list(zip(*(line.split() for line in lines), strict=True))
    same = [column for column in columns if len(set(column[1:])) == 1 and not column[1].isdigit()]
    rest = [column for column in columns if column not in same]
    if not rest:
        return list(lines)
    told = [f"{column[0]} {column[1]}" for column in same if column[1] != "-"]
    empty = [column[0] for column in same if column[1] == "-"]
    told += [f"no {', '.join(empty)}"] if empty else []
    widths = [max(map(len, column)) for column in rest]
    rows = [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)) for row in zip(*rest, strict=True)
    ]
    return [f"({' · '.join(told)} in every row)", *(row.rstrip() for row in rows)] if told else list(lines)
