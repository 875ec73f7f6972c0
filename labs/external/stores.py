"""Certificates and keys in whatever file Java reads them from, as the PEM files that Python's TLS wants.

Only what is not such a file already is written: into a directory that goes with the connection, readable for nobody
else, a key always encrypted with a password that is kept in memory alone.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labs.broker.access import without_secrets
from labs.broker.java import find_java
from labs.errors import BadClusterSettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

PEM, JKS, PKCS12 = "PEM", "JKS", "PKCS12"
_JKS_MAGIC = bytes.fromhex("feedfeed")
KEYTOOL_SECONDS = 30.0
QUICK = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """A client's certificate with its chain, and its key."""

    certificate: Path
    key: Path
    password: str | None


class Stores:
    """Reads stores; `folder` gives a directory for what has to be written, made when it is first asked for."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    # --- what is trusted ---------------------------------------------------------------------------------------------

    def trusted(self, path: Path, password: str) -> Path:
        """A PEM file with the certificates of a truststore. Raises BadClusterSettings."""
        if kind_of(path) == PEM:
            return path
        store = self._open(path, password)
        certificates = [*([store.cert] if store.cert else []), *store.additional_certs]
        if not certificates:
            raise _bad(path, "There is no certificate in it.")
        return self.write("ca.pem", b"".join(_pem(one.certificate) for one in certificates))

    # --- who the client is -------------------------------------------------------------------------------------------

    def key(self, path: Path, password: str, key_password: str) -> KeyFiles:
        """The key in a keystore. Raises BadClusterSettings."""
        if kind_of(path) == PEM:
            return KeyFiles(path, path, key_password or None)
        store = self._open(path, password)
        if store.key is None or store.cert is None:
            raise _bad(path, "There is no private key with a certificate in it.")
        chain = b"".join(_pem(one.certificate) for one in (store.cert, *store.additional_certs))
        own = secrets.token_urlsafe(24)
        key = self.write("key.pem", _encrypted(store.key, own))
        return KeyFiles(self.write("certificate.pem", chain), key, own)

    def inline_key(self, key: str, chain: str, key_password: str) -> KeyFiles:
        """A key and its certificates that were given as text. Raises BadClusterSettings."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            loaded = load_pem_private_key(key.encode(), key_password.encode() if key_password else None)
        except (ValueError, TypeError) as error:
            raise BadClusterSettings(
                "ssl.keystore.key cannot be read", f"{error}".partition("(")[0].strip() + ".", "Check ssl.key.password."
            ) from None
        own = secrets.token_urlsafe(24)
        return KeyFiles(
            self.write("certificate.pem", chain.encode()), self.write("key.pem", _encrypted(loaded, own)), own
        )

    def write(self, name: str, data: bytes) -> Path:
        """A file that only this user reads."""
        path = self._folder() / f"{secrets.token_hex(4)}-{name}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return path

    def _open(self, path: Path, password: str) -> PKCS12KeyAndCertificates:
        from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

        data = self._converted(path, password) if kind_of(path) == JKS else _read(path)
        try:
            return load_pkcs12(data, password.encode())
        except (ValueError, TypeError):
            raise _bad(path, "Its password is wrong, or it is neither PEM nor PKCS12 nor JKS.") from None

    def _converted(self, path: Path, password: str) -> bytes:
        """A JKS store as PKCS12 with the same password: Java's own keytool does it, and reads passwords from a file."""
        keytool = find_java().program.with_name("keytool")
        if not keytool.exists():
            raise BadClusterSettings(
                f"{path} is a JKS store, and this Java has no keytool to read it",
                f"{keytool} is missing.",
                f"Convert it: keytool -importkeystore -srckeystore {path} -destkeystore store.p12 -deststoretype PKCS12",
            )
        hidden, made = self.write("store-password", password.encode()), self._folder() / f"{secrets.token_hex(4)}.p12"
        command = [
            str(keytool),
            *QUICK,
            "-importkeystore",
            "-noprompt",
            "-srckeystore",
            str(path),
            "-destkeystore",
            str(made),
        ]
        command += ["-deststoretype", PKCS12, "-srcstorepass:file", str(hidden), "-deststorepass:file", str(hidden)]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=KEYTOOL_SECONDS,
                check=False,
                env=without_secrets(os.environ),
            )
            if done.returncode or not made.exists():
                said = (done.stdout + done.stderr).strip().splitlines()
                raise _bad(path, f"keytool says: {said[0] if said else 'nothing'}.")
            return made.read_bytes()
        finally:
            hidden.unlink()
            made.unlink(missing_ok=True)


def kind_of(path: Path) -> str:
    """`PEM`, `JKS` or `PKCS12`, by what is in the file. Raises BadClusterSettings."""
    head = _read(path)
    if head.startswith(_JKS_MAGIC):
        return JKS
    return PEM if b"-----BEGIN " in head else PKCS12


def pkcs8(key: bytes, password: str, where: str) -> str:
    """A PEM key in the one form that Java reads; still encrypted where it was. Raises BadClusterSettings."""
    from cryptography.hazmat.primitives import serialization as form

    text = key.decode("ascii", "replace")
    if "BEGIN PRIVATE KEY" in text or "BEGIN ENCRYPTED PRIVATE KEY" in text:
        return text
    secret = password.encode() if password else None
    try:
        loaded = form.load_pem_private_key(key, secret)
    except (ValueError, TypeError):
        raise BadClusterSettings(f"{where} cannot be read", "It is no PEM key, or its password is wrong.", "") from None
    lock = form.BestAvailableEncryption(secret) if secret else form.NoEncryption()
    return loaded.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock).decode()


def _encrypted(key: object, password: str) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    lock = form.BestAvailableEncryption(password.encode())
    data: bytes = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock)  # type: ignore[attr-defined]
    return data


def _pem(certificate: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    data: bytes = certificate.public_bytes(Encoding.PEM)  # type: ignore[attr-defined]
    return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadClusterSettings(
            f"{path} cannot be read", f"{error.strerror}.", "Check the name and the rights."
        ) from error


def _bad(path: Path, cause: str) -> BadClusterSettings:
    return BadClusterSettings(f"{path} cannot be used", cause, "Check the file and its password.")


def remove(folder: Path) -> None:
    """Remove what was written. Safe to call twice."""
    shutil.rmtree(folder, ignore_errors=True)
