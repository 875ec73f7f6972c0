"""Removes the containers of a run when its app is gone: `python -m labs.broker.containers.guard URL RUN DIRECTORY`.

A process of its own. End of file on standard input means that the app has ended, `kill -9` included.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
from pathlib import Path

PARENT_CHECK = 0.5
"""Seconds between looks at the parent: a forked child of the app may hold the pipe open after the app is gone."""


def main(base_url: str, run: str, directory: str) -> None:
    """Wait for the end of the app, then leave nothing."""
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it outlives the app by a moment, whatever ends that
    sys.stdout.write("on guard\n")
    sys.stdout.flush()
    _wait(parent)
    from labs.broker.containers.engine import connect, remove
    from labs.broker.supervisor import remove_run

    try:
        left = remove(connect(base_url), run)
    finally:
        remove_run(Path(directory))
    sys.exit("\n".join(left) or 0)


def _wait(parent: int) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        while os.getppid() == parent:
            if selector.select(PARENT_CHECK) and not os.read(0, 1024):
                return


if __name__ == "__main__":
    main(*sys.argv[1:4])
