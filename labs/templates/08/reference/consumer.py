"""doc-indexer: reads documents from Kafka and writes each to the search index.

It runs for ever. It is told where Kafka is by BOOTSTRAP, TOPIC and GROUP; its index, index.txt, is in the current
directory. Its memory is limited, so it asks for little at a time and keeps nothing.
"""

import hashlib
import json
import os

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=200,  # what one poll hands out …
    max_partition_fetch_bytes=1_048_576,  # … and what the client fetches ahead, in bytes
    fetch_max_bytes=4_194_304,
)
index = open("index.txt", "a", buffering=1)


def handle(document):
    """Index one document: {"id": …, "words": […]}. The index knows each by a digest of its words."""
    digest = hashlib.sha256(" ".join(document["words"]).encode()).hexdigest()[:16]
    index.write(f"{document['id']} {digest}\n")


while True:
    batch = consumer.poll(timeout_ms=500)
    for records in batch.values():
        for record in records:
            handle(json.loads(record.value))  # nothing refers to the document after this line
    if batch:
        consumer.commit()
