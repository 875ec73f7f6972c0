"""How long Kafka takes from nothing to its first answer: plain, with quick JVM flags, with the AOT cache.

`python -m labs.broker.bench [--pairs N] [--json]` starts the three in turn, N times, and compares within each turn:
what else the machine is doing then weighs on all three alike.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from labs.broker.aot import AotStore
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import ClusterSpec, Progress
from labs.broker.jvm import Runtime
from labs.dirs import dirs
from labs.errors import LearnerError

PLAIN, QUICK, CACHED = "plain", "quick flags", "AOT cache"
WHAT: Mapping[str, str] = {
    PLAIN: "java -Xmx512m, nothing else",
    QUICK: "and one collector thread, quick compiler",
    CACHED: "and the AOT cache",
}
LIMIT = 0.5
"""The cached start must take at most this share of the plain one."""


def seconds_to_ready(provider: EmbeddedProvider, runtime: Runtime) -> float:
    """Wall time of one start, from the call to the broker's first answer."""
    began = time.perf_counter()
    cluster = provider.start_with(ClusterSpec(), runtime)
    took = time.perf_counter() - began
    cluster.stop()
    return took


def variants(runtime: Runtime, store: AotStore) -> dict[str, Runtime]:
    """The three ways to start."""
    return {
        PLAIN: replace(runtime, flags=(), aot=None),
        QUICK: replace(runtime, aot=None),
        CACHED: replace(runtime, aot=store.find(runtime)),
    }


def ratios(times: Mapping[str, Sequence[float]], name: str) -> list[float]:
    """The times of one variant as shares of the plain start of the same turn."""
    return [mine / plain for mine, plain in zip(times[name], times[PLAIN], strict=True)]


def table(times: Mapping[str, Sequence[float]]) -> str:
    """The figures, as text."""
    lines = [f"Kafka, one node, start to ready, {len(times[PLAIN])} turns", ""]
    lines.append(f"{'':12} {'median':>8} {'fastest':>8} {'slowest':>8} {'of plain':>9}   JVM")
    for name, took in times.items():
        share = median(ratios(times, name))
        lines.append(
            f"{name:12} {median(took):6.2f} s {min(took):6.2f} s {max(took):6.2f} s {share:9.2f}   {WHAT[name]}"
        )
    verdict = "at most" if median(ratios(times, CACHED)) <= LIMIT else "MORE THAN"
    return "\n".join([*lines, "", f"The AOT cache takes {verdict} half of a plain start."])


def measure(pairs: int) -> dict[str, list[float]]:
    """Start each variant in turn. The first, uncounted turn fills the file cache."""
    provider = EmbeddedProvider(dirs())
    provider.train(_show)
    candidates = variants(provider.prepare(), AotStore(dirs()))
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(pairs + 1):
        order = list(candidates) if turn % 2 else list(reversed(candidates))
        for name in order:
            took = seconds_to_ready(provider, candidates[name])
            if turn:
                times[name].append(took)
    return times


def _show(progress: Progress) -> None:
    print(f"\r{progress.message:70}", end="\n" if progress.done == progress.total else "", file=sys.stderr)  # noqa: T201


def main() -> int:
    """Measure and print; exit status 1 where the limit is not met."""
    parser = argparse.ArgumentParser(prog="python -m labs.broker.bench", description="Time the start of Kafka.")
    parser.add_argument("--pairs", type=int, default=5, help="turns (default 5)")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    options = parser.parse_args()
    try:
        times = measure(options.pairs)
    except LearnerError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    share = median(ratios(times, CACHED))
    figures = {"seconds": times, "aot_of_plain": round(share, 3), "limit": LIMIT}
    print(json.dumps(figures) if options.json else table(times))  # noqa: T201
    return 0 if share <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
