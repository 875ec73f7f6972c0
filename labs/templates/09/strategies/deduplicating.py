"""A consumer that deduplicates: the payment's id is stored in the transaction of the debit; a known one is skipped."""

import json
import os
import sqlite3

from kafka import KafkaConsumer, KafkaProducer

db = sqlite3.connect("payments.db")
db.execute("CREATE TABLE IF NOT EXISTS processed (payment_id TEXT PRIMARY KEY)")
producer = KafkaProducer(bootstrap_servers=os.environ["BOOTSTRAP"], acks="all", enable_idempotence=True)
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)

for record in consumer:
    payment = json.loads(record.value)
    new = db.execute("INSERT INTO processed VALUES (?) ON CONFLICT DO NOTHING", (payment["payment_id"],)).rowcount
    if new:
        db.execute(
            "UPDATE accounts SET balance = balance - ? WHERE account = ?", (payment["amount"], payment["account"])
        )
    db.commit()  # crash point: debit
    if new:
        producer.send(os.environ["COMPLETED"], record.value)
        producer.flush()  # crash point: event
    consumer.commit()  # crash point: offset
