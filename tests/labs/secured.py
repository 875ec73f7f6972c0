"""Three nodes with a listener that asks for TLS and a login, and with access rules: what people's own clusters are like."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    UserScramCredentialUpsertion,
)

from labs.broker.cluster import EmbeddedCluster
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import ClusterSpec, Listener
from labs.broker.settings import properties_text
from labs.client import Kafka
from labs.waits import StopFlag

_MODULES = "org.apache.kafka.common.security"
SCRAM = f"{_MODULES}.scram.ScramLoginModule"
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
Rule = tuple[ACLOperation, ResourceType, str]
"""An operation, and the prefix of the names for which it is allowed."""
READER: Sequence[Rule] = (
    *((operation, ResourceType.TOPIC, "kt-") for operation in (ACLOperation.CREATE, ACLOperation.DELETE)),
    *((operation, ResourceType.TOPIC, "kt-") for operation in (ACLOperation.READ, ACLOperation.WRITE)),
    (ACLOperation.READ, ResourceType.GROUP, "kt-"),
)
"""All that any lab needs but one: groups may not be deleted."""


class Authority:
    """Signs certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        self._key, self._name = ec.generate_private_key(ec.SECP256R1()), name
        self._folder = folder
        subject = _subject(name)
        own = _certificate(subject, subject, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        self._certificate = own.sign(self._key, hashes.SHA256())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(form.Encoding.PEM))

    def sign(self, name: str) -> tuple[Path, Path]:
        """A certificate for a name, and its key: two PEM files."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        made = _certificate(_subject(name), _subject(self._name), key).add_extension(names, critical=False)
        certificate = made.sign(self._key, hashes.SHA256()).public_bytes(form.Encoding.PEM)
        secret = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        files = self._folder / f"{name}-certificate.pem", self._folder / f"{name}-key.pem"
        files[0].write_bytes(certificate)
        files[1].write_bytes(secret)
        return files


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return made.not_valid_before(LONG_AGO).not_valid_after(LONG_AGO.replace(year=2120))


@dataclass(frozen=True)
class Secured:
    """The cluster, and what a client needs."""

    cluster: EmbeddedCluster
    folder: Path
    authority: Authority
    certificate: Path
    key: Path
    passwords: dict[str, str]
    """By user: alice may do everything, bob not quite, carol nothing."""

    @property
    def servers(self) -> str:
        return self.cluster.listener_servers

    def properties(self, user: str, mechanism: str = "SCRAM-SHA-512", **others: str) -> dict[str, str]:
        """A Java client's properties; `others` with `_` for the dots."""
        login = f'{SCRAM} required username="{user}" password="{self.passwords[user]}";'
        own = {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": mechanism,
            "sasl.jaas.config": login,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.file),
        }
        return own | {name.replace("_", "."): value for name, value in others.items()}

    def file(self, user: str, **others: str) -> str:
        """A file with them."""
        path = self.folder / f"{user}-{secrets.token_hex(3)}.properties"
        path.touch(0o600)
        path.write_text(properties_text(self.properties(user, **others)))
        return str(path)


@contextmanager
def secured(provider: EmbeddedProvider, folder: Path) -> Iterator[Secured]:
    """Three nodes, plain for themselves and secured for clients."""
    authority = Authority(folder, "ca")
    certificate, key = authority.sign("broker")
    both = folder / "broker.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    passwords = {user: f"{user}-{secrets.token_urlsafe(12)}" for user in ("alice", "bob", "carol")}
    spec = ClusterSpec(3, _settings(authority.file, both, passwords["alice"]), 256, Listener("SECURED", "SASL_SSL"))
    cluster = provider.start(spec)
    try:
        assert isinstance(cluster, EmbeddedCluster)
        with Kafka.at(cluster, StopFlag(cluster.failure)) as kafka:
            _add_users(kafka, passwords)
        yield Secured(cluster, folder, authority, *authority.sign("client"), passwords)
    finally:
        cluster.stop()


def _settings(authority: Path, key: Path, password: str) -> dict[str, str]:
    listener = "listener.name.secured"
    plain = f'{_MODULES}.plain.PlainLoginModule required user_alice="{password}";'
    token = f'{_MODULES}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
    return {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:alice",  # the nodes among themselves, and the one who may do everything
        f"{listener}.ssl.keystore.type": "PEM",
        f"{listener}.ssl.keystore.location": str(key),
        f"{listener}.ssl.truststore.type": "PEM",
        f"{listener}.ssl.truststore.location": str(authority),
        f"{listener}.ssl.client.auth": "requested",
        f"{listener}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        f"{listener}.plain.sasl.jaas.config": plain,
        f"{listener}.scram-sha-256.sasl.jaas.config": f"{SCRAM} required;",
        f"{listener}.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
        f"{listener}.oauthbearer.sasl.jaas.config": token,
    }


def _add_users(kafka: Kafka, passwords: dict[str, str]) -> None:
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):  # a user only once in a request
        wanted = [UserScramCredentialUpsertion(user, mechanism, word, 4096) for user, word in passwords.items()]
        refused = kafka.use("add users", lambda admin, wanted=wanted: admin.alter_user_scram_credentials(wanted))
        assert not any(refused.values())
    rules = [
        ACL("User:bob", "*", operation, ACLPermissionType.ALLOW, _pattern(kind, prefix))
        for operation, kind, prefix in READER
    ]
    kafka.use("add rules", lambda admin: admin.create_acls(rules))


def _pattern(kind: ResourceType, prefix: str) -> ResourcePattern:
    return ResourcePattern(kind, prefix, ACLResourcePatternType.PREFIXED)
