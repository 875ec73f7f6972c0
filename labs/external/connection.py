"""Which cluster the learner means, out of flags, environment and config file: a flag wins over the environment, that over the file."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.broker.access import PROPERTY_PREFIX
from labs.errors import BadClusterSettings
from labs.external.security import KNOWN, SECRET
from labs.properties import pairs

BOOTSTRAP_VARIABLE = "KAFKA_TUTOR_BOOTSTRAP_SERVERS"
BROKER_VARIABLE = "KAFKA_TUTOR_BROKER"
CONFIG_VARIABLE = "KAFKA_TUTOR_COMMAND_CONFIG"
REMOTE_VARIABLE = "KAFKA_TUTOR_ALLOW_REMOTE"
EMBEDDED, DOCKER, EXTERNAL = "embedded", "docker", "external"
_BOOTSTRAP = "bootstrap.servers"
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
_FILE_KEYS = ("broker", "bootstrap-servers", "command-config", "allow-remote", "properties")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says. None, or nothing: it does not say."""

    source: str
    """For messages: `the command line`, `the environment`, or the path of a file."""
    bootstrap: str | None = None
    broker: str | None = None
    allow_remote: bool | None = None
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """A cluster of the learner's own, as it was named."""

    servers: str
    """`host:port[,host:port…]`."""
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Java client properties."""
    allow_remote: bool = False
    source: str = "the command line"
    """What named it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where labs get their cluster from."""

    broker: str = EMBEDDED
    """The name of a provider."""
    connection: Connection | None = None
    """For `external`."""
    warnings: tuple[str, ...] = ()


def choose(layers: Sequence[Layer], warnings: Iterable[str] = ()) -> Chosen:
    """Put layers together, the weakest first. Raises BadClusterSettings.

    A layer that names a cluster begins anew: what a weaker one says of its own cluster (a password) is for that alone.
    """
    broker, bootstrap, remote, source = _last_broker(layers), None, None, ""
    properties: dict[str, str] = {}
    for layer in layers:
        if layer.bootstrap is not None:
            if bootstrap is not None:
                properties, remote = {}, None
            bootstrap, source = layer.bootstrap, layer.source
        properties |= layer.properties
        remote = remote if layer.allow_remote is None else layer.allow_remote
    broker = broker or (EMBEDDED if bootstrap is None else EXTERNAL)
    if broker != EXTERNAL:
        _no_contradiction(layers, broker)
        return Chosen(broker, None, tuple(warnings))
    if bootstrap is None:
        raise BadClusterSettings(
            "Which cluster?",
            "An external cluster was asked for, and none is named.",
            "-b HOST:PORT (--bootstrap-servers)",
        )
    return Chosen(EXTERNAL, Connection(servers(bootstrap), properties, bool(remote), source), tuple(warnings))


def _last_broker(layers: Sequence[Layer]) -> str | None:
    """The provider that the strongest layer asks for; one that names a cluster asks for that."""
    for layer in reversed(layers):
        if layer.broker is not None:
            return layer.broker
        if layer.bootstrap is not None:
            return EXTERNAL
    return None


def _no_contradiction(layers: Sequence[Layer], broker: str) -> None:
    for layer in layers:
        if layer.broker == broker and layer.bootstrap is not None:
            raise BadClusterSettings(
                f"{layer.source} names a cluster and asks for the {broker} one",
                f"{layer.bootstrap} would not be used.",
                "Leave one of the two out.",
            )


def servers(text: str) -> str:
    """Checked addresses. Raises BadClusterSettings."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not found:
        raise BadClusterSettings("No address of a broker", f"{text!r} names none.", "-b HOST:PORT")
    for part in found:
        host, colon, port = part.rpartition(":")
        if not (colon and host and port.isdecimal() and 0 < int(port) < 65536) or "/" in part:
            raise BadClusterSettings(
                f"{part!r} is no address of a broker", "It needs a host and a port.", "-b HOST:PORT"
            )
    return ",".join(found)


# --- layers ----------------------------------------------------------------------------------------------------------


