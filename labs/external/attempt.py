"""The first connection of a Kafka client to a cluster of the learner's own, and in words why it failed."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from labs.broker.access import Access
from labs.client import Kafka
from labs.errors import ClusterUnusable, KafkaRefused
from labs.external import reach

SECONDS = 15.0
"""For the first connection, login included."""
AGAIN = 1.0
"""Seconds until a refused login is tried once more: credentials reach one broker after the other."""
_LOGGER = "kafka.net"
_FATAL = ("SaslAuthenticationFailedError", "UnsupportedSaslMechanismError", "IllegalSaslStateError")


class Ears(logging.Handler):
    """Hears what one client only logs: it goes on trying, and in the end knows of a time-out alone."""

    def __init__(self, client_id: str) -> None:
        super().__init__(logging.ERROR)
        self.last: BaseException | None = None
        self._thread = f"kafka-io-{client_id}"

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception that a record tells of. Other clients of this process have logins of their own."""
        if record.threadName != self._thread:
            return
        for part in record.args if isinstance(record.args, tuple) else ():
            if isinstance(part, BaseException):
                self.last = part


class _Patience:
    """A StopToken: the end of the time, or a fault that no further attempt would mend."""

    def __init__(self, ears: Ears, seconds: float) -> None:
        self._ears = ears
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise ClusterUnusable."""
        last = self._ears.last
        if isinstance(last, ClusterUnusable):
            raise last
        if type(last).__name__ in _FATAL:
            raise login_failed(last)
        if time.monotonic() > self._end:
            raise KafkaRefused(
                "Your cluster is too slow",
                f"It did not answer in {SECONDS:.0f} s.",
                "Try again.",
                error="KafkaTimeoutError",
            )

    def wait(self, seconds: float) -> None:
        """Wait, with the exceptions of `check`."""
        time.sleep(min(seconds, 0.05))
        self.check()


class LoginRefused(ClusterUnusable):
    """A wrong password; or credentials that were given a moment ago and are not known to every broker yet."""


def _let_in(servers: str, access: Access, seconds: float) -> Kafka:
    """A client whose first connection stands. Raises ClusterUnusable, KafkaRefused."""
    name = f"kafka-tutor-{secrets.token_hex(4)}"
    ears = Ears(name)
    logger = logging.getLogger(_LOGGER)
    logger.addHandler(ears)
    kafka = Kafka(servers, _Patience(ears, seconds), {**access.client, "client_id": name})
    try:
        kafka.use("connect", lambda _: None)
    except KafkaRefused as error:
        kafka.close()
        raise _explained(access, ears.last, error) from error
    except BaseException:
        kafka.close()
        raise
    finally:
        logger.removeHandler(ears)
    return kafka


@contextmanager
def connected(servers: str, access: Access, seconds: float = SECONDS) -> Iterator[Kafka]:
    """A client that has been let in, for a few calls. Raises ClusterUnusable, KafkaRefused."""
    reach.knock(servers, access.client)
    try:
        kafka = _let_in(servers, access, seconds)
    except LoginRefused:
        time.sleep(AGAIN)
        kafka = _let_in(servers, access, seconds)
    with kafka:
        yield kafka


def login_failed(error: BaseException | None) -> ClusterUnusable:
    """What a refused login means."""
    if type(error).__name__ != "SaslAuthenticationFailedError":
        return ClusterUnusable(
            "The cluster does not know this way to log in", f"{error}.", "Set sasl.mechanism to one that it has."
        )
    return LoginRefused(
        "The cluster refused the login",
        "User name or password is wrong, or the user may not log in this way.",
        "Check sasl.jaas.config (or sasl.username and its password) and sasl.mechanism.",
    )


def _explained(access: Access, last: BaseException | None, error: KafkaRefused) -> ClusterUnusable:
    if type(last).__name__ in _FATAL:
        return login_failed(last)
    if access.protocol in ("PLAINTEXT", "SSL"):
        hint = "Does the port want a login (security.protocol=SASL_SSL or SASL_PLAINTEXT)?"
    else:
        hint = "Check security.protocol and sasl.mechanism."
    told = f"{last}" if last else error.cause
    return ClusterUnusable("No Kafka client gets in", f"{access.redact(told).rstrip('.')}.", hint)
