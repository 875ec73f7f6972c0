"""Kafka's jars: downloaded once, verified against the lock, shared by all instances."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from labs.broker.download import disk_fault, download
from labs.broker.interface import OnProgress, Progress, ignore_progress
from labs.broker.lock import Jar, Lock, committed_lock, file_sha256
from labs.broker.locks import waiting_lock
from labs.dirs import Dirs
from labs.errors import JarMismatch, JarsUnavailable

JARS_VARIABLE = "KAFKA_TUTOR_JARS"
"""A directory with all the jars: no network is used then."""
REPOSITORY_VARIABLE = "KAFKA_TUTOR_MAVEN_REPOSITORY"
"""Base address of a Maven repository to use instead of jgo's own."""
WORKERS = 4  # one connection at a time leaves most of the line idle: the jars are small


class Jars:
    """The jars of one lock, wherever they are kept."""

    def __init__(self, dirs: Dirs, environ: Mapping[str, str] | None = None, lock: Lock | None = None) -> None:
        env = os.environ if environ is None else environ
        self.lock = lock or committed_lock()
        self._cache = dirs.cache / "jars"
        self._offline = env.get(JARS_VARIABLE)
        self._repository = env.get(REPOSITORY_VARIABLE)
        where = Path(self._offline).expanduser() if self._offline else self._cache / self.lock.digest
        # One name for one place: an AOT cache knows its jars by their paths.
        self.directory = where.resolve()

    def paths(self) -> list[Path]:
        """The jars in class path order, there or not."""
        return [self.directory / jar.filename for jar in self.lock.jars]

    def missing(self) -> list[Jar]:
        """Jars that are absent or have the wrong size."""
        return [jar for jar in self.lock.jars if _size(self.directory / jar.filename) != jar.size]

    def ensure(self, on_progress: OnProgress = ignore_progress) -> list[Path]:
        """All jars, present and verified; downloads what is missing.

        Raises JarsUnavailable, JarMismatch, EnvironmentFault.
        """
        missing = self.missing()
        if not missing and self._already_verified():
            return self.paths()
        if missing and self._offline:
            raise self._incomplete(missing)
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            self.directory.mkdir(parents=True, exist_ok=True)
            with waiting_lock(self._cache / f"{self.lock.digest}.lock", lambda: self._tell_waiting(on_progress)):
                self._fetch(on_progress)
                self._verify()
        except OSError as error:
            raise disk_fault(error, self._cache) from error
        return self.paths()

    # --- download --------------------------------------------------------------------------------------------------

    def _tell_waiting(self, on_progress: OnProgress) -> None:
        """The other instance's progress, seen from its files."""
        on_progress(self._progress(self._present(), "Another kafka-tutor is downloading Kafka"))

    def _fetch(self, on_progress: OnProgress) -> None:
        missing = self.missing()
        if not missing:
            return
        counter = _Counter(self, on_progress)
        bases = self._bases()
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="jars") as pool:
            jobs = [pool.submit(self._fetch_one, jar, bases, counter) for jar in missing]
            try:
                for job in jobs:
                    job.result()
            except BaseException:
                counter.stopped = True
                pool.shutdown(cancel_futures=True)
                raise

    def _fetch_one(self, jar: Jar, bases: list[str], counter: _Counter) -> None:
        """From the first repository that has it."""
        for base in bases[:-1]:
            try:
                download(jar, base, self.directory, counter.advance)
            except JarsUnavailable:
                continue
            return
        download(jar, bases[-1], self.directory, counter.advance)

    def _bases(self) -> list[str]:
        """The learner's mirror, or what jgo uses by default."""
        if self._repository:
            return [self._repository]
        from jgo.maven import MavenContext

        return list(MavenContext().remote_repos.values())

    def _present(self) -> int:
        """Bytes on disk, unfinished parts included."""
        names = ((jar, self.directory / jar.filename) for jar in self.lock.jars)
        return sum(min(jar.size, _size(path) or _size(path.with_name(path.name + ".part"))) for jar, path in names)

    def _progress(self, done: int, message: str) -> Progress:
        return Progress("download", message, done, self.lock.size)

    # --- verification ----------------------------------------------------------------------------------------------

    @property
    def _stamp_file(self) -> Path:
        """Outside the directory: an offline directory may be read-only."""
        where = sha256(str(self.directory).encode()).hexdigest()[:12]
        return self._cache / f"verified-{self.lock.digest}-{where}.json"

    def _stamp(self) -> dict[str, list[int]]:
        """What a change of any jar would change."""
        stats = {path.name: path.stat() for path in self.paths()}
        return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}

    def _already_verified(self) -> bool:
        try:
            known = json.loads(self._stamp_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(known == self._stamp())

    def _verify(self) -> None:
        """Compare every hash; a bad jar of our own cache is thrown away so that a retry fetches it again."""
        for jar in self.lock.jars:
            path = self.directory / jar.filename
            found = file_sha256(path)
            if found != jar.sha256:
                raise self._refuse(jar, path, found)
        part = self._stamp_file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(self._stamp()), encoding="utf-8")
        part.replace(self._stamp_file)

    def _refuse(self, jar: Jar, path: Path, found: str) -> JarMismatch:
        if not self._offline:
            path.unlink()
        return JarMismatch(
            f"{jar.filename} is not the file that was locked",
            f"Its SHA-256 is {found}; the lock says {jar.sha256}.",
            f"Replace it in {self.directory}, or unset {JARS_VARIABLE}."
            if self._offline
            else "It was thrown away. Try again: it will be fetched anew.",
        )

    def _incomplete(self, missing: list[Jar]) -> JarsUnavailable:
        return JarsUnavailable(
            "The directory of jars is incomplete",
            f"{JARS_VARIABLE} is {self.directory}, and {len(missing)} of {len(self.lock.jars)} jars are missing there "
            f"or have the wrong size, {missing[0].filename} among them.",
            f"Unset {JARS_VARIABLE} to download them, or copy them there from a machine that has them.",
        )


class _Counter:
    """Adds up what several downloads report."""

    def __init__(self, jars: Jars, on_progress: OnProgress) -> None:
        self._jars = jars
        self._on_progress = on_progress
        self._done = jars._present()
        self._guard = threading.Lock()
        self.stopped = False

    def advance(self, count: int) -> None:
        """Bytes that came (or were thrown away). Raises to end a download nobody waits for any more."""
        if self.stopped:
            raise JarsUnavailable("The download was stopped")
        with self._guard:
            self._done += count
            self._on_progress(self._jars._progress(self._done, "Downloading Kafka"))


def _size(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
