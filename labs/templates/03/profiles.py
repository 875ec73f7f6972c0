"""The profile service: `profiles.py LOG SECONDS…`. Takes events of customers, and knows nothing of Kafka.

It listens on one port for each number of seconds: so long a call over that port takes.
POST /WHO   {"customer": …, "seq": …, …}   handles one event
POST /WHO   [{…}, {…}, …]                  handles up to 50 events, in their order, in little more time than one
WHO tells its callers apart. Each may have 8 calls under way; a ninth gets 429 and has no effect. What is answered with
200 is done. The log has a line when a call begins, and one when it is done, before it is answered.
"""

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

AT_ONCE = 8
BATCH = 50
FURTHER = 0.001
"""Seconds for each event of a call beyond the first."""
SPREAD = 0.4
"""A call takes up to so much less or more: no two take the same time."""

log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
gate = threading.Lock()
under_way = Counter()
calls = 0


def note(**row):
    """One line, in one write: a crash leaves whole lines."""
    os.write(log, json.dumps({"at": time.time(), **row}).encode() + b"\n")


def begin(who, events):
    """The number of the call; None where the caller has too many under way."""
    global calls
    with gate:
        if under_way[who] >= AT_ONCE:
            note(do="refused", who=who)
            return None
        under_way[who] += 1
        calls += 1
        note(do="begin", who=who, call=f"{os.getpid()}-{calls}", events=events)
        return f"{os.getpid()}-{calls}"


def done(who, call):
    """The call has taken effect, and its place is free."""
    with gate:
        under_way[who] -= 1
        note(do="done", call=call)


class Handler(BaseHTTPRequestHandler):
    """The calls that come over one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer in one piece

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            found = json.loads(body)
            events = [[str(row["customer"]), int(row["seq"])] for row in (found if isinstance(found, list) else [found])]
        except (ValueError, KeyError, TypeError) as error:
            return self.answer(400, {"error": f"{type(error).__name__}: {error}"})
        if not 1 <= len(events) <= BATCH:
            return self.answer(413, {"error": f"{len(events)} events in a call, 1 to {BATCH} are allowed"})
        who = self.path.strip("/")
        call = begin(who, events)
        if call is None:
            return self.answer(429, {"error": f"{AT_ONCE} calls are under way"})
        time.sleep(self.server.seconds * random.uniform(1 - SPREAD, 1 + SPREAD) + FURTHER * (len(events) - 1))
        done(who, call)
        self.answer(200, {"handled": len(events)})

    def answer(self, status, value):
        """Send JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """It has a log of its own."""


class Server(ThreadingHTTPServer):
    """One port."""

    request_queue_size = 128
    seconds = 0.0

    def handle_error(self, *_):
        """A caller that is gone does not hear the answer, and that is all."""


servers = []
for seconds in sys.argv[2:]:
    server = Server(("127.0.0.1", 0), Handler)
    server.seconds = float(seconds)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    servers.append(server)
print("ports", *(server.server_port for server in servers), flush=True)
threading.Event().wait()
