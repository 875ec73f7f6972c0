"""One value a day, as a plot that is read without colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from textual_plotext import PlotextPlot

LABEL_WIDTH = 11
"""Cells for the name of a day: six for itself, the rest apart from the next. Plotext drops names that touch, any of them."""
LABELS = 4
"""Days that are named on the axis at most."""


class DayPlot(PlotextPlot):
    """Bars for counts, points for shares."""

    _days: Sequence[date] = ()

    def show(self, title: str, days: Sequence[date], values: Sequence[float], *, top: float, bars: bool) -> None:
        """Draw. `top`: the end of the scale where no value is above it."""
        plot, self._days = self.plt, days
        plot.clear_data()
        plot.title(title)
        highest = math.ceil(max([top, *values]))
        plot.ylim(0, highest)
        plot.yticks([0.0, highest / 2, float(highest)], ["0", f"{highest / 2:g}", str(highest)])
        if days:
            if bars:
                plot.bar(self._places(), list(values), marker="█", width=0.6)
            else:
                plot.plot(self._places(), list(values), marker="●")
        self._name_days()

    def on_resize(self) -> None:
        """There is room for more names, or for fewer."""
        self._name_days()

    def _name_days(self) -> None:
        if self._days:
            at = self._places()
            named = spaced(at, max(1, min(LABELS, self.size.width // LABEL_WIDTH)))
            self.plt.xticks([at[index] for index in named], [f"{self._days[index]:%d %b}" for index in named])
        self.refresh()

    def _places(self) -> list[float]:
        return [float((day - self._days[0]).days) for day in self._days]


def spaced(at: Sequence[float], labels: int = LABELS) -> list[int]:
    """Which of ascending places are named: so far apart that no name is drawn over another one."""
    gap, named = (at[-1] - at[0]) / labels, [0]
    for index, place in enumerate(at):
        if index and place - at[named[-1]] >= max(gap, 1.0):
            named.append(index)
    return named
