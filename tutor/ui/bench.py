"""`python -m tutor.ui.bench`: first paint in a pseudo-terminal, against the smallest Textual app there is, paired in one run."""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence

import click

SMALLEST = (
    "from textual.app import App\n"
    "from textual.widgets import Static\n"
    "class Smallest(App):\n"
    "    def compose(self):\n"
    "        yield Static('first-paint-baseline')\n"
    "Smallest().run()\n"
)
APP = ([sys.executable, "-m", "tutor"], b"kafka-tutor")
BASELINE = ([sys.executable, "-c", SMALLEST], b"first-paint-baseline")


def first_paint(command: Sequence[str], marker: bytes, env: dict[str, str], limit: float = 30.0) -> float:
    """Seconds from the start of a process to the marker on its terminal (120×40). Raises TimeoutError."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
    os.close(slave)
    seen = b""
    try:
        while time.perf_counter() - began < limit:
            if select.select([master], [], [], 0.05)[0]:
                seen += os.read(master, 65536)
                if marker in seen:
                    return time.perf_counter() - began
        raise TimeoutError(f"{command[-1][:40]!r} painted nothing in {limit} s")
    finally:
        process.kill()
        process.wait()
        os.close(master)


def measure(runs: int) -> tuple[list[float], list[float]]:
    """Seconds of (app, baseline), taken in turn so that both see the same machine."""
    app: list[float] = []
    baseline: list[float] = []
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-bench-") as home:
        env = dict(os.environ, KAFKA_TUTOR_HOME=home, TERM="xterm-256color", KAFKA_TUTOR_NO_WARM_UP="1")
        for run in range(runs + 1):
            pair = first_paint(*APP, env), first_paint(*BASELINE, env)
            if run:  # the first pair compiles byte code
                app.append(pair[0])
                baseline.append(pair[1])
    return app, baseline


def main() -> None:
    """Print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    app, baseline = measure(parser.parse_args().runs)
    ratio = statistics.median(a / b for a, b in zip(app, baseline, strict=True))
    click.echo("first paint in a terminal of 120×40, seconds")
    for name, values in (("kafka-tutor", app), ("smallest Textual app", baseline)):
        click.echo(
            f"  {name:<22} median {statistics.median(values):.3f}   min {min(values):.3f}   max {max(values):.3f}"
        )
    click.echo(f"  ratio (median of pairs) {ratio:.2f}")


if __name__ == "__main__":
    main()
