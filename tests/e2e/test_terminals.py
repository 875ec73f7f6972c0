"""Terminals that are not today's: another character set, bytes that are no text, no colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tutor.store.sqlite import SqliteStore

NO_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""Python would turn the C locale into UTF-8; a locale that names another set it takes at its word."""


def app(extra: Mapping[str, str]) -> Terminal:
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return Terminal([sys.executable, "-m", "tutor"], {**env, "TERM": "xterm-256color", **extra})


def draft(home: Path) -> str:
    with SqliteStore.open(home / "data" / "tutor.db") as store:
        found = store.draft(1)
        return found.text if found else ""


def test_without_utf8_every_sign_has_a_stand_in(own_home: Path) -> None:
    with app(NO_LOCALE) as shown:
        home = shown.wait_for("answered", 60)
        assert home.isascii() and "\\" not in home and "-" * 80 in home
        assert "0 of 10 answered . 0 passed . 0 of 10 labs" in home
        shown.press("enter")
        shown.wait_for("Write what you would say")
        assert shown.text.isascii() and "\\" not in shown.text
        shown.press("ctrl+q")
        assert shown.wait_exit() == 0


@pytest.mark.parametrize("extra", [NO_LOCALE, {"LC_ALL": "C.UTF-8"}], ids=["no locale", "UTF-8"])
def test_bytes_that_are_no_text_do_not_end_the_app(own_home: Path, extra: dict[str, str]) -> None:
    with app(extra) as shown:
        shown.wait_for("answered", 60)
        shown.press("enter")
        shown.wait_for("Write what you would say")
        shown.send(b"caf\xe9 latte \xff\xfe, na\xc3\xafve")
        shown.wait_for(lambda _: draft(own_home) == "caf\ufffd latte \ufffd\ufffd, naïve")
        shown.press("ctrl+q")
        assert shown.wait_exit() == 0


def test_no_color_means_no_colour(own_home: Path) -> None:
    with app({"NO_COLOR": "1", "LC_ALL": "C.UTF-8"}) as shown:
        shown.wait_for("answered", 60)
        assert shown.colours
        assert {colour for colour in shown.colours if len({colour[0:2], colour[2:4], colour[4:6]}) > 1} == set()
