"""Labs one after the other on one cluster, in random order, more than once: whatever one leaves would meet the next.

Labs that ask for the same number of nodes share a cluster; it has the settings of all of them.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from labs import catalog
from labs.broker.interface import Cluster, ClusterProvider, ClusterSpec
from labs.census import KINDS, MARK, Census, Places, census, left
from labs.client import Kafka
from labs.clusters import OneCluster
from labs.contract import Lab, LabInfo
from labs.dirs import Dirs
from labs.errors import LearnerError
from labs.runner import LabRunner
from labs.waits import StopFlag

SETTLE_SECONDS = 20.0
"""How long what was told to end may take to be gone."""
Play = Callable[[LabRunner], list[str]]
"""Goes through a lab; returns what was not as it must be."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One lab's time on a cluster."""

    lab: int
    nodes: int
    round: int
    place: int
    """1-based, in the order of its round."""
    seconds: float
    wrong: tuple[str, ...]
    """What went wrong while it ran."""
    left: Mapping[str, tuple[str, ...]]
    """What it left, by kind; empty: nothing."""


def shared(
    numbers: Sequence[int], info: Callable[[int], LabInfo] = catalog.info
) -> list[tuple[ClusterSpec, list[int]]]:
    """The clusters that are needed, and who stays on each."""
    groups: list[tuple[ClusterSpec, list[int]]] = []
    for number in numbers:
        wanted = info(number).cluster
        at = next((at for at, (spec, _) in enumerate(groups) if _fit(spec, wanted)), None)
        if at is None:
            groups.append((wanted, [number]))
        else:
            groups[at] = (_merged(groups[at][0], wanted), [*groups[at][1], number])
    return groups


def _fit(one: ClusterSpec, other: ClusterSpec) -> bool:
    both = one.settings.keys() & other.settings.keys()
    return one.nodes == other.nodes and all(one.settings[name] == other.settings[name] for name in both)


def _merged(one: ClusterSpec, other: ClusterSpec) -> ClusterSpec:
    return ClusterSpec(one.nodes, {**one.settings, **other.settings}, max(one.heap_mb, other.heap_mb))


# --- what a lab does during its stay ---------------------------------------------------------------------------------


def whole(runner: LabRunner) -> list[str]:
    """All of it: the symptom, a verification that fails, the reference fix, one that passes."""
    runner.observe()
    wrong = short_of(runner)
    runner.apply_reference_fix()
    return wrong + [f"after the reference fix: {c.id}: {c.found}" for c in runner.verify() if not c.ok]


def brief(runner: LabRunner) -> list[str]:
    """Without the symptom and the fix."""
    runner.reset()
    return short_of(runner)


def short_of(runner: LabRunner) -> list[str]:
    """Verify the untouched arrangement, which must fail."""
    return ["verify passes on the untouched arrangement"] if all(check.ok for check in runner.verify()) else []


# --- the rounds ------------------------------------------------------------------------------------------------------


def isolate(
    numbers: Sequence[int],
    provider: ClusterProvider,
    dirs: Dirs,
    rng: random.Random,
    times: int = 2,
    play: Play = whole,
    on_stay: Callable[[Stay], None] = lambda _: None,
    load: Callable[[int], Lab] = catalog.load,
) -> list[Stay]:
    """Run labs on shared clusters, `times` rounds, each in an order of its own."""
    stays = []
    with _own_places(dirs) as (own, places):
        for spec, group in shared(numbers):
            cluster = provider.start(spec)
            try:
                for stay in _on_one(cluster, group, own, places, rng, times, play, load):
                    on_stay(stay)
                    stays.append(stay)
            finally:
                cluster.stop()
    return stays


def _on_one(
    cluster: Cluster,
    group: Sequence[int],
    dirs: Dirs,
    places: Places,
    rng: random.Random,
    times: int,
    play: Play,
    load: Callable[[int], Lab],
) -> Iterator[Stay]:
    with Kafka.at(cluster, StopFlag(cluster.failure)) as kafka:

        def count() -> Census:
            return census(kafka, cluster, places)

        for turn in range(1, times + 1):
            for place, number in enumerate(rng.sample(list(group), len(group)), start=1):
                before, began = count(), time.monotonic()
                wrong = _stay(load(number), cluster, dirs, play)
                seconds = time.monotonic() - began
                yield Stay(number, len(cluster.nodes), turn, place, seconds, tuple(wrong), _settled(before, count))


def _stay(lab: Lab, cluster: Cluster, dirs: Dirs, play: Play) -> list[str]:
    try:
        with LabRunner(lab, OneCluster(cluster), dirs, lambda _: None) as runner:
            return play(runner)
    except LearnerError as error:
        return [f"{error.title}: {error.cause}"]


def _settled(before: Census, count: Callable[[], Census]) -> dict[str, tuple[str, ...]]:
    """What is left, once what was told to end has had its time."""
    end = time.monotonic() + SETTLE_SECONDS
    while (found := left(before, count())) and time.monotonic() < end:
        time.sleep(0.1)
    return found


@contextlib.contextmanager
def _own_places(dirs: Dirs) -> Iterator[tuple[Dirs, Places]]:
    """A state directory and a directory for temporary files of its own, so that whatever appears there is the labs'."""
    token, root = secrets.token_hex(8), dirs.state / "isolation" / str(os.getpid())
    state, scratch = root / "state", root / "tmp"
    kept = {name: os.environ.get(name) for name in (MARK, "TMPDIR")}
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ.update({MARK: token, "TMPDIR": str(scratch)})
    tempfile.tempdir = None  # look at TMPDIR again
    try:
        yield replace(dirs, state=state), Places(state, scratch, token)
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})
        tempfile.tempdir = None
        shutil.rmtree(root, ignore_errors=True)


# --- the table -------------------------------------------------------------------------------------------------------


def table(stays: Sequence[Stay]) -> list[str]:
    """The stays as lines of text: how much each has left of each kind, then what it was."""
    lines = ["round  place  lab  nodes  seconds  wrong  " + "  ".join(KINDS)]
    for stay in stays:
        counts = "  ".join(f"{len(stay.left.get(kind, ())):>{len(kind)}}" for kind in KINDS)
        head = f"{stay.round:>5}  {stay.place:>5}  {stay.lab:>3}  {stay.nodes:>5}  {stay.seconds:>7.1f}  {len(stay.wrong):>5}"
        lines.append(f"{head}  {counts}")
    bad = [stay for stay in stays if stay.wrong or stay.left]
    lines.append(f"{len(stays)} stays, {len(bad)} that left something or went wrong")
    return [*lines, *(f"  lab {stay.lab}, round {stay.round}: {fault}" for stay in bad for fault in faults(stay))]


def faults(stay: Stay) -> list[str]:
    """Everything that is to be complained of."""
    return [*stay.wrong, *(f"left {kind}: {', '.join(names)}" for kind, names in stay.left.items())]


def document(stays: Sequence[Stay], seed: int) -> dict[str, Any]:
    """Plain values for programs."""
    return {"seed": seed, "stays": [asdict(stay) for stay in stays], "bad": sum(bool(faults(stay)) for stay in stays)}
