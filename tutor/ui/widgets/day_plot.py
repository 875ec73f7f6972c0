"""One value a day, as a plot that is read without colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from textual_plotext import PlotextPlot

LABELS = 4
"""Days that are named on the axis."""


class DayPlot(PlotextPlot):
    """Bars for counts, points for shares."""

    def show(self, title: str, days: Sequence[date], values: Sequence[float], *, top: float, bars: bool) -> None:
        """Draw. `top`: the end of the scale where no value is above it."""
        plot = self.plt
        plot.clear_data()
        plot.title(title)
        highest = math.ceil(max([top, *values]))
        plot.ylim(0, highest)
        plot.yticks([0.0, highest / 2, float(highest)], ["0", f"{highest / 2:g}", str(highest)])
        if days:
            at = [float((day - days[0]).days) for day in days]
            if bars:
                plot.bar(at, list(values), marker="█", width=0.6)
            else:
                plot.plot(at, list(values), marker="●")
            named = spaced(at)
            plot.xticks([at[index] for index in named], [f"{days[index]:%d %b}" for index in named])
        self.refresh()


def spaced(at: Sequence[float]) -> list[int]:
    """Which of ascending places are named: so far apart that no name is drawn over another one."""
    gap, named = (at[-1] - at[0]) / LABELS, [0]
    for index, place in enumerate(at):
        if index and place - at[named[-1]] >= max(gap, 1.0):
            named.append(index)
    return named
