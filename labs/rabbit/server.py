"""RabbitMQ as it is installed on this machine: where its start script is, and what a node of our own needs. Pure.

Packages of Debian, Ubuntu and Fedora put a wrapper on the PATH that only root and the user `rabbitmq` may use, and that
changes the user. Behind it lies RabbitMQ's own script, which runs as whoever calls it: that one is used.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from labs.broker.settings import HOST

URL_VARIABLE = "KAFKA_TUTOR_AMQP_URL"
"""Names a RabbitMQ to use, as `--amqp-url` does."""
NONE = "none"
"""Named instead of an address: no RabbitMQ, the Kafka half alone."""
SCRIPT = "rabbitmq-server"
PACKAGED = ("/usr/lib/rabbitmq/bin", "/usr/lib/rabbitmq/sbin", "/usr/local/lib/rabbitmq/bin")
PLACES = ("/usr/local/sbin", "/usr/sbin", "/opt/homebrew/sbin", "/opt/homebrew/opt/rabbitmq/sbin", "/snap/bin")
"""Where it may lie outside the PATH of people who are not root."""
ELSEWHERE = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")
"""Where Erlang may lie."""
WRAPPER = b"Only root or rabbitmq"
"""A line of the packages' wrapper."""
COMMANDS = {
    "apt-get": "apt-get install -y rabbitmq-server",
    "dnf": "dnf install -y rabbitmq-server",
    "pacman": "pacman -S --noconfirm rabbitmq",
    "zypper": "zypper install -y rabbitmq-server",
    "apk": "apk add rabbitmq-server",
}


@dataclass(frozen=True, slots=True)
class Server:
    """What a node is started from."""

    script: Path
    """`rabbitmq-server`, run by whoever calls it."""
    epmd: Path
    """Erlang's port mapper: every node needs one, and ours gets one of its own."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The loopback ports of a node."""

    amqp: int
    distribution: int
    epmd: int


def find(environ: Mapping[str, str]) -> Server | None:
    """The RabbitMQ of this machine; None where there is none that can be started."""
    script = next(filter(_is_script, _candidates(environ)), None)
    epmd = _epmd(environ) if script else None
    return Server(script, epmd) if script and epmd else None


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    folders = [*PACKAGED, *environ.get("PATH", os.defpath).split(os.pathsep), *PLACES]
    return (Path(folder) / SCRIPT for folder in folders if folder)


def _is_script(path: Path) -> bool:
    try:
        return os.access(path, os.X_OK) and path.is_file() and WRAPPER not in path.read_bytes()[:4096]
    except OSError:
        return False


def _epmd(environ: Mapping[str, str]) -> Path | None:
    path = os.pathsep.join([environ.get("PATH", os.defpath), *PLACES, *ELSEWHERE])
    if found := shutil.which("epmd", path=path):
        return Path(found)
    erl = shutil.which("erl", path=path)
    beside = sorted(Path(erl).resolve().parent.parent.glob("erts-*/bin/epmd")) if erl else []
    return beside[-1] if beside else None


def install_command(platform: str = sys.platform, *, root: bool | None = None) -> str:
    """The one command that gets RabbitMQ onto this machine."""
    if platform == "darwin":
        return "brew install rabbitmq"
    command = next((text for tool, text in COMMANDS.items() if shutil.which(tool)), COMMANDS["apt-get"])
    is_root = os.geteuid() == 0 if root is None else root
    return command if is_root else f"sudo {command}"


def environment(base: Mapping[str, str], directory: Path, name: str, ports: Ports) -> dict[str, str]:
    """The environment of a node that touches nothing outside its directory, and nobody else's settings."""
    kept = {key: value for key, value in base.items() if not key.startswith(("RABBITMQ_", "ERL_"))}
    return {
        **kept,
        "HOME": str(directory),  # the Erlang cookie lies there
        "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the node, instead of waiting for it in a shell
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(ports.epmd),
        "ERL_CRASH_DUMP_SECONDS": "0",
        "RABBITMQ_NODENAME": f"{name}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(ports.amqp),
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_PLUGINS_EXPAND_DIR": str(directory / "plugins"),
        "RABBITMQ_SCHEMA_DIR": str(directory / "schema"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(directory / "config"),
        "RABBITMQ_PID_FILE": str(directory / "pid"),
        # None of these exists: no plugins, and none of the machine's own settings.
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(directory / "advanced"),
    }


def url_of(ports: Ports) -> str:
    """How to reach such a node: it has RabbitMQ's own first user, who may come from this machine only."""
    return f"amqp://guest:guest@{HOST}:{ports.amqp}/%2F"
