"""As consumer.py, but it commits after every poll. The documents stay in the list."""

import json
import os

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)

documents = []
while True:
    for records in consumer.poll(timeout_ms=500).values():
        documents += [json.loads(record.value) for record in records]
        print(f"held {len(documents)}")
    consumer.commit()
