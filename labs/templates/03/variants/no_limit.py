"""As consumer.py, with forty workers: more calls at once than the service has room for."""

import os
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    client_id=os.environ["INSTANCE"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=100,
    metadata_max_age_ms=1000,  # time is short here: by default it looks for new partitions every 5 min …
    heartbeat_interval_ms=500,  # … and hears of a rebalance within 3 s
)


def call(body):
    """Have the service handle an event, or a list of them, as JSON."""
    request = urllib.request.Request(os.environ["PROFILES"], body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


with ThreadPoolExecutor(40) as pool:
    while True:
        for records in consumer.poll(timeout_ms=500).values():
            pool.map(call, [record.value for record in records])
