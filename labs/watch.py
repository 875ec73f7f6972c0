"""Watch mode: tells when a file of the workspace was saved, in whatever editor, once for each save."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from pathlib import Path

from labs import workspace

EVERY = 0.3
"""Seconds between two looks; a save counts once two looks in a row see the same."""


class Watch:
    """Compares what it sees with what was known. Pure but for `look`, which reads the state of the files."""

    def __init__(self, look: Callable[[], Hashable]) -> None:
        """What is there now is known."""
        self._look = look
        self._known = self._last = look()
        self._guard = threading.Lock()
        self.forgotten = 0
        """How often `forget` was called: a save seen before that is not the learner's."""

    def saved(self) -> bool:
        """Whether something was saved since it was last known, and has come to rest. Then it is known."""
        with self._guard:
            now = self._look()
            rests, self._last = now == self._last, now
            new = rests and now != self._known
            if new:
                self._known = now
            return new

    def forget(self) -> None:
        """What is there now is known: the lab has written it."""
        with self._guard:
            self._known = self._last = self._look()
            self.forgotten += 1


def watch(folder: Path, files: tuple[str, ...]) -> Watch:
    """Watch the lab's files, and what the learner puts beside them."""
    return Watch(lambda: workspace.fingerprint(folder, workspace.editable(folder, files)))


class Saves:
    """A thread that calls `on_save(forgotten)` after each save, until it is closed."""

    def __init__(self, watched: Watch, on_save: Callable[[int], None], every: float = EVERY) -> None:
        self._watch = watched
        self._on_save = on_save
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch-files", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No more calls. Safe to call twice."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            forgotten = self._watch.forgotten
            if self._watch.saved() and not self._over.is_set():
                self._on_save(forgotten)
