"""What a client needs to talk to a cluster beyond its address: for the Python client and for Kafka's Java tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

HIDDEN = "[hidden]"
SHORTEST = 4
"""Characters of the shortest secret that is looked for in a text: shorter ones are parts of ordinary words."""
SHOWN_FILE = "client.properties"
"""How a command that is shown names the file with these settings."""


PROPERTY_PREFIX = "KAFKA_TUTOR_X_"
"""Beginning of the environment variables that may hold a password: `KAFKA_TUTOR_X_SASL_PASSWORD` is `sasl.password`."""


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that a child process may have."""
    return {name: value for name, value in environ.items() if not name.startswith(PROPERTY_PREFIX)}


@dataclass(frozen=True, slots=True)
class Access:
    """The security settings of a client. Its representation shows none of them."""

    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Options of kafka-python; plain values, so that they can be handed to another process."""
    java: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The same as Java properties."""
    defines: tuple[tuple[str, str], ...] = ()
    """System properties that the Java tools need; nothing secret."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Every password, key and token in it."""

    def redact(self, text: str) -> str:
        """The text without any of the secrets."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            if len(secret) >= SHORTEST:
                text = text.replace(secret, HIDDEN)
        return text

    @property
    def protocol(self) -> str:
        """`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`."""
        return str(self.client.get("security_protocol", "PLAINTEXT"))


OPEN = Access()
"""Nothing is needed."""


def secret_lines(texts: Iterable[str]) -> frozenset[str]:
    """The secrets in these texts: each as a whole and, where it has lines (a key), each long line."""
    found = set[str]()
    for text in texts:
        found.add(text)
        found |= {line for line in text.splitlines() if len(line) >= 32 and not line.startswith("-----")}
    return frozenset(part for part in found if part)
