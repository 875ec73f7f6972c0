"""Progress as a line."""

from __future__ import annotations

import io

import pytest

from labs.broker.interface import Progress
from tutor.first_run import ProgressLine, bar, share, status

MB = 1_000_000


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def download(done: int) -> Progress:
    return Progress("download", "Downloading Kafka", done, 44 * MB)


@pytest.mark.parametrize(("done", "total", "wanted"), [(0, 0, 0), (5, 0, 0), (5, 10, 0.5), (20, 10, 1), (-1, 10, 0)])
def test_share(done: int, total: int, wanted: float) -> None:
    assert share(Progress("train", "x", done, total)) == wanted


def test_status_is_one_safe_line() -> None:
    assert status(download(11 * MB)) == "Downloading Kafka: 11.0 MB of 44.0 MB (25%)"
    assert status(Progress("start", "Starting\x1b[2J\nKafka")) == "Starting␛[2J Kafka"


def test_bar_has_sizes_and_speed_for_downloads() -> None:
    assert bar(download(11 * MB), 5.2 * MB) == "[######------------------]  25%  11.0 MB of 44.0 MB  5.2 MB/s"
    assert bar(Progress("train", "Training", 3, 4)) == "[##################------]  75%"


def test_a_terminal_gets_one_line_painted_over() -> None:
    screen, ticks = Terminal(), Ticks()
    show = ProgressLine(screen, ticks)
    show(download(0))
    ticks.now += 2
    show(download(22 * MB))
    show(download(23 * MB))  # too soon to paint
    ticks.now += 2
    show(download(44 * MB))
    show(Progress("format", "Preparing Kafka's storage"))
    show.done()
    show.done()
    first, second, end = screen.getvalue().split("\n")
    assert first.count("\r") == 3 and "23.0 MB" not in first
    assert first.rsplit("\r")[-1].startswith(
        "Downloading Kafka  [########################] 100%  44.0 MB of 44.0 MB  11.0 MB/s"
    )
    assert second == "\rPreparing Kafka's storage" and end == ""


def test_a_shorter_line_wipes_what_a_longer_one_left() -> None:
    screen, ticks = Terminal(), Ticks()
    show = ProgressLine(screen, ticks)
    show(Progress("start", "a long message"))
    ticks.now += 1
    show(Progress("start", "short"))
    assert screen.getvalue() == "\ra long message\rshort         "


def test_elsewhere_whole_lines_one_a_tenth() -> None:
    log = io.StringIO()
    show = ProgressLine(log, Ticks())
    for done in range(45):
        show(download(done * MB))
    show(Progress("ready", "Kafka is ready"))
    lines = log.getvalue().splitlines()
    assert "\r" not in log.getvalue() and lines[-1] == "Kafka is ready"
    assert len(lines) <= 12 and lines[0] == "Downloading Kafka: 0 B of 44.0 MB (0%)"


def test_elsewhere_slow_downloads_show_every_tenth() -> None:
    log, ticks = io.StringIO(), Ticks()
    show = ProgressLine(log, ticks)
    for done in range(45):
        ticks.now += 1
        show(download(done * MB))
    assert len(log.getvalue().splitlines()) == 11
