"""The learners of a served app: a directory and a token each."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.dirs import CACHE_VARIABLE, HOME_VARIABLE, Dirs
from tutor.errors import EnvironmentFault

FOLDER = "learners"
TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who studies in a browser."""

    name: str
    """Empty: you, with the data of the terminal."""
    token: str
    """Empty: none is asked for."""
    home: Path | None = None
    """Where everything of theirs is kept; None: where yours is."""

    def environment(self, cache: Path) -> dict[str, str]:
        """What the app's process has to know. Jars and caches are shared."""
        if self.home is None:
            return {}
        return {HOME_VARIABLE: str(self.home), CACHE_VARIABLE: str(cache)}


def learners(places: Dirs, names: Sequence[str], *, locked: bool, renew: bool = False) -> list[Learner]:
    """Those who may come in: the named ones with a token each, or you. Raises EnvironmentFault.

    `locked`: you need a token too. `renew`: old links end.
    """
    if not names:
        return [Learner("", _token(places.data / FOLDER / "token", renew) if locked else "")]
    homes = {name: places.data / FOLDER / name for name in dict.fromkeys(names)}
    return [Learner(name, _token(home / "token", renew), home) for name, home in homes.items()]


def _token(path: Path, renew: bool) -> str:
    """Kept from one start to the next, so that a link stays good."""
    try:
        if not renew and path.exists() and (known := path.read_text(encoding="ascii").strip()):
            return known
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        path.write_text(token, encoding="ascii")
    except (OSError, ValueError) as error:
        raise EnvironmentFault(
            "The link's token cannot be kept", f"{path}: {error}", "Make room or rights there, and serve again."
        ) from error
    return token
