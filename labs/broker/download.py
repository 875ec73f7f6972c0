"""One verified download: resumed after a break, refused when it is not what the lock says."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from labs.broker.lock import Jar, file_sha256
from labs.errors import EnvironmentFault, JarMismatch, JarsUnavailable

CHUNK = 64 * 1024
TIMEOUT = (10.0, 30.0)
"""Seconds to connect, and between two packets."""
ATTEMPTS = 3
"""Breaks of one jar that are bridged before the learner is told."""
MTIME = 1_700_000_000
"""Jars get this modification time: an AOT cache refers to its jars by size and time."""

Advance = Callable[[int], None]
"""Called with the number of bytes that arrived (negative when they had to be thrown away)."""


def download(jar: Jar, base: str, directory: Path, advance: Advance) -> Path:
    """Fetch a jar below the repository `base` into `directory`.

    Raises JarsUnavailable (network), JarMismatch (wrong content) or EnvironmentFault (disk).
    """
    part = directory / f"{jar.filename}.part"
    try:
        return _download(jar, f"{base.rstrip('/')}/{jar.path}", part, advance)
    except OSError as error:
        raise disk_fault(error, directory) from error


def _download(jar: Jar, url: str, part: Path, advance: Advance) -> Path:
    resumed = part.exists()
    _fetch_all(jar, url, part, advance)
    if resumed and file_sha256(part) != jar.sha256:  # the old half may belong to something else: begin anew, once
        advance(-part.stat().st_size)
        part.unlink()
        _fetch_all(jar, url, part, advance)
    return _accept(jar, part)


def _accept(jar: Jar, part: Path) -> Path:
    found = file_sha256(part)
    if found != jar.sha256:
        part.unlink()
        raise JarMismatch(
            f"{jar.filename} is not the file that was locked",
            f"Its SHA-256 is {found}; the lock says {jar.sha256}. It was thrown away.",
            "Try again. If it happens again, the repository or something on the way alters files: "
            "use another network or mirror.",
        )
    os.utime(part, (MTIME, MTIME))
    final = part.with_suffix("")
    part.replace(final)
    return final


def _fetch_all(jar: Jar, url: str, part: Path, advance: Advance) -> None:
    """Fetch until the size is there; a break is resumed a few times."""
    for attempt in range(1, ATTEMPTS + 1):
        have = part.stat().st_size if part.exists() else 0
        if have > jar.size:
            part.unlink()
            advance(-have)
            have = 0
        elif have == jar.size:
            return
        fault = _fetch_rest(url, part, have, advance)
        if fault is None and part.stat().st_size >= jar.size:
            return
        if attempt == ATTEMPTS or (fault is not None and not fault.worth_retrying):
            raise unreachable(fault.text if fault else f"{jar.filename} ended early", jar)


class _Fault(Exception):
    """Why a fetch broke off."""

    def __init__(self, text: str, worth_retrying: bool) -> None:
        super().__init__(text)
        self.text = text
        self.worth_retrying = worth_retrying


def _fetch_rest(url: str, part: Path, have: int, advance: Advance) -> _Fault | None:
    """Ask for the bytes from `have` on and append them; returns the fault, if any."""
    import requests
    from jgo.util import http

    headers = {"Range": f"bytes={have}-"} if have else {}
    # Transfer encodings would change the bytes that the size and the hash speak of.
    headers["Accept-Encoding"] = "identity"
    try:
        with http.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
            if response.status_code not in (200, 206):
                return _Fault(f"the repository answered {response.status_code}", response.status_code >= 500)
            if have and response.status_code == 200:  # no ranges here: everything comes again
                advance(-have)
                part.unlink()
            with part.open("ab") as file:
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    advance(len(chunk))
    except requests.exceptions.ConnectionError as error:
        return _Fault(_short(error), worth_retrying=have != (part.stat().st_size if part.exists() else 0))
    except requests.RequestException as error:
        return _Fault(_short(error), worth_retrying=True)
    return None


def _short(error: Exception) -> str:
    """The innermost reason: the outer ones repeat the address and object ids."""
    reason: object = error
    while isinstance(reason, Exception):
        inner = getattr(reason, "reason", None) or next(
            (arg for arg in reason.args if isinstance(arg, Exception)), None
        )
        if inner is None:
            break
        reason = inner
    return f"{type(reason).__name__}: {str(reason).rpartition('>: ')[2] or reason}"


def unreachable(why: str, jar: Jar) -> JarsUnavailable:
    """The network refused."""
    return JarsUnavailable(
        "Kafka's jars could not be downloaded",
        f"While fetching {jar.filename}: {why}.",
        "Connect to the network and try again: what is here already is kept. Behind a proxy set HTTPS_PROXY; "
        "with a mirror of your own set KAFKA_TUTOR_MAVEN_REPOSITORY; without a network set KAFKA_TUTOR_JARS "
        "to a directory with the jars.",
    )


def disk_fault(error: OSError, where: Path) -> EnvironmentFault:
    """The disk refused: full, read-only, not ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentFault(
            "The disk is full",
            f"Nothing more can be written to {where}.",
            "Free some space (kafka-tutor needs about 300 MB for jars and caches) and try again.",
        )
    return EnvironmentFault(
        "A directory cannot be written",
        f"{where}: {error.strerror or error}.",
        "Make it writable, or set KAFKA_TUTOR_HOME to a directory of yours, and try again.",
    )
