"""payment-service: reads payments from Kafka and debits accounts in SQLite.

It runs for ever and is started again whenever it dies. It is told where Kafka is by BOOTSTRAP, TOPIC and GROUP; its
database, payments.db, is in the current directory and has a table `accounts (account, balance)` already.
"""

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


for record in consumer:
    payment = json.loads(record.value)
    print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
    handle(payment)
    consumer.commit()
