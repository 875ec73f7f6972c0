"""A payment gateway: `gateway.py DATABASE`. Charges cards, and knows nothing of Kafka.

POST /WHO/charges   {"payment_id": …, "account": …, "amount": …}   with an optional header Idempotency-Key
GET  /WHO/charges?payment_id=…
WHO tells its customers apart. A charge is in the database before it is answered.
"""

import json
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ONE_AT_A_TIME = threading.Lock()
db = sqlite3.connect(sys.argv[1], check_same_thread=False)
db.execute("PRAGMA journal_mode = WAL")  # whoever reads it is never locked out by a charge
db.execute(
    "CREATE TABLE charges (id INTEGER PRIMARY KEY, who TEXT, payment_id TEXT, account TEXT, amount INTEGER, key TEXT,"
    " UNIQUE (who, key))"
)
db.commit()


def charge(who, payment, key):
    """The id of the charge, and whether it is a new one."""
    with ONE_AT_A_TIME, db:
        if key:
            known = db.execute("SELECT id FROM charges WHERE who = ? AND key = ?", (who, key)).fetchone()
            if known:
                return known[0], False
        row = (who, str(payment.get("payment_id")), str(payment["account"]), int(payment["amount"]), key)
        made = db.execute("INSERT INTO charges (who, payment_id, account, amount, key) VALUES (?, ?, ?, ?, ?)", row)
        return made.lastrowid, True


def charges(who, payment_id):
    """The ids of the charges that name a payment."""
    with ONE_AT_A_TIME:
        rows = db.execute("SELECT id FROM charges WHERE who = ? AND payment_id = ?", (who, payment_id)).fetchall()
    return [{"charge_id": row[0]} for row in rows]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            number, new = charge(self.path.split("/")[1], json.loads(body), self.headers.get("Idempotency-Key"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.answer(400, {"error": f"{type(error).__name__}: {error}"})
        else:
            self.answer(201 if new else 200, {"charge_id": number})

    def do_GET(self):
        url = urlsplit(self.path)
        wanted = parse_qs(url.query).get("payment_id", [""])[0]
        self.answer(200, charges(url.path.split("/")[1], wanted))

    def answer(self, status, value):
        """Send JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """No log: its database is one."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
