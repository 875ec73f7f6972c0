"""Live plots: one for each unit, two at most. Each series has its own mark, so that it is read without colour."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static
from textual_plotext import PlotextPlot

from labs.contract import Sample

MARKS = "●x+o*#%@=&"
COLOURS = ("blue+", "orange", "green+", "magenta+", "red+", "cyan+")
REDRAW_SECONDS = 0.25
MAX_POINTS = 600
"""A series is thinned by half where it grows longer; no terminal is that wide."""
MAX_PLOTS = 2


class Series:
    """The points of one line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at: list[float] = []
        self.values: list[float] = []

    def add(self, sample: Sample) -> None:
        """Take a point."""
        self.at.append(sample.at)
        self.values.append(sample.value)
        if len(self.at) > MAX_POINTS:
            self.at = self.at[::2]
            self.values = self.values[::2]


class LivePlot(Vertical):
    """All series of one unit, with a legend that shows marks and latest values."""

    def __init__(self, unit: str) -> None:
        super().__init__(classes="live-plot")
        self.unit = unit
        self._series: dict[str, Series] = {}
        self._redraw_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Plot and legend."""
        yield PlotextPlot()
        yield Static("", classes="live-legend", markup=False)

    def add(self, samples: Sequence[Sample]) -> None:
        """Take points; they are drawn a moment later, together."""
        for sample in samples:
            self._series.setdefault(sample.series, Series(sample.series)).add(sample)
        if self._redraw_timer is None:
            self._redraw_timer = self.set_timer(REDRAW_SECONDS, self._redraw)

    def _redraw(self) -> None:
        self._redraw_timer = None
        widget = self.query_one(PlotextPlot)
        plot = widget.plt
        plot.clear_data()
        plot.title(f"{self.unit or 'values'}, over seconds")
        legend = []
        for index, series in enumerate(self._series.values()):
            mark = MARKS[index % len(MARKS)]
            plot.plot(series.at, series.values, marker=mark, color=COLOURS[index % len(COLOURS)])
            legend.append(f"{mark} {series.name} {series.values[-1]:,.4g}")
        self.query_one(".live-legend", Static).update("   ".join(legend))
        widget.refresh()


class LivePlots(Horizontal):
    """Plots appear with the first sample of a unit."""

    def __init__(self) -> None:
        super().__init__(id="live-plots")
        self._plots: dict[str, LivePlot] = {}

    def add(self, samples: Sequence[Sample]) -> None:
        """Sort samples to their plots; units beyond the second join the last plot."""
        by_unit: dict[str, list[Sample]] = {}
        for sample in samples:
            by_unit.setdefault(sample.unit, []).append(sample)
        for unit, group in by_unit.items():
            self.display = True
            plot = self._plots.get(unit) or self._new(unit)
            plot.add(group)

    def _new(self, unit: str) -> LivePlot:
        if len(self._plots) >= MAX_PLOTS:
            plot = list(self._plots.values())[-1]
        else:
            plot = LivePlot(unit)
            self.mount(plot)
        self._plots[unit] = plot
        return plot

    async def clear(self) -> None:
        """A new run begins."""
        self._plots.clear()
        await self.remove_children()
