"""Free ports on the loopback interface."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

from labs.broker.settings import HOST
from labs.errors import EnvironmentFault

LOWEST, HIGHEST = 20000, 32767
"""Below the ranges from which Linux (32768 up) and macOS (49152 up) give ports to outgoing connections:
nobody gets one of these between our look and the broker's bind by chance alone."""
TRIES = 200


def free_ports(count: int, rng: random.Random | None = None) -> list[int]:
    """Ports nobody listens on, all different. Raises EnvironmentFault where none can be had.

    Another process may still take one before the broker does: the caller tries again with others then.
    """
    source = rng or random.Random()
    with ExitStack() as held:  # all held until the last is found, so that they differ
        found: list[int] = []
        for _ in range(TRIES * count):
            if len(found) == count:
                return found
            if (bound := _bind(source.randint(LOWEST, HIGHEST))) is not None:
                held.enter_context(bound)
                found.append(bound.getsockname()[1])
    if len(found) == count:
        return found
    raise EnvironmentFault(
        "No free port on the loopback interface",
        f"{TRIES * count} ports of {HOST} between {LOWEST} and {HIGHEST} were tried; all were refused.",
        "Check that this machine may listen on 127.0.0.1 (firewall, sandbox), and try again.",
    )


def _bind(port: int) -> socket.socket | None:
    """A socket bound to that port, or None where it is taken."""
    # No SO_REUSEADDR: on macOS it would let a port pass that somebody listens on.
    candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        candidate.bind((HOST, port))
    except OSError:
        candidate.close()
        return None
    return candidate


def is_free(port: int) -> bool:
    """Whether nobody listens on that port now."""
    bound = _bind(port)
    if bound is None:
        return False
    bound.close()
    return True
