"""What is typed, in the terminal's own character set."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from tutor.ui.terminal_driver import charset, forgiving


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("ANSI_X3.4-1968", "utf-8"),  # no locale
        ("", "utf-8"),
        (None, "utf-8"),
        ("nonsense", "utf-8"),
        ("ISO-8859-15", "iso8859-15"),
        ("euc-jp", "euc_jp"),
    ],
)
def test_the_character_set_of_a_terminal(encoding: str | None, sent: str) -> None:
    assert charset(encoding) == sent


@pytest.mark.parametrize(
    ("encoding", "data", "read"),
    [
        ("utf-8", b"na\xc3\xafve \xe9!", "naïve \ufffd!"),
        ("latin-1", b"na\xefve", "naïve"),
        ("utf-8", b"half a \xc3", "half a \ufffd"),
    ],
)
def test_nothing_that_is_sent_raises(monkeypatch: pytest.MonkeyPatch, encoding: str, data: bytes, read: str) -> None:
    monkeypatch.setattr(sys, "__stdin__", SimpleNamespace(encoding=encoding))
    decoder = forgiving("utf-8")()
    assert "".join([*(decoder.decode(data[n : n + 1]) for n in range(len(data))), decoder.decode(b"", True)]) == read
