"""All checks in one list. A check that fails itself is a finding, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from labs.dirs import Dirs, dirs
from labs.errors import LearnerError
from tutor.health import data, grader, machine, terminal
from tutor.health.finding import Finding

Check = Callable[[], Iterable[Finding]]


def checks() -> Sequence[tuple[str, Check]]:
    """Every check with its name, in the order of a start. Raises EnvironmentFault without a home directory."""
    where: Dirs = dirs()
    return (
        ("Python", lambda: [machine.python()]),
        ("Terminal", lambda: terminal.check(terminal.look())),
        ("Directories", lambda: data.check(where)),
        ("Kafka", lambda: machine.kafka(where)),
        ("RabbitMQ", machine.rabbitmq),
        ("Grader", grader.check),
    )


def examine() -> list[Finding]:
    """Look at everything. Raises nothing; changes nothing."""
    try:
        todo = checks()
    except LearnerError as fault:
        return [_fault("Directories", fault)]
    return [finding for name, check in todo for finding in _guarded(name, check)]


def _guarded(name: str, check: Check) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check())
    except LearnerError as fault:
        found.append(_fault(name, fault))
    except Exception as fault:
        found.append(
            Finding(name, False, f"The check failed: {type(fault).__name__}: {fault}", "kafka-tutor --debug doctor")
        )
    return found


def _fault(name: str, fault: LearnerError) -> Finding:
    return Finding(name, False, f"{fault.title}. {fault.cause}".strip(), fault.next_step)