def from_flags(
    bootstrap: str | None, broker: str | None, remote: bool | None, settings: Sequence[str], config: str | None
) -> Layer:
    """What the command line says. Raises BadClusterSettings, also for a password: others see it in the list of processes."""
    own = _settings(settings)
    for name in own:
        if name in SECRET:
            variable = PROPERTY_PREFIX + name.upper().replace(".", "_")
            raise BadClusterSettings(
                f"-X {name} would show a secret",
                "Everybody on this machine sees the command line of a process.",
                f"Put it into a file for --command-config, or into {variable}.",
            )
    return _layer("the command line", bootstrap, broker, remote, _file(config), own)


def from_environment(environ: Mapping[str, str]) -> Layer:
    """What the environment says. Raises BadClusterSettings."""
    own = {}
    for name, value in environ.items():
        if name.startswith(PROPERTY_PREFIX):
            own[_known(name.removeprefix(PROPERTY_PREFIX).lower().replace("_", "."), name)] = value
    remote = _truth(environ[REMOTE_VARIABLE], REMOTE_VARIABLE) if REMOTE_VARIABLE in environ else None
    bootstrap, broker = environ.get(BOOTSTRAP_VARIABLE) or None, environ.get(BROKER_VARIABLE) or None
    return _layer("the environment", bootstrap, broker, remote, _file(environ.get(CONFIG_VARIABLE)), own)


def from_file(path: Path) -> Layer:
    """What the config file says; nothing where there is none. Raises BadClusterSettings."""
    table = _toml(path).get("cluster", {})
    for name in table:
        if name not in _FILE_KEYS:
            raise _strange(f"cluster.{name}", str(path), _FILE_KEYS, name)
    own = {_known(name, str(path)): str(value) for name, value in table.get("properties", {}).items()}
    remote = table.get("allow-remote")
    if remote is not None and not isinstance(remote, bool):
        raise BadClusterSettings(f"{path}: allow-remote must be true or false", "", "allow-remote = true")
    config = table.get("command-config")
    return _layer(str(path), table.get("bootstrap-servers"), table.get("broker"), remote, _file(config), own)


def warnings_about(path: Path, config: str | None) -> list[str]:
    """Files with secrets that others may read."""
    files = [(path, from_file(path).properties if path.exists() else {}), (_named(config), _file(config))]
    return [
        f"{file} holds a secret and others may read it: chmod 600 {file}"
        for file, properties in files
        if file is not None and set(properties) & set(SECRET) and _is_open(file)
    ]


def _layer(
    source: str,
    bootstrap: str | None,
    broker: str | None,
    remote: bool | None,
    file: Mapping[str, str],
    own: Mapping[str, str],
) -> Layer:
    properties = {**file, **own}
    servers_of_file = properties.pop(_BOOTSTRAP, None)
    return Layer(source, bootstrap or servers_of_file, broker, remote, properties)


def _settings(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadClusterSettings(
                f"-X {name} has no value", "It needs a name and a value.", "-X security.protocol=SSL"
            )
        found[_known(name.strip(), "-X")] = value.strip()
    return found


def _known(name: str, where: str) -> str:
    if name != _BOOTSTRAP and name not in KNOWN:
        raise _strange(name, where, KNOWN, name)
    return name


def _strange(what: str, where: str, known: Sequence[str], name: str) -> BadClusterSettings:
    near = difflib.get_close_matches(name, known, 1)
    return BadClusterSettings(
        f"{what} is no setting of a connection",
        f"It comes from {where}." + (f" Did you mean {near[0]}?" if near else ""),
        "Settings: security.protocol, sasl.*, ssl.* as Kafka's Java client has them",
    )


def _named(config: str | None) -> Path | None:
    return Path(config).expanduser() if config else None


def _file(config: str | None) -> dict[str, str]:
    """The properties in a Java client's file, all of them."""
    path = _named(config)
    if path is None:
        return {}
    try:
        return dict(pairs(path.read_text(encoding="utf-8", errors="replace")))
    except OSError as error:
        raise BadClusterSettings(
            f"{path} cannot be read", f"{error.strerror}.", "--command-config names a Java client's .properties file."
        ) from error


def _toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadClusterSettings(f"{path} cannot be read", f"{error.strerror}.", "Check its rights.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadClusterSettings(f"{path} is no TOML", f"{error}.", "Mend that line, or remove the file.") from error


def _truth(value: str, name: str) -> bool:
    if value.lower() not in (*_YES, *_NO):
        raise BadClusterSettings(f"{name}={value} is neither yes nor no", "", f"{name}=1")
    return value.lower() in _YES


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
