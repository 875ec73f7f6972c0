"""Grades of mock interviews beside the learner's own marks, as a plot that is read without colour."""

from __future__ import annotations

from collections.abc import Sequence

from textual_plotext import PlotextPlot

SHOWN = 12
"""So many of the last mock interviews."""
TOP = 10.0


class MarkPlot(PlotextPlot):
    """Two points for each interview: how far apart they are is how well the learner judges the own answers."""

    def show(self, marks: Sequence[tuple[float, float | None]]) -> None:
        """Draw grade and own mark, both 0 to 10, oldest first. An interview without own marks has one point."""
        plot, shown = self.plt, list(marks)[-SHOWN:]
        first = len(marks) - len(shown) + 1
        plot.clear_data()
        plot.title("mocks: ● grade  ○ your mark" if marks else "grade and your mark: no mock yet")
        plot.ylim(0, TOP)
        plot.yticks([0.0, TOP / 2, TOP], ["0", "5", "10"])
        at = [float(first + count) for count in range(len(shown))]
        plot.xlim(first - 1, first + max(len(shown), 1))
        plot.xticks(at, [str(int(place)) for place in at])
        if shown:
            plot.scatter(at, [grade for grade, _ in shown], marker="●")
        own = [(place, mark) for place, (_, mark) in zip(at, shown, strict=True) if mark is not None]
        if own:
            plot.scatter([place for place, _ in own], [mark for _, mark in own], marker="○")
        self.refresh()
