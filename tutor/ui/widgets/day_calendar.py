"""Weeks as columns: what was done on the days behind, and what is due on those ahead. Read by its marks, not by colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from textual.content import Content
from textual.widgets import Static

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
BEHIND, AHEAD = 4, 3
"""Weeks shown before this one, and from this one on: as far as the forecast reaches from any weekday."""
LEGEND = "■ studied  3 cards due  [ ] today"


def cell(day: date, today: date, done: Collection[date], due: Mapping[date, int]) -> str:
    """Four columns for one day: `■`, `·`, a count, brackets around today; nothing past the last day of `due`."""
    if day > max(due, default=today):
        return "    "
    if day < today:
        return f" {'■' if day in done else '·':>2} "
    count = due.get(day, 0)
    text = "+" if count > 99 else str(count) if count else "·"
    return f"[{text:>2}]" if day == today else f" {text:>2} "


def grid(today: date, done: Collection[date], due: Mapping[date, int]) -> list[str]:
    """One line a weekday, and one that names the weeks by their Mondays."""
    first = today - timedelta(days=today.weekday(), weeks=BEHIND)
    mondays = [first + timedelta(weeks=week) for week in range(BEHIND + AHEAD)]
    rows = [
        f"{name}" + "".join(cell(monday + timedelta(days=number), today, done, due) for monday in mondays)
        for number, name in enumerate(DAYS)
    ]
    return ["wk" + "".join(f" {monday:%d} " for monday in mondays).rstrip(), *(row.rstrip() for row in rows)]


class DayCalendar(Static):
    """The last weeks and the next ones."""

    def show(self, today: date, done: Collection[date], due: Mapping[date, int]) -> None:
        """Draw."""
        lines = grid(today, done, due)
        self.update(
            Content.assemble((f"{lines[0]}\n", "$text-muted"), "\n".join(lines[1:]), (f"\n{LEGEND}", "$text-muted"))
        )
