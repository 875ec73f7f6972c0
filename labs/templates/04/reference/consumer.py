"""invoice-worker: reads invoices from Kafka and has the tax service handle each of them.

Two of these run as members of one group, each in a process of its own, for ever. They are told where things are by
BOOTSTRAP, TOPIC, GROUP and SERVICE. The tax service takes 0.25 s for an invoice; that is the partner's, and stays so.
"""

import os
import urllib.request

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import CommitFailedError


class Told(ConsumerRebalanceListener):
    """Says what a rebalance does to this member."""

    def on_partitions_assigned(self, assigned):
        print("assigned", *sorted(part.partition for part in assigned))

    def on_partitions_revoked(self, revoked):
        print("revoked", *sorted(part.partition for part in revoked))

    def on_partitions_lost(self, lost):
        print("lost", *sorted(part.partition for part in lost))


consumer = KafkaConsumer(
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=2,  # 0.5 s of work between two polls, a third of what is allowed
    max_poll_interval_ms=1500,  # 300000
    session_timeout_ms=3000,  # 45000
    heartbeat_interval_ms=300,  # 3000
)
consumer.subscribe([os.environ["TOPIC"]], listener=Told())


def handle(invoice):
    """Have the tax service do its part."""
    urllib.request.urlopen(urllib.request.Request(os.environ["SERVICE"], data=invoice)).close()


while True:
    batch = consumer.poll(timeout_ms=200)
    for records in batch.values():
        for record in records:
            handle(record.value)
    if batch:
        try:
            consumer.commit()
        except CommitFailedError as error:
            print("commit refused:", type(error).__name__)
