"""Where things live on disk. `KAFKA_TUTOR_HOME` puts everything under one directory (tests, USB sticks)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from labs.errors import EnvironmentFault

APP = "kafka-tutor"
HOME_VARIABLE = "KAFKA_TUTOR_HOME"
CACHE_VARIABLE = "KAFKA_TUTOR_CACHE"
"""Jars and caches elsewhere: several homes may share them."""


@dataclass(frozen=True, slots=True)
class Dirs:
    """The directories of one installation. None is created by asking for it."""

    data: Path
    """Answers, grades, settings: what must not be lost."""
    cache: Path
    """Jars, formatted templates, AOT caches: can be made again."""
    state: Path
    """Logs, running labs, lab workspaces."""


def dirs(environ: dict[str, str] | None = None) -> Dirs:
    """The directories for this user, by the XDG rules or their equivalent on macOS.

    Raises EnvironmentFault where the user has no home directory: a relative path would depend on where one stands.
    """
    env = os.environ if environ is None else environ
    if home := env.get(HOME_VARIABLE):
        root = _home(home)
        return Dirs(root / "data", _cache(env, root / "cache"), root / "state")
    where = platformdirs.PlatformDirs(APP, appauthor=False)
    try:
        found = Dirs(Path(where.user_data_dir), Path(where.user_cache_dir), Path(where.user_state_dir))
    except RuntimeError as error:
        raise _homeless(f"The system knows no home directory for this user: {error}.") from error
    if not found.data.is_absolute():  # older platformdirs give `~/…` back
        raise _homeless(f"The system gives {found.data} for this user, which is no full path.")
    return Dirs(found.data, _cache(env, found.cache), found.state)


def _cache(env: Mapping[str, str], usual: Path) -> Path:
    named = env.get(CACHE_VARIABLE)
    return _home(named, CACHE_VARIABLE) if named else usual


def config_file(environ: Mapping[str, str] | None = None) -> Path:
    """Where this user's settings are, whether or not there are any: `config.toml`. Raises EnvironmentFault."""
    env = os.environ if environ is None else environ
    if home := env.get(HOME_VARIABLE):
        return _home(home) / "config" / "config.toml"
    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def _home(named: str, variable: str = HOME_VARIABLE) -> Path:
    try:
        return Path(named).expanduser().absolute()
    except (RuntimeError, OSError) as error:  # `~nobody-of-that-name`; a current directory that is gone
        raise _homeless(f"{variable} is {named!r}: {error}.") from error


def _homeless(cause: str) -> EnvironmentFault:
    return EnvironmentFault(
        "There is no directory for your data", cause, f"Name one: {HOME_VARIABLE}=/path/to/directory kafka-tutor"
    )
