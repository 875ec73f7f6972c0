"""SIGKILL at random moments: `python -m tutor.soak.faults --times 200`.

Each round starts a real program with a home of its own, kills the app, the supervisor, a broker or a consumer after a
random time, and looks at what is left and at what was acknowledged and is gone.

- app: a learner who types an answer line by line, or a lab that proves itself, is killed;
- supervisor, broker, consumer: a part of a lab that proves itself is killed, and the program must end by itself,
  without a traceback.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import click
import psutil

from labs.dirs import HOME_VARIABLE, dirs
from tutor.soak import traces
from tutor.soak.traces import Place
from tutor.store.sqlite import SqliteStore, data_file

TUTOR = (sys.executable, "-m", "tutor")
LABS = {"app": (1, 5, 6), "supervisor": (1, 5, 7), "broker": (1, 5, 7), "consumer": (2, 4, 9)}
"""Labs in which there is something to kill."""
LONGEST = 12.0
"""Seconds after the start within which the kill comes."""
END = 240.0
"""Seconds within which a program whose part was killed must have ended."""


@dataclass(slots=True)
class Tally:
    """What came of the rounds with one victim."""

    kills: int = 0
    missed: int = 0
    """Rounds in which the program had ended before there was something to kill."""
    acknowledged: int = 0
    """Lines that the program said to have kept."""
    lost: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Tracebacks, and programs that did not end."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.left or self.faults)


@dataclass(slots=True)
class Round:
    """One round."""

    place: Place
    rng: random.Random
    tally: Tally

    def start(self, arguments: Sequence[str], **more: object) -> subprocess.Popen[str]:
        """Start kafka-tutor."""
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [*TUTOR, *arguments], env=self.place.environment(), stderr=subprocess.PIPE, text=True, **more
        )

    def prove(self, labs: Sequence[int]) -> subprocess.Popen[str]:
        """Start one of these labs."""
        return self.start(["lab", "prove", str(self.rng.choice(labs)), "--times", "1"], stdout=subprocess.DEVNULL)


def kill_writer(round_: Round) -> None:
    """A learner types; what was acknowledged by the next prompt must be in the draft."""
    process = round_.start(["study", "3", "--plain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin and process.stdout
    lines = [
        f"line {number}: {'lag of one partition ' * number}".strip() for number in range(round_.rng.randint(1, 30))
    ]
    kept = 0
    for line in (None, *lines):
        if line is not None:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        if not _prompted(process.stdout):
            break
        kept += line is not None
    with process:
        process.kill()
    with SqliteStore.open(data_file(dirs({HOME_VARIABLE: str(round_.place.home)}))) as store:
        draft = store.draft(3)
    found = draft.text.split("\n") if draft else []
    round_.tally.acknowledged += kept
    round_.tally.kills += 1
    if found[:kept] != lines[:kept]:
        round_.tally.lost.append(f"{kept} lines acknowledged, {len(found)} kept")


def _prompted(out: IO[str]) -> bool:
    """Read up to the next prompt."""
    while char := out.read(1):
        if char == ">" and out.read(1) == " ":
            return True
    return False


def kill_app(round_: Round) -> None:
    """The app itself."""
    if round_.rng.random() < 0.5:
        return kill_writer(round_)
    process = round_.prove(LABS["app"])
    time.sleep(round_.rng.uniform(0.2, LONGEST))
    round_.tally.kills += process.poll() is None
    round_.tally.missed += process.poll() is not None
    process.kill()
    _end(process, round_.tally)
    return None


def kill_part(victim: str, is_it: Callable[[str], bool]) -> Callable[[Round], None]:
    """A part of a lab: the app must notice it, say so and end in order."""

    def run(round_: Round) -> None:
        process = round_.prove(LABS[victim])
        time.sleep(round_.rng.uniform(0.2, LONGEST))
        chosen: list[psutil.Process] = []

        def there() -> bool:
            chosen[:] = [one for one in traces.processes(round_.place) if is_it(_command(one))]
            return bool(chosen) or process.poll() is not None

        traces.soon(there)
        if chosen:
            _kill(round_.rng.choice(chosen), round_.tally)
        else:
            round_.tally.missed += 1
        _end(process, round_.tally)

    return run


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _kill(process: psutil.Process, tally: Tally) -> None:
    try:
        process.kill()
        tally.kills += 1
    except psutil.NoSuchProcess:
        tally.missed += 1


def _end(process: subprocess.Popen[str], tally: Tally) -> None:
    try:
        _, errors = process.communicate(timeout=END)
    except subprocess.TimeoutExpired:
        process.kill()
        _, errors = process.communicate()
        tally.faults.append(f"did not end within {END:.0f} s")
    if "Traceback" in errors:
        tally.faults.append(errors[-2000:])


VICTIMS: dict[str, Callable[[Round], None]] = {
    "app": kill_app,
    "supervisor": kill_part("supervisor", lambda line: "supervisor.py" in line),
    "broker": kill_part("broker", lambda line: "kafka.Kafka" in line),
    "consumer": kill_part("consumer", lambda line: "labs.launcher" in line or "labs.nursery" in line),
}


def run(times: int, seed: int, cache: Path, told: Callable[[str], None]) -> dict[str, Tally]:
    """So many rounds, the victims in turn."""
    tallies = {victim: Tally() for victim in VICTIMS}
    rng = random.Random(seed)
    for number in range(times):
        victim = list(VICTIMS)[number % len(VICTIMS)]
        tally = tallies[victim]
        with tempfile.TemporaryDirectory(prefix="kafka-tutor-soak-") as folder:
            place = _place(Path(folder), cache)
            VICTIMS[victim](Round(place, rng, tally))
            tally.left += [f"round {number + 1}: {what}" for what in traces.left(place)]
        told(f"{number + 1} of {times}: {victim}, {'sound' if tally.sound else 'NOT SOUND'}")
    for tally in tallies.values():
        note_if_never_killed(tally)
    return tallies


def note_if_never_killed(tally: Tally) -> None:
    """Rounds that have killed nothing show nothing: most likely the labs could not start."""
    if tally.missed and not tally.kills:
        tally.faults.append("nothing was killed: each program ended before. `kafka-tutor doctor` says what it lacks.")


def _place(folder: Path, cache: Path) -> Place:
    place = Place(folder / "home", folder / "scratch")
    place.home.mkdir()
    place.scratch.mkdir()
    (place.home / "cache").symlink_to(cache, target_is_directory=True)
    return place


def table(tallies: dict[str, Tally]) -> list[str]:
    """What it came to."""
    lines = ["victim      kills  missed  acknowledged  lost  left  faults"]
    for victim, row in tallies.items():
        counts = f"{row.kills:>5}  {row.missed:>6}  {row.acknowledged:>12}  {len(row.lost):>4}  {len(row.left):>4}"
        lines.append(f"{victim:<10}  {counts}  {len(row.faults):>6}")
    for victim, row in tallies.items():
        lines += [f"{victim}: {what}" for what in (*row.lost, *row.left, *row.faults)]
    return lines


@click.command()
@click.option("--times", default=200, show_default=True, type=click.IntRange(1), help="Kills.")
@click.option("--seed", default=7, show_default=True, help="Of victims and moments.")
def main(times: int, seed: int) -> None:
    """Kill app, supervisor, broker and consumer at random moments; exit status 1 where something was lost or left."""
    tallies = run(times, seed, dirs().cache, lambda line: click.echo(line, err=True))
    click.echo("\n".join(table(tallies)))
    sys.exit(not all(tally.sound for tally in tallies.values()))


if __name__ == "__main__":
    main()
