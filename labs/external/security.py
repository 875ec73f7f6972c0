"""Security settings of a Java client → what the Python client and the Java tools need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from labs.broker.access import Access, secret_lines
from labs.errors import BadClusterSettings
from labs.external.sasl import Part, sasl
from labs.external.stores import JKS, PEM, KeyFiles, Stores, kind_of, pkcs8

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
SECRET = (
    "sasl.jaas.config",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.password",
    "ssl.key.password",
    "ssl.keystore.key",
    "ssl.keystore.password",
    "ssl.truststore.password",
)
"""Settings whose values nobody else may see."""
ALIASES = {"sasl.mechanisms": "sasl.mechanism"}
"""Names of other clients for the same."""
OTHERS = (
    "sasl.username",
    "sasl.password",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.key.location",
)
"""Settings that librdkafka has and Java has not."""
KNOWN = (
    "security.protocol",
    "sasl.mechanism",
    "sasl.login.callback.handler.class",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.client.credentials.client.id",
    "ssl.truststore.location",
    "ssl.truststore.type",
    "ssl.truststore.certificates",
    "ssl.keystore.location",
    "ssl.keystore.type",
    "ssl.keystore.certificate.chain",
    "ssl.endpoint.identification.algorithm",
    "ssl.protocol",
    "ssl.enabled.protocols",
    "ssl.cipher.suites",
    *SECRET,
    *ALIASES,
    *OTHERS,
)
"""Every setting that has to do with how a client is let in."""
_KEPT = ("security.", "ssl.")
"""Beginnings of what Java is given as it is."""


def access_of(properties: Mapping[str, str], stores: Stores) -> Access:
    """What clients need for these properties; others than security settings are left out. Raises BadClusterSettings."""
    java = {ALIASES.get(name, name): value for name, value in properties.items()}
    protocol = java.get("security.protocol", "PLAINTEXT").upper()
    if protocol not in PROTOCOLS:
        raise BadClusterSettings(
            f"security.protocol={protocol} is no protocol of Kafka", "", f"One of {', '.join(PROTOCOLS)}"
        )
    _consistent(java, protocol)
    parts = []
    if protocol.startswith("SASL"):
        parts.append(sasl(java, java.get("sasl.username", ""), java.get("sasl.password", "")))
    if protocol.endswith("SSL"):
        parts.append(_tls(java, stores))
    if not parts:
        return Access()
    return Access(
        {"security_protocol": protocol, **{name: value for part in parts for name, value in part.client.items()}},
        {"security.protocol": protocol, **{name: value for part in parts for name, value in part.java.items()}},
        tuple(define for part in parts for define in part.defines),
        secret_lines(secret for part in parts for secret in part.secrets),
    )


def _consistent(java: Mapping[str, str], protocol: str) -> None:
    """Settings that the protocol would make do nothing are a mistake, and a dangerous one."""
    has = {kind for kind in ("sasl", "ssl") for name in java if name.startswith(f"{kind}.") and name in KNOWN}
    if "sasl" in has and not protocol.startswith("SASL"):
        raise _unused("sasl", protocol, "SASL_SSL (or SASL_PLAINTEXT)")
    if "ssl" in has and not protocol.endswith("SSL"):
        raise _unused("ssl", protocol, "SASL_SSL" if "sasl" in has else "SSL")


def _unused(kind: str, protocol: str, wanted: str) -> BadClusterSettings:
    return BadClusterSettings(
        f"The {kind}.* settings would do nothing",
        f"security.protocol is {protocol}, which does not use them.",
        f"Set security.protocol={wanted}",
    )


# --- TLS -------------------------------------------------------------------------------------------------------------


def _tls(java: Mapping[str, str], stores: Stores) -> Part:
    trust, key = _trust(java, stores), _key(java, stores)
    check = java.get("ssl.endpoint.identification.algorithm", "https").lower() == "https"
    kept = {name: value for name, value in java.items() if name.startswith(_KEPT) and name not in OTHERS}
    return Part(
        {**trust.client, **key.client, "ssl_check_hostname": check},
        {**kept, **trust.java, **key.java},
        (*trust.secrets, *key.secrets),
    )


def _trust(java: Mapping[str, str], stores: Stores) -> Part:
    if text := java.get("ssl.truststore.certificates"):
        return Part({"ssl_cafile": str(stores.write("ca.pem", text.encode()))}, {"ssl.truststore.type": PEM})
    where = java.get("ssl.truststore.location") or java.get("ssl.ca.location")
    if not where:
        return Part()
    path, password = _path(where), java.get("ssl.truststore.password", "")
    client = {"ssl_cafile": str(stores.trusted(path, password))}
    return Part(client, {"ssl.truststore.location": str(path), "ssl.truststore.type": kind_of(path)}, (password,))


def _key(java: Mapping[str, str], stores: Stores) -> Part:
    password, key_password = java.get("ssl.keystore.password", ""), java.get("ssl.key.password", "")
    if "ssl.certificate.location" in java:
        return _pem_pair(java, stores, key_password)
    if text := java.get("ssl.keystore.key"):
        files = stores.inline_key(text, java.get("ssl.keystore.certificate.chain", ""), key_password)
        return Part(_client(files), {"ssl.keystore.type": PEM}, (text, key_password, files.password or ""))
    if not (where := java.get("ssl.keystore.location")):
        return Part()
    path = _path(where)
    files, kind = stores.key(path, password, key_password), kind_of(path)
    if kind == JKS and key_password not in ("", password):
        raise BadClusterSettings(
            "The key's password is not the store's",
            f"{path} is a JKS store with two passwords.",
            "Give it one password.",
        )
    secrets = (password, key_password, files.password or "")
    return Part(_client(files), {"ssl.keystore.location": str(path), "ssl.keystore.type": kind}, secrets)


def _pem_pair(java: Mapping[str, str], stores: Stores, password: str) -> Part:
    """Certificate and key in two files, as other clients have them; Java gets their text."""
    certificate = _path(java["ssl.certificate.location"])
    key = _path(java.get("ssl.key.location", java["ssl.certificate.location"]))
    kind_of(certificate)
    text = pkcs8(_bytes(key), password, str(key))
    own = {
        "ssl.keystore.type": PEM,
        "ssl.keystore.key": text,
        "ssl.keystore.certificate.chain": certificate.read_text(),
    }
    return Part(_client(KeyFiles(certificate, key, password or None)), own, (text, password))


def _bytes(path: Path) -> bytes:
    kind_of(path)  # says what is wrong with it
    return path.read_bytes()


def _client(files: KeyFiles) -> dict[str, str | None]:
    return {"ssl_certfile": str(files.certificate), "ssl_keyfile": str(files.key), "ssl_password": files.password}


def _path(where: str) -> Path:
    """As Java has it: relative to where one stands. Absolute from here on: tools run elsewhere."""
    return Path(where).expanduser().absolute()
