"""Whose refused login it was."""

import logging
import threading

import pytest

from labs.external.attempt import Ears


def say(thread: str, error: Exception) -> None:
    """What kafka-python logs on the thread of a client."""
    logger = logging.getLogger("kafka.net.connection")
    speaker = threading.Thread(target=lambda: logger.error("%s: Connection lost: %s", "node 1", error), name=thread)
    speaker.start()
    speaker.join()


@pytest.mark.parametrize(("speaker", "heard"), [("kafka-io-ours", True), ("kafka-io-theirs", False)])
def test_only_the_client_that_connects_is_heard(speaker: str, heard: bool) -> None:
    ears, error, logger = Ears("ours"), ValueError("refused"), logging.getLogger("kafka.net")
    logger.addHandler(ears)
    try:
        say(speaker, error)
    finally:
        logger.removeHandler(ears)
    assert ears.last is (error if heard else None)
