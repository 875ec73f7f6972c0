"""The driver of a terminal: as Textual's own, but bytes that are no text do not end the app."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from functools import partial

from textual.drivers import linux_driver

from tutor.characters import is_utf8

Decoder = Callable[[], codecs.IncrementalDecoder]


class TerminalDriver(linux_driver.LinuxDriver):
    """Reads in the terminal's character set; what is none of its characters becomes a replacement character."""

    def run_input_thread(self) -> None:
        """Read until the app ends."""
        # The method looks its decoder up here, by the name of UTF-8 and in the strict way.
        linux_driver.getincrementaldecoder = forgiving  # type: ignore[attr-defined, assignment]
        super().run_input_thread()


def forgiving(_: str) -> Decoder:
    """Makes decoders for what is typed and pasted."""
    return partial(codecs.getincrementaldecoder(charset(getattr(sys.__stdin__, "encoding", None))), errors="replace")


def charset(encoding: str | None) -> str:
    """What a terminal of this encoding sends. Plain ASCII only means that no locale is set: most of these send UTF-8."""
    try:
        known = codecs.lookup(encoding or "").name
    except LookupError:
        return "utf-8"
    return "utf-8" if is_utf8(known) or known == "ascii" else known
