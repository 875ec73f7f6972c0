"""A Maven repository on the loopback interface that can misbehave, and small jars to fetch from it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from labs.broker.lock import Jar, Lock


def make_jar(name: str, content: bytes) -> Jar:
    """A locked jar with that content."""
    return Jar("org.example", name, "1.0", len(content), hashlib.sha256(content).hexdigest())


class Repository(ThreadingHTTPServer):
    """Serves files from memory."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        """Path and Range header of each request."""
        self.breaks: dict[str, list[int]] = {}
        """Path → after how many bytes each of the next answers breaks off."""
        self.ranges = True
        self.status = 200

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def hold(self, content: dict[str, bytes]) -> Lock:
        """Serve jars of these names; returns their lock."""
        jars = {make_jar(name, data): data for name, data in content.items()}
        self.files.update({f"/{jar.path}": data for jar, data in jars.items()})
        return Lock(tuple(sorted(jars, key=lambda jar: jar.filename)))


class _Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        repository, wanted = self.server, self.headers.get("Range", "")
        repository.asked.append((self.path, wanted))
        data = repository.files.get(self.path)
        if repository.status != 200 or data is None:
            self.send_error(404 if data is None else repository.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and repository.ranges else 0
        body = data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cuts = repository.breaks.get(self.path)
        self.wfile.write(body[: cuts.pop(0)] if cuts else body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Repository]:
    """A repository at work."""
    with Repository() as repository:
        thread = threading.Thread(target=repository.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield repository
        finally:
            repository.shutdown()
            thread.join()
