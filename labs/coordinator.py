"""Why groups were rebalanced, in the words of the broker's own log, where that is on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from labs.contract import LabContext

_LINE = re.compile(r"Preparing to rebalance group (?P<group>\S+) .*\(reason: (?P<reason>.*)\)\. \(")
_IDS = re.compile(r"[^\s(]+-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LIST = re.compile(r"\(…(, …)*\)")


def reasons(ctx: LabContext, group: str) -> list[str]:
    """The reasons of a group's rebalances, in order; empty where no log can be read."""
    found: list[str] = []
    for node in ctx.cluster.nodes:
        if node.log_file is not None:
            try:
                with node.log_file.open(encoding="utf-8", errors="replace") as lines:
                    found += parse(lines, group)
            except OSError:
                continue
    return found


def parse(lines: Iterable[str], group: str) -> list[str]:
    """The reasons of a group's rebalances in the lines of a log, without the long ids of members."""
    matches = (_LINE.search(line) for line in lines)
    return [
        _LIST.sub("…", _IDS.sub("…", match["reason"])).rstrip(".")
        for match in matches
        if match and match["group"] == group
    ]
