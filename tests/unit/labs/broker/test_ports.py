"""Free ports."""

from __future__ import annotations

import random
import socket

import pytest

from labs.broker import ports
from labs.errors import EnvironmentFault


def test_ports_differ_and_are_free() -> None:
    found = ports.free_ports(6)
    assert len(set(found)) == 6
    assert all(ports.LOWEST <= port <= ports.HIGHEST and ports.is_free(port) for port in found)


def test_a_port_that_somebody_listens_on_is_passed_over() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert not ports.is_free(taken)

        class First(random.Random):
            calls = 0

            def randint(self, a: int, b: int) -> int:
                self.calls += 1
                return taken if self.calls == 1 else super().randint(a, b)

        rng = First(7)
        assert taken not in ports.free_ports(1, rng)
        assert rng.calls > 1


def test_where_none_can_be_had_the_fault_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_bind", lambda port: None)
    with pytest.raises(EnvironmentFault, match="No free port"):
        ports.free_ports(1)
