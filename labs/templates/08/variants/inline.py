"""Reads whole payloads from Kafka, one at a time, and checks their digests. Ends after the number in COUNT."""

import hashlib
import os

from kafka import KafkaConsumer
from peak import peak_mb

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=1,
)
left = int(os.environ["COUNT"])
while left:
    for records in consumer.poll(timeout_ms=500).values():
        for record in records:
            assert hashlib.sha256(record.value).hexdigest().encode() == record.key
            left -= 1
print(f"peak {peak_mb():.1f}")
