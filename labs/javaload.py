"""Loads that Kafka's own Java tools write: how fast with given settings, and which records were acknowledged."""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labs.contract import StopToken
from labs.errors import LearnerError
from labs.tools import ToolRunner
from labs.waits import SLICE, StopFlag

INTERVAL_MS = 100
WARM = 0.4
"""Seconds of acknowledgements that do not count: Java compiles what it runs often."""
FEWEST = 4
"""Intervals to be measured at least."""
RECENT = 8
LONGER = 5
"""Times the usual time for a pace that is near the one that is wanted."""
PATIENCE = 15.0
"""Seconds in which a load must have shown its pace, its start included."""
PLENTY = 10_000_000
_WINDOW = re.compile(r"(\d+) records sent, ([\d.]+) records/sec \(.*max latency\.$")
_NOISE = re.compile(r"\s+at |^\[|^SLF4J|^\s*$")
"""Stack frames and log lines around an error."""


class _EnoughError(LearnerError):
    """The load has shown its pace."""


@dataclass(slots=True)
class _Pace:
    """A StopToken that ends the tool once it has shown its pace, and what it has shown."""

    stop: StopToken
    seconds: float
    """To be measured after warming up."""
    wanted: float
    """A pace that it may take longer to show, unless it is far away; 0: none."""
    on_rate: Callable[[float], None]
    warm: float = 0.0
    measured: float = 0.0
    rates: list[float] = field(default_factory=list)
    """Of each interval; where the machine stood still, an interval is longer, and still one of many."""
    errors: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def line(self, text: str, stream: str) -> None:
        """Take a line of the tool."""
        if match := _WINDOW.search(text):
            count, rate = int(match[1]), float(match[2])
            self._interval(rate, count / rate if rate else INTERVAL_MS / 1000)
            self.on_rate(rate)
        elif stream == "err" and not _NOISE.match(text):
            self.errors = [*self.errors[-4:], text]

    def _interval(self, rate: float, seconds: float) -> None:
        if self.warm < WARM:
            self.warm += seconds
        else:
            self.measured += seconds
            self.rates.append(rate)

    def check(self) -> None:
        """End the tool when enough is known, or never will be."""
        self.stop.check()
        if self._shown() or time.monotonic() - self._began > PATIENCE:
            raise _EnoughError("enough")

    @property
    def rate(self) -> float:
        """The median of the last intervals; 0 where there is none."""
        return statistics.median(self.rates[-RECENT:]) if self.rates else 0.0

    def _shown(self) -> bool:
        if self.measured < self.seconds or len(self.rates) < FEWEST:
            return False
        hopeful = self.wanted / 4 < self.rate < self.wanted
        return not hopeful or self.measured >= LONGER * self.seconds

    def wait(self, seconds: float) -> None:
        """Wait, returning early with the exceptions of `check`."""
        self.stop.wait(seconds)
        self.check()


@dataclass(frozen=True, slots=True)
class Speed:
    """What a Java producer reached."""

    rate: float
    """Acknowledged records a second, the median of short intervals; 0 where it never got going."""
    error: str = ""
    """What it complained about last."""


def speed(
    tools: ToolRunner,
    topic: str,
    payload: Path,
    properties: Path,
    seconds: float,
    stop: StopToken,
    on_rate: Callable[[float], None],
    wanted: float = 0.0,
) -> Speed:
    """Run kafka-producer-perf-test without a throttle until its pace is known. Raises ToolFailed, BrokerError.

    `wanted`: a pace in records/s that it is given more time for, as long as it is not far away.
    """
    pace = _Pace(stop, seconds, wanted, on_rate)
    with contextlib.suppress(_EnoughError):
        tools.run(command(topic, payload, properties), pace.line, pace)
    return Speed(pace.rate, _last(pace.errors))


def command(topic: str, payload: Path, properties: Path) -> list[str]:
    """kafka-producer-perf-test as it is run."""
    return [
        "kafka-producer-perf-test",
        *("--topic", topic, "--num-records", str(PLENTY), "--throughput", "-1"),
        *("--payload-file", str(payload), "--command-config", str(properties)),
        *("--reporting-interval", str(INTERVAL_MS)),
    ]


def _last(errors: Sequence[str]) -> str:
    """The innermost cause, without its class's package."""
    causes = [line for line in errors if "Exception" in line]
    text = (causes or list(errors) or [""])[-1].removeprefix("Caused by: ")
    return re.sub(r"^(Exception in thread \S+ )?(?:[a-z]+\.)+(?=[A-Z])", "", text)


# --- which records were acknowledged ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Verifiable:
    """kafka-verifiable-producer at work: it writes 0, 1, 2 … and reports each acknowledgement."""

    tools: ToolRunner
    args: Sequence[str]
    on_count: Callable[[int], None]
    acknowledged: set[int] = field(default_factory=set)
    refused: int = 0
    """Records of which it was told that they failed."""
    error: str = ""
    ended: bool = False
    _flag: StopFlag = field(default_factory=StopFlag)
    _thread: threading.Thread | None = None

    def start(self, stop: StopToken) -> None:
        """Begin to write, on a thread of its own."""
        self._flag = StopFlag(parent=stop)
        self._thread = threading.Thread(target=self._run, name="verifiable-producer", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Have it send nothing more, and wait for what it still has to say. Never raises."""
        self._flag.stop()
        if self._thread is not None:
            self._thread.join(10.0)

    def quit(self) -> None:
        """Have it end, and wait for nothing."""
        self._flag.stop()

    def more(self, count: int, stop: StopToken, seconds: float) -> bool:
        """Wait for so many further acknowledgements; False where they do not come in that time."""
        wanted, end = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            if self.ended or time.monotonic() > end:
                return False
            stop.wait(SLICE)
        return True

    def _run(self) -> None:
        try:
            self.tools.run(self.args, self._line, self._flag)
        except LearnerError as error:
            if not self._flag.asked:
                self.error = error.title
        finally:
            self.ended = True

    def _line(self, text: str, stream: str) -> None:
        if stream == "err":
            if not _NOISE.match(text):
                self.error = _last([text])
            return
        try:
            row = json.loads(text)
        except ValueError:
            return
        if row.get("name") == "producer_send_success":
            self.acknowledged.add(int(row["value"]))
            if len(self.acknowledged) % 100 == 0:
                self.on_count(len(self.acknowledged))
        elif row.get("name") == "producer_send_error":
            self.refused += 1
            self.error = str(row.get("message", ""))
