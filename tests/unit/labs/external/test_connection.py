"""Which cluster is meant: flags over environment over file, and no secret on a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.dirs import HOME_VARIABLE, config_file
from labs.errors import BadClusterSettings
from labs.external import connection as layers
from labs.external.connection import Layer, choose, from_environment, from_file, from_flags

FILE = """\
[cluster]
bootstrap-servers = "file:1"
allow-remote = true
[cluster.properties]
"security.protocol" = "SASL_SSL"
"sasl.mechanism" = "PLAIN"
"sasl.password" = "of the file"
"""


def config(tmp_path: Path, text: str = FILE) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def flags(*settings: str, bootstrap: str | None = None, broker: str | None = None) -> Layer:
    return from_flags(bootstrap, broker, None, settings, None)


def test_nothing_said_is_the_embedded_cluster(tmp_path: Path) -> None:
    found = choose([from_file(tmp_path / "none.toml"), from_environment({}), flags()])
    assert (found.broker, found.connection) == ("embedded", None)


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = from_file(config(tmp_path))
    environment = from_environment({"KAFKA_TUTOR_X_SASL_MECHANISM": "SCRAM-SHA-256", "KAFKA_TUTOR_ALLOW_REMOTE": "0"})
    found = choose([file, environment, flags("security.protocol=SASL_PLAINTEXT")]).connection
    assert found is not None
    assert found.servers == "file:1"
    assert found.allow_remote is False
    assert dict(found.properties) == {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.password": "of the file",
    }


def test_the_password_of_one_cluster_never_goes_to_another(tmp_path: Path) -> None:
    found = choose([from_file(config(tmp_path)), from_environment({}), flags(bootstrap="localhost:9092")]).connection
    assert found is not None
    assert (found.servers, dict(found.properties), found.allow_remote) == ("localhost:9092", {}, False)


def test_the_same_cluster_may_be_asked_away(tmp_path: Path) -> None:
    assert choose([from_file(config(tmp_path)), flags(broker="embedded")]).broker == "embedded"
    with pytest.raises(BadClusterSettings, match="asks for the embedded one"):
        choose([flags(bootstrap="a:1", broker="embedded")])


def test_external_without_an_address_is_refused() -> None:
    with pytest.raises(BadClusterSettings, match="Which cluster"):
        choose([flags(broker="external")])


def test_a_java_file_may_name_the_cluster_too(tmp_path: Path) -> None:
    java = tmp_path / "client.properties"
    java.write_text("bootstrap.servers = one:1,two:2\n# no\nsecurity.protocol:SSL\nacks=all\n")
    found = choose([from_flags(None, None, None, (), str(java))]).connection
    assert found is not None
    assert (found.servers, found.properties["security.protocol"]) == ("one:1,two:2", "SSL")


@pytest.mark.parametrize("name", ["sasl.password", "sasl.jaas.config", "ssl.key.password", "ssl.keystore.password"])
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(BadClusterSettings) as caught:
        flags(f"{name}=hunter2secret")
    assert "KAFKA_TUTOR_X_" in caught.value.next_step
    assert "hunter2secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("sasl.mechansim=PLAIN", "Did you mean sasl.mechanism"),
        ("acks=all", "no setting of a connection"),
        ("security.protocol", "has no value"),
    ],
)
def test_a_slip_in_a_setting_is_named(said: str, told: str) -> None:
    with pytest.raises(BadClusterSettings) as caught:
        flags(said)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "address", ["localhost", "localhost:", ":9092", "localhost:x", "http://localhost:9092", ",", "a:70000"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadClusterSettings, match="address"):
        layers.servers(address)


def test_addresses_are_taken_apart_at_commas() -> None:
    assert layers.servers(" a:1 , [::1]:2,") == "a:1,[::1]:2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[cluster\n", "is no TOML"),
        ('[cluster]\nbootstrap = "a:1"\n', "Did you mean bootstrap-servers"),
        ('[cluster]\nallow-remote = "yes"\n', "true or false"),
        ('[cluster.properties]\n"sasl.user" = "x"\n', "sasl.username"),
        ('[cluster]\ncommand-config = "/nowhere"\n', "/nowhere cannot be read"),
    ],
)
def test_a_wrong_config_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadClusterSettings) as caught:
        from_file(config(tmp_path, text))
    assert told in str(caught.value)


def test_a_wrong_variable_is_named() -> None:
    with pytest.raises(BadClusterSettings, match="neither yes nor no"):
        from_environment({"KAFKA_TUTOR_ALLOW_REMOTE": "perhaps"})
    with pytest.raises(BadClusterSettings, match=r"sasl\.pasword"):
        from_environment({"KAFKA_TUTOR_X_SASL_PASWORD": "x"})


def test_a_file_with_a_secret_that_others_may_read_is_told(tmp_path: Path) -> None:
    path = config(tmp_path)
    path.chmod(0o644)
    assert "chmod 600" in layers.warnings_about(path, None)[0]
    path.chmod(0o600)
    assert layers.warnings_about(path, None) == []


def test_no_value_shows_what_it_hides() -> None:
    layer = from_environment({"KAFKA_TUTOR_X_SASL_PASSWORD": "hunter2secret", "KAFKA_TUTOR_BOOTSTRAP_SERVERS": "a:1"})
    assert "hunter2secret" not in repr(layer) + repr(choose([layer]))


def test_where_the_config_file_is() -> None:
    assert config_file({HOME_VARIABLE: "/h"}) == Path("/h/config/config.toml")
