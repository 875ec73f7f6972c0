"""payment-service with auto-commit, as every client has it by default: at most every 5 s, inside poll()."""

import json
import os
import sqlite3

from kafka import KafkaConsumer

db = sqlite3.connect("payments.db")
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=True,
)


def handle(payment):
    """Debit one payment: {"payment_id": …, "account": …, "amount": rupees}."""
    db.execute(
        "UPDATE accounts SET balance = balance - ? WHERE account = ?",
        (payment["amount"], payment["account"]),
    )
    db.commit()


for record in consumer:
    payment = json.loads(record.value)
    print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
    handle(payment)
