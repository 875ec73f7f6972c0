"""A client object that lives on a thread of its own, so that no call can hold its caller up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from labs.client_rows import refused
from labs.contract import StopToken
from labs.quirks import abandon, close_wholly
from labs.waits import Worker

T = TypeVar("T")
NOTICE = 0.2
"""Seconds after a retriable fault in which the death of the broker may still turn up as its cause."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The exceptions of a client library."""

    base: type[Exception]
    """All of them; may have an attribute `retriable`."""
    transient: tuple[type[Exception], ...]
    """Those that pass by themselves."""


class Connected:
    """Makes its client at the first call. Faults come out as KafkaRefused, or as what `stop.check` raises."""

    def __init__(
        self,
        name: str,
        stop: StopToken,
        faults: Faults,
        make: Callable[[Callable[[Any], None]], Any],
        close: Callable[[Any], None],
        patience: float = 0.0,
    ) -> None:
        """`make` gives the client, and hands it over before it is whole.

        `patience`: seconds in which a call is repeated after a transient fault.
        """
        _quiet()
        self._stop = stop
        self._faults = faults
        self._make = make
        self._close = close
        self._patience = patience
        self._begun: Any = None
        self._client: Any = None
        self._worker = Worker(name)

    def _call(self, what: str, job: Callable[[Any], T]) -> T:
        def run() -> T:
            if self._client is None:
                self._client = self._make(self._begin)
            return job(self._client)

        end = time.monotonic() + self._patience
        while True:
            try:
                return self._worker.call(run, self._stop)
            except self._faults.base as error:
                # A lost connection is seen a moment before the end of the broker's process is.
                self._stop.wait(NOTICE if getattr(error, "retriable", False) else 0)
                if not isinstance(error, self._faults.transient) or time.monotonic() > end:
                    raise refused(what, error) from error

    def use(self, what: str, job: Callable[[Any], T]) -> T:
        """Run a job with the library's own client object, on its thread. `what` completes "Kafka refused to"."""
        return self._call(what, job)

    def _begin(self, client: Any) -> None:
        self._begun = client

    def close(self) -> None:
        """Let go of the connection, without waiting long for it; where a call was left that still connects, end that."""
        if self._client is None and self._begun is not None:
            abandon(self._begun)
        self._worker.finish(self._finish)

    def _finish(self) -> None:
        if self._client is not None:
            close_wholly(self._client, self._close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _quiet() -> None:
    """The client logs every reconnect; without a handler Python would print that over the learner's screen."""
    logger = logging.getLogger("kafka")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
