"""OAUTHBEARER tokens as Kafka's Java client gets them: from an endpoint, from a file, or unsecured for a test cluster."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from labs.errors import ClusterUnusable

EARLY = 60.0
"""Seconds before its end in which a token is replaced."""
TIMEOUT = 10.0
LIFETIME = 3600.0
"""Of an unsecured token, in seconds; as Java has it."""


class Tokens:
    """Gets a token when one is needed, and keeps it for as long as it is good. Safe from any thread."""

    def __init__(self, settings: Mapping[str, Any], now: Callable[[], float] = time.time) -> None:
        """`settings`: plain values, as `labs.external.sasl` makes them."""
        self._settings = settings
        self._now = now
        self._guard = threading.Lock()
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        """The token. Raises ClusterUnusable."""
        with self._guard:
            if self._now() > self._until:
                self._token, lasts = self._fetch()
                self._until = self._now() + max(0.0, lasts - EARLY)
            return self._token

    def extensions(self) -> dict[str, str]:
        """What is sent beside the token."""
        return dict(self._settings.get("extensions", {}))

    def _fetch(self) -> tuple[str, float]:
        kind = self._settings["kind"]
        if kind == "unsecured":
            return unsecured(self._settings["claims"], self._now()), LIFETIME
        url = self._settings["url"]
        if url.startswith("file:"):
            return _from_file(urllib.parse.unquote(urllib.parse.urlsplit(url).path)), EARLY + 1
        return _from_endpoint(url, self._settings)


SETTINGS = "sasl_oauth"
"""Among the options of a client: plain values in place of the object that kafka-python wants."""


def with_provider(options: Mapping[str, Any], base: type) -> dict[str, Any]:
    """The options with a token provider, a subclass of kafka-python's `base`, in place of its settings."""
    found = dict(options)
    if (settings := found.pop(SETTINGS, None)) is not None:
        tokens = Tokens(settings)
        methods = {"token": lambda _: tokens.token(), "extensions": lambda _: tokens.extensions()}
        found["sasl_oauth_token_provider"] = type("TokenProvider", (base,), methods)()
    return found


def unsecured(claims: Mapping[str, str], now: float) -> str:
    """A JSON web token without a signature."""
    body = {"iat": now, "exp": now + LIFETIME, **claims}
    return f"{_base64({'alg': 'none'})}.{_base64(body)}."


def _base64(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _from_file(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123 – a path out of a URL
            return file.read().strip()
    except (OSError, ValueError) as error:
        raise _no_token(f"{path} cannot be read: {error}.") from error


def _from_endpoint(url: str, settings: Mapping[str, Any]) -> tuple[str, float]:
    form = {"grant_type": "client_credentials"} | ({"scope": settings["scope"]} if settings.get("scope") else {})
    pair = f"{settings['client_id']}:{settings['client_secret']}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "Accept": "application/json"}
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            row = json.load(answer)
        return str(row["access_token"]), float(row.get("expires_in", 300))
    except urllib.error.HTTPError as error:
        error.close()
        raise _no_token(f"{url} answered {error.code} {error.reason}.") from None
    except (OSError, ValueError, KeyError) as error:
        raise _no_token(f"{url}: {type(error).__name__}: {error}.") from None


def _no_token(cause: str) -> ClusterUnusable:
    return ClusterUnusable(
        "No OAUTHBEARER token could be had",
        cause,
        "Check sasl.oauthbearer.token.endpoint.url, the client id and the secret.",
    )
