"""Who may come in."""

from __future__ import annotations

import pytest

from tutor.web import gate


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.9", "::1"])
def test_loopback(host: str) -> None:
    assert gate.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.4", "example.org", ""])
def test_not_loopback(host: str) -> None:
    assert not gate.is_loopback(host)


@pytest.mark.parametrize(
    ("header", "host", "public", "known"),
    [
        ("localhost:8000", "localhost", "", True),
        ("127.0.0.1:8000", "localhost", "", True),
        ("[::1]:8000", "localhost", "", True),
        ("evil.example:8000", "localhost", "", False),
        ("localhost.evil.example", "localhost", "", False),
        ("", "localhost", "", False),
        ("[", "localhost", "", False),
        ("study.example", "127.0.0.1", "https://study.example", True),
        ("10.0.0.4:8000", "0.0.0.0", "", True),
    ],
)
def test_a_request_for_another_name_is_known(header: str, host: str, public: str, known: bool) -> None:
    assert gate.host_known(header, gate.names_of(host, public)) is known


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),
        ("http://localhost:9000", False),
        ("http://evil.example", False),
        ("http://localhost:8000.evil.example", False),
        ("null", False),
        ("file://", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_a_page_of_another_origin_opens_no_session(origin: str | None, same: bool) -> None:
    assert gate.same_origin(origin, "localhost:8000") is same


def test_a_proxys_origin_is_ours() -> None:
    assert gate.same_origin("https://study.example", "127.0.0.1:8000", "https://study.example/")
    assert not gate.same_origin("https://other.example", "127.0.0.1:8000", "https://study.example/")


@pytest.mark.parametrize(
    ("token", "name"), [("aaa", "one"), ("bbb", "two"), ("", None), (None, None), ("aaab", None), ("ä", None)]
)
def test_whose_token_it_is(token: str | None, name: str | None) -> None:
    assert gate.learner_of(token, {"one": "aaa", "two": "bbb"}) == name


def test_names_that_would_leave_their_directory() -> None:
    assert gate.bad_names(["ann", "ben-2", "../x", "a/b", "", "..", "x" * 41]) == ["../x", "a/b", "", "..", "x" * 41]
