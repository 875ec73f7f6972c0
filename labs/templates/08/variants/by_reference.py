"""Reads references from Kafka and the payloads from their files, a piece at a time. Ends after the number in COUNT."""

import hashlib
import json
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


def digest_of(path):
    """The SHA-256 of a file, without having it in memory."""
    digest = hashlib.sha256()
    with open(path, "rb") as payload:
        while piece := payload.read(65_536):
            digest.update(piece)
    return digest.hexdigest()


left = int(os.environ["COUNT"])
while left:
    for records in consumer.poll(timeout_ms=500).values():
        for record in records:
            claim = json.loads(record.value)
            assert digest_of(claim["path"]) == claim["sha256"]
            left -= 1
print(f"peak {peak_mb():.1f}")
