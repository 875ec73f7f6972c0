"""payment-service that handles what one poll() brings, and commits once at its end."""

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
    enable_auto_commit=False,
)


def handle(payment):
    """Debit one payment: {"payment_id": …, "account": …, "amount": rupees}."""
    db.execute(
        "UPDATE accounts SET balance = balance - ? WHERE account = ?",
        (payment["amount"], payment["account"]),
    )
    db.commit()


while True:
    batch = consumer.poll(timeout_ms=1000, max_records=500)
    for record in [record for records in batch.values() for record in records]:
        payment = json.loads(record.value)
        print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
        handle(payment)
    if batch:
        consumer.commit()
