"""A real pseudo-terminal with a terminal emulator behind it, to drive the app as a learner would."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

# Sequences that the emulator does not know and would print: private CSI of the keyboard protocol and mode requests.
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "f5": "\x1b[15~",
    "ctrl+c": "\x03",
    "ctrl+q": "\x11",
    "ctrl+s": "\x13",
    "ctrl+r": "\x12",
    "ctrl+p": "\x10",
    "backspace": "\x7f",
}


class Emulator:
    """A terminal's screen, from what a program writes to it."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._pending = b""

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def colours(self) -> set[str]:
        """The colours that it shows, as six hexadecimal digits."""
        cells = (cell for row in self._screen.buffer.values() for cell in row.values())
        return {colour for cell in cells for colour in (cell.fg, cell.bg) if colour != "default"}

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window."""
        self._screen.resize(lines, columns)

    def feed(self, data: bytes) -> None:
        """Take in what a program wrote."""
        data = self._pending + data
        # An escape sequence may be cut in two by the read: keep its beginning for the next one.
        cut = data.rfind(b"\x1b")
        if (
            cut >= 0
            and len(data) - cut < 24
            and not re.match(rb"\x1b(\[[0-9;?<>=]*[ -/]?[@-~]|[()][A-Z0-9]|[78=>cDEHM])", data[cut:])
        ):
            data, self._pending = data[:cut], data[cut:]
        else:
            self._pending = b""
        self._stream.feed(_UNKNOWN.sub(b"", data))


class Terminal:
    """Runs one command in a pty of a given size."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], columns: int = 80, lines: int = 24) -> None:
        self._shown = Emulator(columns, lines)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={name: value for name, value in dict(env).items() if name not in ("COLUMNS", "LINES")},
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)
        os.close(self._master)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return self._shown.text

    @property
    def colours(self) -> set[str]:
        """The colours that are on the screen, as six hexadecimal digits; those of the terminal itself left out."""
        return self._shown.colours

    def read(self, seconds: float) -> None:
        """Take in what the program writes during at most this time, returning at the first piece."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program has ended and closed its side
            return
        self._shown.feed(data)

    def wait_for(self, what: str | Callable[[str], bool], seconds: float = 30) -> str:
        """Read until the screen shows the text (or satisfies the predicate), and return the screen."""
        found = what if callable(what) else (lambda screen: what in screen)
        end = time.monotonic() + seconds
        while not found(self.text):
            if time.monotonic() > end:
                raise AssertionError(f"after {seconds} s the screen does not show {what!r}:\n{self.text}")
            if self.process.poll() is not None:
                self.read(0)
                if found(self.text):
                    break
                raise AssertionError(f"the program ended ({self.process.returncode}) before {what!r}:\n{self.text}")
            self.read(0.05)
        return self.text

    def settle(self, quiet: float = 0.3, seconds: float = 10) -> None:
        """Read until the program has written nothing for a while: it has taken in the last key."""
        end = time.monotonic() + seconds
        while select.select([self._master], [], [], quiet)[0] and time.monotonic() < end:
            self.read(0)

    def press(self, *keys: str) -> None:
        """Press keys: names of KEYS, or characters."""
        for key in keys:
            self.write(KEYS.get(key, key))

    def write(self, text: str) -> None:
        """Send text as typed."""
        self.send(text.encode())

    def send(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        os.write(self._master, data)

    def paste(self, text: str) -> None:
        """Paste, bracketed as terminals do."""
        self.write(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window."""
        self._shown.resize(columns, lines)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.killpg(self.process.pid, signal.SIGWINCH)

    def wait_exit(self, seconds: float = 15) -> int:
        """Read until the program has ended; its exit status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"still running after {seconds} s:\n{self.text}")
            self.read(0.05)
        return self.process.returncode
