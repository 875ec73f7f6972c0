"""payment-service: reads payments from Kafka and debits accounts in SQLite, each payment once.

The offset is committed after the work, so a crash repeats a payment and never loses one. Its id is stored in the same
database transaction as the debit: either both are there or neither, so a repetition is recognised and changes nothing.
"""

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
    """Debit one payment, unless it has been debited."""
    with db:  # one transaction: committed at the end of the block, rolled back by a crash
        new = db.execute(
            "INSERT INTO processed VALUES (?) ON CONFLICT DO NOTHING",
            (payment["payment_id"],),
        )
        if new.rowcount:
            db.execute(
                "UPDATE accounts SET balance = balance - ? WHERE account = ?",
                (payment["amount"], payment["account"]),
            )


for record in consumer:
    payment = json.loads(record.value)
    print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
    handle(payment)
    consumer.commit()
