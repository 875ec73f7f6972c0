"""As consumer.py, with fifty times as many records in a poll."""

import os
import urllib.request

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    client_id=os.environ["INSTANCE"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=500,
    metadata_max_age_ms=1000,  # time is short here: by default it looks for new partitions every 5 min …
    heartbeat_interval_ms=500,  # … and hears of a rebalance within 3 s
)


def call(body):
    """Have the service handle an event, or a list of them, as JSON."""
    request = urllib.request.Request(os.environ["PROFILES"], body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


for record in consumer:
    call(record.value)
    consumer.commit()
