"""doc-indexer: reads documents from Kafka and writes each to the search index.

It runs for ever. It is told where Kafka is by BOOTSTRAP, TOPIC and GROUP; its index, index.txt, is in the current
directory. Its memory is limited.
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
    max_poll_records=10_000,
    max_partition_fetch_bytes=2_097_152,
    fetch_max_bytes=52_428_800,
)
index = open("index.txt", "a", buffering=1)


def handle(document):
    """Index one document: {"id": …, "words": […]}. The index knows each by a digest of its words."""
    digest = hashlib.sha256(" ".join(document["words"]).encode()).hexdigest()[:16]
    index.write(f"{document['id']} {digest}\n")


documents = []
while True:
    batch = consumer.poll(timeout_ms=500)
    for records in batch.values():
        for record in records:
            documents.append(json.loads(record.value))
            if len(documents) % 50 == 0:
                print(f"held {len(documents)}")
    # The more at once, the better: one pass over a large list.
    if len(documents) >= 10_000:
        for document in documents:
            handle(document)
        consumer.commit()
        documents = []
