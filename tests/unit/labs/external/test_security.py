"""From Java's client settings to the Python client's and the tools'."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12

from labs.broker.access import HIDDEN, Access
from labs.broker.java import find_java
from labs.broker.settings import properties_text
from labs.errors import BadClusterSettings
from labs.external.jaas import parse
from labs.external.security import access_of
from labs.external.stores import QUICK, Stores
from labs.properties import pairs
from tests.labs.secured import SCRAM, Authority

PASSWORD = 'pa"ss\\wörd; #='


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "ca")


@pytest.fixture(scope="module")
def pair(authority: Authority) -> tuple[Path, Path]:
    """A certificate and its key."""
    return authority.sign("client")


def access(tmp_path: Path, **properties: str) -> Access:
    """`_` for the dots."""
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    return access_of({name.replace("_", "."): value for name, value in properties.items()}, Stores(lambda: folder))


def jaas(module: str, **options: str) -> str:
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in options.items()}
    return f"{module} required " + " ".join(f'{name}="{value}"' for name, value in quoted.items()) + ";"


# --- files and logins ------------------------------------------------------------------------------------------------


def test_a_password_survives_a_java_file_and_a_login_configuration() -> None:
    config = jaas(SCRAM, username="alice", password=PASSWORD)
    (found,) = pairs(properties_text({"sasl.jaas.config": config}))
    assert parse(found[1]).options == {"username": "alice", "password": PASSWORD}


def test_continued_lines_and_escapes_are_read_as_java_does() -> None:
    assert pairs("a = \\\n   b\\:\\u20b9\\t\n!no\nc:d\ne f\n") == [("a", "b:₹\t"), ("c", "d"), ("e", "f")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "X;",
        "X required",
        'X required a="b"',
        'X required a="b;',
        "X required a;",
        "X maybe a=b;",
        "X required a=b; Y required;",
    ],
)
def test_a_broken_login_configuration_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadClusterSettings, match=r"sasl\.jaas\.config cannot be read"):
        parse(text)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_name_and_a_password_reach_both_clients(tmp_path: Path, mechanism: str) -> None:
    found = access(
        tmp_path,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism=mechanism,
        sasl_username="alice",
        sasl_password=PASSWORD,
    )
    assert found.client == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "alice",
        "sasl_plain_password": PASSWORD,
    }
    assert parse(found.java["sasl.jaas.config"]).options == {"username": "alice", "password": PASSWORD}
    assert PASSWORD not in repr(found)
    assert found.redact(f"It is {PASSWORD}!") == f"It is {HIDDEN}!"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"security_protocol": "TLS"}, "no protocol of Kafka"),
        ({"sasl_username": "a", "sasl_password": "b"}, "would do nothing"),
        ({"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "ssl_ca_location": "x"}, "SASL_SSL"),
        ({"security_protocol": "SASL_PLAINTEXT"}, "GSSAPI"),
        ({"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "GSSAPI"}, "Supported: PLAIN"),
        ({"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"}, "user name and a password"),
        (
            {
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_jaas_config": jaas(SCRAM, username="a"),
            },
            "do not fit",
        ),
        ({"security_protocol": "SSL", "ssl_truststore_location": "/nowhere"}, "/nowhere cannot be read"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    with pytest.raises(BadClusterSettings) as caught:
        access(tmp_path, **settings)
    assert told in str(caught.value)


def test_what_has_nothing_to_do_with_being_let_in_reaches_nobody(tmp_path: Path) -> None:
    assert access(tmp_path, acks="all", group_id="g") == Access()


# --- TLS -------------------------------------------------------------------------------------------------------------


def works(found: Access) -> None:
    """Python's TLS takes the files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(found.client["ssl_cafile"])
    if "ssl_certfile" in found.client:
        context.load_cert_chain(
            found.client["ssl_certfile"], found.client["ssl_keyfile"], lambda: found.client["ssl_password"] or ""
        )
    assert [one["subject"] for one in context.get_ca_certs()] == [((("commonName", "ca"),),)]


def hides_keys(folder: Path) -> None:
    """Nothing that was written holds a key that anybody could use, and nobody else may read it."""
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        assert b"BEGIN PRIVATE KEY" not in file.read_bytes()


def test_pem_files_are_used_where_they_are(tmp_path: Path, authority: Authority, pair: tuple[Path, Path]) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(pair[1].read_bytes() + pair[0].read_bytes())
    found = access(
        tmp_path,
        security_protocol="SSL",
        ssl_truststore_location=str(authority.file),
        ssl_keystore_location=str(both),
    )
    works(found)
    assert found.client["ssl_check_hostname"] is True
    assert (found.java["ssl.truststore.type"], found.java["ssl.keystore.type"]) == ("PEM", "PEM")
    assert list((tmp_path / "own").iterdir()) == []


