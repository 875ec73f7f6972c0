"""A member of a group that reports in JSON, as kafka-verifiable-consumer does. SIGTERM ends it in order."""

import json
import os
import signal

from kafka import ConsumerRebalanceListener, KafkaConsumer


def tell(name, **more):
    """One line for one event."""
    print(json.dumps({"name": name, **more}))


class Told(ConsumerRebalanceListener):
    """Tells each rebalance."""

    def on_partitions_assigned(self, assigned):
        tell("partitions_assigned", partitions=rows(assigned))

    def on_partitions_revoked(self, revoked):
        tell("partitions_revoked", partitions=rows(revoked))


def rows(partitions):
    """Partitions as JSON has them."""
    return [{"topic": part.topic, "partition": part.partition} for part in sorted(partitions)]


ending = []
signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
consumer = KafkaConsumer(
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    group_instance_id=os.environ.get("INSTANCE"),
    auto_offset_reset="earliest",
    session_timeout_ms=10_000,
    heartbeat_interval_ms=300,
)
consumer.subscribe([os.environ["TOPIC"]], listener=Told())
consumer.partitions_for_topic(os.environ["TOPIC"])  # known before it joins, so that it joins once
tell("startup_complete")
while not ending:
    batch = consumer.poll(timeout_ms=100)
    if batch:
        found = [{"topic": part.topic, "partition": part.partition, "count": len(got)} for part, got in batch.items()]
        tell("records_consumed", partitions=found)
consumer.close()
