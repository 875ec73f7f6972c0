"""A Kafka transaction: the event and the offset are committed together. The debit is not Kafka's."""

import json
import os
import sqlite3

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

db = sqlite3.connect("payments.db")
producer = KafkaProducer(bootstrap_servers=os.environ["BOOTSTRAP"], transactional_id=os.environ["GROUP"] + "-id")
producer.init_transactions()
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    isolation_level="read_committed",
)

for record in consumer:
    payment = json.loads(record.value)
    producer.begin_transaction()
    db.execute("UPDATE accounts SET balance = balance - ? WHERE account = ?", (payment["amount"], payment["account"]))
    db.commit()  # crash point: debit
    producer.send(os.environ["COMPLETED"], record.value)
    producer.flush()  # crash point: event
    done = {TopicPartition(record.topic, record.partition): OffsetAndMetadata(record.offset + 1, "", -1)}
    producer.send_offsets_to_transaction(done, consumer.group_metadata())
    producer.commit_transaction()  # crash point: offset