def test_two_pem_files_as_other_clients_have_them(
    tmp_path: Path, authority: Authority, pair: tuple[Path, Path]
) -> None:
    found = access(
        tmp_path,
        security_protocol="SSL",
        ssl_ca_location=str(authority.file),
        ssl_certificate_location=str(pair[0]),
        ssl_key_location=str(pair[1]),
        ssl_endpoint_identification_algorithm="",
    )
    works(found)
    assert found.client["ssl_check_hostname"] is False
    assert found.java["ssl.keystore.key"] == pair[1].read_text()
    assert found.redact(pair[1].read_text()).count(HIDDEN) == 1
    assert not [name for name in found.java if name.endswith("certificate.location")]


def test_text_in_the_settings_themselves(tmp_path: Path, authority: Authority, pair: tuple[Path, Path]) -> None:
    found = access(
        tmp_path,
        security_protocol="SSL",
        ssl_truststore_certificates=authority.file.read_text(),
        ssl_keystore_key=pair[1].read_text(),
        ssl_keystore_certificate_chain=pair[0].read_text(),
    )
    works(found)
    hides_keys(tmp_path / "own")


def keytool(*words: str) -> None:
    program = str(find_java().program.with_name("keytool"))
    subprocess.run([program, *QUICK, *words, "-noprompt"], check=True, capture_output=True)


@pytest.fixture
def keystore(tmp_path: Path, pair: tuple[Path, Path]) -> Path:
    """The pair in a PKCS12 file."""
    path, key = tmp_path / "client.p12", load_pem_private_key(pair[1].read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate, lock = x509.load_pem_x509_certificate(pair[0].read_bytes()), BestAvailableEncryption(b"changeit")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"client", key, certificate, None, lock))
    return path


def test_pkcs12_stores(tmp_path: Path, authority: Authority, keystore: Path) -> None:
    trust = tmp_path / "trust.p12"
    keytool("-importcert", "-file", str(authority.file), "-keystore", str(trust), "-storepass", "changeit")
    settings = {
        "security_protocol": "SSL",
        "ssl_truststore_location": str(trust),
        "ssl_truststore_password": "changeit",
        "ssl_keystore_location": str(keystore),
    }
    found = access(tmp_path, **settings, ssl_keystore_password="changeit")
    works(found)
    hides_keys(tmp_path / "own")
    assert (found.java["ssl.truststore.type"], found.java["ssl.keystore.type"]) == ("PKCS12", "PKCS12")
    with pytest.raises(BadClusterSettings) as caught:
        access(tmp_path, **settings, ssl_keystore_password="wrong password")
    assert "cannot be used" in caught.value.title
    assert "wrong password" not in str(caught.value)


def test_a_jks_store(tmp_path: Path, authority: Authority, keystore: Path) -> None:
    store = tmp_path / "client.jks"
    words = ("-srckeystore", str(keystore), "-destkeystore", str(store), "-deststoretype", "JKS")
    keytool("-importkeystore", *words, "-srcstorepass", "changeit", "-deststorepass", "changeit")
    found = access(
        tmp_path,
        security_protocol="SSL",
        ssl_truststore_location=str(authority.file),
        ssl_keystore_location=str(store),
        ssl_keystore_password="changeit",
    )
    works(found)
    hides_keys(tmp_path / "own")
    assert found.java["ssl.keystore.type"] == "JKS"


# --- OAUTHBEARER -----------------------------------------------------------------------------------------------------

BEARER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"


def test_a_token_endpoint_and_what_java_needs_for_it(tmp_path: Path) -> None:
    found = access(
        tmp_path,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="OAUTHBEARER",
        sasl_oauthbearer_token_endpoint_url="http://127.0.0.1:1/token",
        sasl_jaas_config=jaas(BEARER, clientId="me", clientSecret="hunter2secret", scope="kafka", extension_pool="x"),
    )
    assert found.client["sasl_oauth"]["extensions"] == {"pool": "x"}
    assert found.java["sasl.login.callback.handler.class"].endswith(".OAuthBearerLoginCallbackHandler")
    assert found.defines == (("org.apache.kafka.sasl.oauthbearer.allowed.urls", "http://127.0.0.1:1/token"),)
    assert "hunter2secret" in found.secrets


def test_no_source_of_tokens(tmp_path: Path) -> None:
    with pytest.raises(BadClusterSettings, match="no source of tokens"):
        access(
            tmp_path,
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="OAUTHBEARER",
            sasl_jaas_config=f"{BEARER} required;",
        )
