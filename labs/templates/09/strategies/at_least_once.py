"""At least once: the offset is committed when everything is done."""

import json
import os
import sqlite3

from kafka import KafkaConsumer, KafkaProducer

db = sqlite3.connect("payments.db")
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
    db.execute("UPDATE accounts SET balance = balance - ? WHERE account = ?", (payment["amount"], payment["account"]))
    db.commit()  # crash point: debit
    producer.send(os.environ["COMPLETED"], record.value)
    producer.flush()  # crash point: event
    consumer.commit()  # crash point: offset
