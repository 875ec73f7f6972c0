"""The learner's editor: $VISUAL, $EDITOR, or one that is on this machine, opened in this terminal."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from labs.broker.access import without_secrets
from labs.errors import EnvironmentFault

VARIABLES = ("VISUAL", "EDITOR")
FALLBACKS = ("nano", "micro", "vim", "vi", "emacs", "mg", "ee")
"""Tried in this order where neither variable is set: those that say on their screen how to leave them come first."""
Which = Callable[[str], str | None]


def command(path: Path, environ: Mapping[str, str] = os.environ, which: Which = shutil.which) -> list[str]:
    """What opens the file. Raises EnvironmentFault, which names the file."""
    name = next((name for name in VARIABLES if environ.get(name, "").strip()), "")
    if not name:
        found = next((editor for editor in FALLBACKS if which(editor)), None)
        if found is None:
            tried = ", ".join(FALLBACKS)
            raise _fault("No editor was found", f"$VISUAL and $EDITOR are not set, and there is none of {tried}.", path)
        return [found, str(path)]
    try:
        parts = shlex.split(environ[name])
    except ValueError as error:
        raise _fault(f"${name} is no command", f"`{environ[name]}`: {str(error).lower()}.", path) from error
    if not parts or which(parts[0]) is None:
        raise _fault(f"The editor `{parts[0] if parts else ''}` was not found", f"${name} names it.", path)
    return [*parts, str(path)]


def name(environ: Mapping[str, str] = os.environ, which: Which = shutil.which) -> str:
    """The editor as people call it, e.g. `vim`; empty where there is none."""
    try:
        return Path(command(Path(), environ, which)[0]).name
    except EnvironmentFault:
        return ""


def edit(path: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Open the file and wait until the editor has ended. Call where the terminal is free. Raises EnvironmentFault."""
    args = command(path, environ)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _interrupts_are_the_editors():
            status = subprocess.run(args, check=False, env=without_secrets(environ)).returncode
    except OSError as error:
        raise _fault(f"The editor `{args[0]}` could not be started", f"{error.strerror or error}.", path) from error
    if status != 0:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        raise _fault(f"The editor `{args[0]}` ended with {how}", "What was saved before that is in the file.", path)


def _fault(title: str, cause: str, path: Path) -> EnvironmentFault:
    return EnvironmentFault(title, cause, f"Open {path} in any editor: saving it is enough. Or set $EDITOR.")


@contextlib.contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """Ctrl+C in the editor reaches this process too, which must not end of it. The editor's own handling is untouched."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A function, not SIG_IGN: a program that is started inherits what is ignored.
    old = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old)
