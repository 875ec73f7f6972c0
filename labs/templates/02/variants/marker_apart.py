"""payment-service with a table of processed ids, but in a transaction of its own: the id first, then the debit."""

import json
import os
import sqlite3

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


def handle(payment):
    """Debit one payment, unless its id has been stored."""
    new = db.execute("INSERT INTO processed VALUES (?) ON CONFLICT DO NOTHING", (payment["payment_id"],)).rowcount
    db.commit()
    if not new:
        return
    db.execute(
        "UPDATE accounts SET balance = balance - ? WHERE account = ?",
        (payment["amount"], payment["account"]),
    )
    db.commit()


for record in consumer:
    payment = json.loads(record.value)
    print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
    handle(payment)
    consumer.commit()
