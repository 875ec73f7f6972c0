"""payment-service: charges the card at the gateway, debits the ledger, and commits the offset; each payment once.

Everything may happen again after a crash, so every step recognises a repetition by the payment's id:
the gateway by the idempotency key, the ledger by a unique key in the transaction of the debit. The offset is last.
"""

import json
import os
import sqlite3
import urllib.request

from kafka import KafkaConsumer

db = sqlite3.connect("payments.db")
db.execute("CREATE TABLE IF NOT EXISTS processed (payment_id TEXT PRIMARY KEY)")
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)


def charge(payment):
    """Charge the card, with the same key in every attempt."""
    request = urllib.request.Request(
        os.environ["GATEWAY"] + "/charges",
        data=json.dumps(payment).encode(),
        headers={"Content-Type": "application/json", "Idempotency-Key": payment["payment_id"]},
    )
    urllib.request.urlopen(request, timeout=10).close()


def debit(payment):
    """Debit the ledger, unless this payment has been debited."""
    with db:
        new = db.execute("INSERT INTO processed VALUES (?) ON CONFLICT DO NOTHING", (payment["payment_id"],))
        if new.rowcount:
            db.execute(
                "UPDATE accounts SET balance = balance - ? WHERE account = ?",
                (payment["amount"], payment["account"]),
            )


for record in consumer:
    payment = json.loads(record.value)
    print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
    charge(payment)
    debit(payment)
    consumer.commit()
