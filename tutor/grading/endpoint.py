"""An OpenAI-compatible endpoint over HTTP: one question, one JSON object back, or a fault that says what to do.

Only the standard library. Nothing is sent to a host that the learner has not named, redirects included.
"""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tutor.errors import GraderUnavailable, UsageError

KEY_VARIABLE = "KAFKA_TUTOR_GRADER_KEY"
TIMEOUT = 60.0
"""Seconds until an endpoint that says nothing is given up."""
LARGEST = 1_000_000
"""Bytes of a reply that are read at most."""
LOCAL = ("localhost", "127.0.0.1", "::1")
_NEXT = "Grade on this machine: leave out --grader openai."


class Endpoint(msgspec.Struct, frozen=True):
    """Where answers are sent, and as whom."""

    url: str
    """Up to the API's version: `http://localhost:11434/v1`."""
    model: str
    key: str = ""
    timeout: float = TIMEOUT

    @property
    def host(self) -> str:
        """The host that gets the answers."""
        return host_of(self.url)

    def __repr__(self) -> str:
        """Without the key."""
        return f"Endpoint({self.url!r}, {self.model!r})"


def host_of(url: str) -> str:
    """The host of a URL. Raises UsageError where it is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        host = None
    if not host:
        raise UsageError(f"{url!r} is no address of an endpoint", "", "Give one like http://localhost:11434/v1")
    return host


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: consent was given for one host."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirect is reported as a fault."""
        return


def ask(endpoint: Endpoint, system: str, user: str) -> str:
    """What the model says to one question. Raises GraderUnavailable."""
    try:
        with _opener(endpoint).open(_request(endpoint, system, user), timeout=endpoint.timeout) as reply:
            data = reply.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise unusable(endpoint, f"it answered with status {error.code} ({error.reason})") from error
    except TimeoutError as error:
        raise unusable(endpoint, f"it gave no answer within {endpoint.timeout:g} s") from error
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        slow = isinstance(reason, (TimeoutError, socket.timeout))
        said = f"it gave no answer within {endpoint.timeout:g} s" if slow else f"it cannot be reached ({reason})"
        raise unusable(endpoint, said) from error
    if len(data) > LARGEST:
        raise unusable(endpoint, f"its answer is longer than {LARGEST:,} bytes")
    return _content(endpoint, data)


def _opener(endpoint: Endpoint) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_Stay()]
    if endpoint.host in LOCAL:
        handlers.append(urllib.request.ProxyHandler({}))  # what is meant for this machine stays on it
    return urllib.request.build_opener(*handlers)


def _request(endpoint: Endpoint, system: str, user: str) -> urllib.request.Request:
    body = {
        "model": endpoint.model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
    }
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    url = endpoint.url.rstrip("/") + "/chat/completions"
    return urllib.request.Request(url, json.dumps(body).encode(), headers)


def _content(endpoint: Endpoint, data: bytes) -> str:
    try:
        content = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise unusable(endpoint, "its answer is not that of an OpenAI-compatible endpoint") from error
    if not isinstance(content, str):
        raise unusable(endpoint, "its answer holds no text")
    return content


def unusable(endpoint: Endpoint, reason: str) -> GraderUnavailable:
    """The fault to raise where nothing can be made of what the endpoint does."""
    return GraderUnavailable(f"The grader at {endpoint.host} is of no use", f"{reason[:1].upper()}{reason[1:]}.", _NEXT)
