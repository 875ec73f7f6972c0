"""Brokers started and stopped for minutes: `python -m tutor.soak.brokers --minutes 10`. Looks for leaks.

A day of study is some dozens of labs; at one start every few seconds, ten minutes are more than a month of them.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import psutil

from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import ClusterSpec
from labs.dirs import Dirs, dirs

SETTLE = 5
"""Rounds that fill caches before anything is compared."""
GROWTH_MB = 20.0
"""More than this is a leak: a run directory's worth of objects would be a fraction of it, times hundreds of rounds."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What this process has and what belongs to it, with no cluster running."""

    rss_mb: float
    files: int
    """Open file descriptors."""
    threads: int
    processes: int
    ports: int
    """Ports on which this process or a child of it listens."""
    runs: int
    """Run directories."""
    temporary: int
    """Entries in the directory for temporary files."""


def sample(places: Dirs, scratch: Path) -> Sample:
    """Look."""
    gc.collect()
    own = psutil.Process()
    children = own.children(recursive=True)
    listening = [c for p in (own, *children) for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    runs = places.state / "runs"
    return Sample(
        round(own.memory_info().rss / 1e6, 1),
        own.num_fds(),
        threading.active_count(),
        len(children),
        len(listening),
        len(list(runs.iterdir())) if runs.exists() else 0,
        len(list(scratch.iterdir())),
    )


def run(seconds: float, nodes: Sequence[int], cache: Path, told: Callable[[str], None]) -> list[Sample]:
    """Start and stop clusters until the time is over; a sample after each."""
    samples: list[Sample] = []
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-soak-") as folder:
        places = Dirs(Path(folder) / "data", cache, Path(folder) / "state")
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        provider = EmbeddedProvider(places)
        while time.monotonic() < end or len(samples) <= SETTLE:
            provider.start(ClusterSpec(nodes=nodes[len(samples) % len(nodes)])).stop()
            samples.append(sample(places, scratch))
            if len(samples) % 10 == 0:
                told(f"{len(samples)} starts: {samples[-1]}")
    return samples


def leaks(samples: Sequence[Sample]) -> list[str]:
    """What has grown since the first rounds."""
    first, last = asdict(samples[min(SETTLE, len(samples) - 1)]), asdict(samples[-1])
    allowed = {"rss_mb": GROWTH_MB}
    return [
        f"{name}: {first[name]} after {SETTLE} starts, {last[name]} after {len(samples)}"
        for name in first
        if last[name] > first[name] + allowed.get(name, 0)
    ]


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long.")
def main(minutes: float) -> None:
    """Start and stop brokers, one node and three in turn; exit status 1 where something grows."""
    samples = run(60 * minutes, (1, 1, 3), dirs().cache, lambda line: click.echo(line, err=True))
    click.echo(f"{len(samples)} starts and stops in {minutes:g} minutes")
    click.echo(f"after {SETTLE}:  {samples[min(SETTLE, len(samples) - 1)]}")
    click.echo(f"at the end: {samples[-1]}")
    grown = leaks(samples)
    click.echo("\n".join(grown) if grown else "Nothing has grown.")
    sys.exit(bool(grown))


if __name__ == "__main__":
    main()
