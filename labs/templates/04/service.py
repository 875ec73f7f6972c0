"""The partner's tax service: `service.py LOG SECONDS HANGING`. Slow, and knows nothing of Kafka.

POST /WHO/MEMBER   the body is the number of an invoice
It takes SECONDS for each invoice, writes it into LOG, and answers. Callers named in the file HANGING, as WHO/MEMBER, a line
each, get no answer for as long as they are in it.
"""

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ONE_AT_A_TIME = threading.Lock()
SECONDS = float(sys.argv[2])
HANGING = Path(sys.argv[3])
log = open(sys.argv[1], "a", buffering=1)


def note(what, caller, invoice):
    """Write a line: what happened, who asked, which invoice."""
    with ONE_AT_A_TIME:
        log.write(f"{what} {caller} {invoice}\n")


def hangs(caller):
    """Whether this caller gets no answer now."""
    return caller in HANGING.read_text().split()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        invoice = "".join(body.decode(errors="replace").split()) or "-"
        caller = self.path.strip("/")
        if hangs(caller):
            note("hangs", caller, invoice)
            while hangs(caller):
                time.sleep(0.1)
        time.sleep(SECONDS)
        note("done", caller, invoice)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """No other log than ours."""


class Server(ThreadingHTTPServer):
    """Takes many callers at once; one that has gone away is no fault."""

    request_queue_size = 64

    def handle_error(self, *_):
        """The caller was killed while it waited."""


server = Server(("127.0.0.1", 0), Handler)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
