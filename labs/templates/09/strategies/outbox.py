"""A transactional outbox: the event is a row in the transaction of the debit; a relay sends the rows."""

import json
import os
import sqlite3

from kafka import KafkaConsumer, KafkaProducer

db = sqlite3.connect("payments.db")
db.execute("CREATE TABLE IF NOT EXISTS outbox (payment_id TEXT PRIMARY KEY, event BLOB, sent INTEGER DEFAULT 0)")
producer = KafkaProducer(bootstrap_servers=os.environ["BOOTSTRAP"], acks="all", enable_idempotence=True)
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)


def relay():
    """Send what has not been sent. A process of its own in production, or change data capture."""
    for payment_id, event in db.execute("SELECT payment_id, event FROM outbox WHERE NOT sent").fetchall():
        producer.send(os.environ["COMPLETED"], event)
        producer.flush()  # crash point: event
        db.execute("UPDATE outbox SET sent = 1 WHERE payment_id = ?", (payment_id,))
        db.commit()


relay()
for record in consumer:
    payment = json.loads(record.value)
    row = (payment["payment_id"], record.value)
    new = db.execute("INSERT INTO outbox (payment_id, event) VALUES (?, ?) ON CONFLICT DO NOTHING", row).rowcount
    if new:
        db.execute(
            "UPDATE accounts SET balance = balance - ? WHERE account = ?", (payment["amount"], payment["account"])
        )
    db.commit()  # crash point: debit
    consumer.commit()  # crash point: offset
    relay()
