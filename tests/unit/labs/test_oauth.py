"""Tokens: kept while they are good, from an endpoint, a file, or unsecured."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from labs.errors import ClusterUnusable
from labs.oauth import Tokens, with_provider


class Endpoint(BaseHTTPRequestHandler):
    """Gives a new token each time to whoever knows the secret."""

    given = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        right = base64.b64encode(b"me:hunter2secret").decode()
        ok = self.headers["Authorization"] == f"Basic {right}"
        Endpoint.given += ok
        self.send_response(200 if ok else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"access_token": f"token-{Endpoint.given}", "expires_in": 600}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        Endpoint.given = 0
        yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()
        thread.join()


def settings(url: str, secret: str = "hunter2secret") -> dict[str, object]:
    return {"kind": "endpoint", "url": url, "client_id": "me", "client_secret": secret, "scope": "kafka"}


def test_a_token_is_kept_until_shortly_before_its_end(url: str) -> None:
    clock = [1000.0]
    tokens = Tokens(settings(url), lambda: clock[0])
    assert [tokens.token(), tokens.token()] == ["token-1", "token-1"]
    clock[0] += 530
    assert tokens.token() == "token-1"
    clock[0] += 20
    assert tokens.token() == "token-2"


def test_an_endpoint_that_refuses_is_told_without_the_secret(url: str) -> None:
    with pytest.raises(ClusterUnusable, match="No OAUTHBEARER token") as caught:
        Tokens(settings(url, "wrong secret")).token()
    assert "401" in caught.value.cause
    assert "wrong secret" not in str(caught.value)


def test_a_token_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("abc\n")
    assert Tokens({"kind": "endpoint", "url": path.as_uri()}).token() == "abc"
    with pytest.raises(ClusterUnusable, match="No OAUTHBEARER token"):
        Tokens({"kind": "endpoint", "url": f"{path.as_uri()}-none"}).token()


def test_an_unsecured_token_has_the_claims_and_no_signature() -> None:
    token = Tokens({"kind": "unsecured", "claims": {"sub": "alice"}}, lambda: 1000.0).token()
    head, body, signature = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (head, body)]
    assert (read, signature) == ([{"alg": "none"}, {"iat": 1000.0, "exp": 4600.0, "sub": "alice"}], "")


def test_the_client_gets_a_provider_of_its_own_kind() -> None:
    class Base:
        def token(self) -> str:
            return ""

    options = with_provider(
        {"a": 1, "sasl_oauth": {"kind": "unsecured", "claims": {}, "extensions": {"pool": "x"}}}, Base
    )
    provider = options.pop("sasl_oauth_token_provider")
    assert isinstance(provider, Base)
    assert (provider.token().count("."), provider.extensions(), options) == (2, {"pool": "x"}, {"a": 1})  # type: ignore[attr-defined]
