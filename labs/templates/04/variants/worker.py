"""invoice-worker with a worker: the poll loop only polls, and a thread beside it waits for the tax service."""

import os
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError
from kafka.structs import OffsetAndMetadata

worker = ThreadPoolExecutor(1)
job = None


class Told(ConsumerRebalanceListener):
    """Says what a rebalance does to this member, and keeps new partitions quiet while the worker is busy."""

    def on_partitions_assigned(self, assigned):
        print("assigned", *sorted(part.partition for part in assigned))
        if job is not None:
            consumer.pause(*assigned)

    def on_partitions_revoked(self, revoked):
        print("revoked", *sorted(part.partition for part in revoked))

    def on_partitions_lost(self, lost):
        print("lost", *sorted(part.partition for part in lost))


consumer = KafkaConsumer(
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=10,
    max_poll_interval_ms=1500,
    session_timeout_ms=3000,
    heartbeat_interval_ms=300,
)
consumer.subscribe([os.environ["TOPIC"]], listener=Told())


def handle(invoice):
    """Have the tax service do its part."""
    urllib.request.urlopen(urllib.request.Request(os.environ["SERVICE"], data=invoice)).close()


def work(batch):
    """Handle a batch; where the next one begins, by partition."""
    for records in batch.values():
        for record in records:
            handle(record.value)
    return {TopicPartition(*part): OffsetAndMetadata(found[-1].offset + 1, "", -1) for part, found in batch.items()}


while True:
    batch = consumer.poll(timeout_ms=200)
    if not batch:
        continue
    consumer.pause(*consumer.assignment())
    job = worker.submit(work, batch)
    while not job.done():
        consumer.poll(timeout_ms=100)  # brings nothing, everything is paused; but it is a poll
    try:
        consumer.commit({part: at for part, at in job.result().items() if part in consumer.assignment()})
    except CommitFailedError as error:
        print("commit refused:", type(error).__name__)
    job = None
    consumer.resume(*consumer.paused())
