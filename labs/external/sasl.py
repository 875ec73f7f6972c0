"""SASL out of Java client properties, for the Python client and for Java."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labs.errors import BadClusterSettings
from labs.external import jaas
from labs.external.jaas import Login

_PACKAGE = "org.apache.kafka.common.security"
MODULES = {
    "PLAIN": ("PlainLoginModule", f"{_PACKAGE}.plain.PlainLoginModule"),
    "SCRAM-SHA-256": ("ScramLoginModule", f"{_PACKAGE}.scram.ScramLoginModule"),
    "SCRAM-SHA-512": ("ScramLoginModule", f"{_PACKAGE}.scram.ScramLoginModule"),
    "OAUTHBEARER": ("OAuthBearerLoginModule", f"{_PACKAGE}.oauthbearer.OAuthBearerLoginModule"),
}
"""Mechanism → the name of its login module, without and with its package."""
ENDPOINT = "sasl.oauthbearer.token.endpoint.url"
_HANDLER = "sasl.login.callback.handler.class"
_ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls"
_CLAIM = "unsecuredLoginStringClaim_"
_EXTENSION = "extension_"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what a client needs."""

    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    java: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    defines: tuple[tuple[str, str], ...] = ()


def sasl(java: Mapping[str, str], username: str, password: str) -> Part:
    """What SASL needs. `username`, `password`: given apart from sasl.jaas.config. Raises BadClusterSettings."""
    mechanism = java.get("sasl.mechanism", "")
    if mechanism not in MODULES:
        told = (
            f"sasl.mechanism is {mechanism}."
            if mechanism
            else "sasl.mechanism is not set; Java would take GSSAPI (Kerberos)."
        )
        raise BadClusterSettings("This SASL mechanism is not supported here", told, f"Supported: {', '.join(MODULES)}")
    if "sasl.jaas.config" in java:
        login = jaas.parse(java["sasl.jaas.config"])
        _fit(mechanism, login)
    else:
        login = _login(mechanism, username, password)
    if mechanism == "OAUTHBEARER":
        return _oauth(java, login)
    return _password(mechanism, login)


def _fit(mechanism: str, login: Login) -> None:
    wanted = MODULES[mechanism][0]
    if login.module != wanted:
        raise BadClusterSettings(
            "sasl.mechanism and sasl.jaas.config do not fit",
            f"{mechanism} needs {wanted}, and the file names {login.module}.",
            f"Name {MODULES[mechanism][1]} in sasl.jaas.config.",
        )


def _login(mechanism: str, username: str, password: str) -> Login:
    if mechanism == "OAUTHBEARER":
        raise BadClusterSettings(
            "OAUTHBEARER needs sasl.jaas.config",
            "Client id and secret, or the claims of an unsecured token, are written there.",
            f'sasl.jaas.config={MODULES[mechanism][1]} required clientId="…" clientSecret="…";',
        )
    if not username or not password:
        raise BadClusterSettings(
            "Who logs in is not said",
            f"{mechanism} needs a user name and a password.",
            f"In a file for --command-config: {jaas.EXAMPLE}",
        )
    return Login(MODULES[mechanism][0], {"username": username, "password": password})


def _password(mechanism: str, login: Login) -> Part:
    name, password = login.options.get("username", ""), login.options.get("password", "")
    if not name or not password:
        raise BadClusterSettings("sasl.jaas.config names no user", "username or password is missing.", jaas.EXAMPLE)
    client = {"sasl_mechanism": mechanism, "sasl_plain_username": name, "sasl_plain_password": password}
    line = f"{MODULES[mechanism][1]} required username={_quoted(name)} password={_quoted(password)};"
    return Part(client, {"sasl.mechanism": mechanism, "sasl.jaas.config": line}, (password, line))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _oauth(java: Mapping[str, str], login: Login) -> Part:
    extensions = _with_prefix(login.options, _EXTENSION)
    claims, url = _with_prefix(login.options, _CLAIM), java.get(ENDPOINT, "")
    settings: dict[str, Any]
    if url:
        settings = {"kind": "endpoint", "url": url} | _credentials(java, login)
        defines: tuple[tuple[str, str], ...] = ((_ALLOWED_URLS, url),)
    elif claims:
        settings, defines = {"kind": "unsecured", "claims": claims}, ()
    else:
        raise BadClusterSettings(
            "OAUTHBEARER has no source of tokens",
            f"Neither {ENDPOINT} nor {_CLAIM}sub in sasl.jaas.config is set.",
            f"{ENDPOINT}=https://…/token",
        )
    own = {name: value for name, value in java.items() if name.startswith(("sasl.oauthbearer.", "sasl.login."))}
    if url and _HANDLER not in own:
        own[_HANDLER] = f"{_PACKAGE}.oauthbearer.OAuthBearerLoginCallbackHandler"
    config = java["sasl.jaas.config"]
    client = {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth": {**settings, "extensions": extensions}}
    secret = settings.get("client_secret", "")
    return Part(client, {"sasl.mechanism": "OAUTHBEARER", "sasl.jaas.config": config, **own}, (config, secret), defines)


def _credentials(java: Mapping[str, str], login: Login) -> dict[str, str]:
    if java[ENDPOINT].startswith("file:"):
        return {}
    prefix = "sasl.oauthbearer.client.credentials.client"
    found = {
        "client_id": login.options.get("clientId") or java.get(f"{prefix}.id", ""),
        "client_secret": login.options.get("clientSecret") or java.get(f"{prefix}.secret", ""),
        "scope": login.options.get("scope") or java.get("sasl.oauthbearer.scope", ""),
    }
    if not found["client_id"] or not found["client_secret"]:
        raise BadClusterSettings(
            "OAUTHBEARER has no client id or no secret",
            "The token endpoint asks for both.",
            f'sasl.jaas.config={MODULES["OAUTHBEARER"][1]} required clientId="…" clientSecret="…";',
        )
    return found


def _with_prefix(options: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in options.items() if name.startswith(prefix)}
