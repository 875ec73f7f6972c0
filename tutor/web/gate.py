"""Who may come in: names of this server, origins of its pages, and the tokens of the learners' links."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

COOKIE = "kafka-tutor"
"""Holds the token once the link has been opened, so that it need not stay in the address."""
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """The name in a Host header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "") if header else ""
    except ValueError:
        return ""


def names_of(host: str, public_url: str = "") -> frozenset[str] | None:
    """The names under which the server may be called. None: any, where it listens on every address.

    A page of a stranger can make a browser call this server under the stranger's name (DNS rebinding); the name in the
    Host header gives that away.
    """
    public = urlsplit(public_url).hostname or "" if public_url else ""
    if host in ANY_ADDRESS:
        return None
    own = LOCAL_NAMES if is_loopback(host) else frozenset({host})
    return own | ({public} if public else frozenset())


def host_known(header: str, names: frozenset[str] | None) -> bool:
    """Whether a request was meant for this server."""
    host = host_of(header)
    return bool(host) and (names is None or host in names)


def same_origin(origin: str | None, host: str, public_url: str = "") -> bool:
    """Whether a page that opens a session comes from this server. Browsers always name the origin of a WebSocket."""
    if origin is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if public_url and origin.rstrip("/") == _origin(public_url):
        return True
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.netloc == host


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def learner_of(token: str | None, tokens: Mapping[str, str]) -> str | None:
    """Whose token it is; every comparison takes the same time."""
    given = (token or "").encode()
    found = [name for name, own in tokens.items() if hmac.compare_digest(own.encode(), given)]
    return found[0] if found else None


def link(base: str, token: str) -> str:
    """What a learner opens."""
    return f"{base}/?token={token}" if token else f"{base}/"


def bad_names(names: Sequence[str]) -> list[str]:
    """Names that cannot be a directory of their own."""
    return [name for name in names if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 40]
