"""enrich: reads the events of customers from Kafka, and has the profile service handle them, many in a call.

What a poll brings is shared out to four lanes by key: all events of a customer go to the same lane, and a lane makes one
call after the other, so their order holds. The offsets are committed when every lane is done: nothing before them is open.
"""

import os
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaConsumer

LANES = 4
BATCH = 50

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    client_id=os.environ["INSTANCE"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=LANES * BATCH,
    metadata_max_age_ms=1000,
    heartbeat_interval_ms=500,
)


def call(body):
    """Have the service handle an event, or a list of them, as JSON."""
    request = urllib.request.Request(os.environ["PROFILES"], body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


def work_off(records):
    """Handle the records of one lane, in their order."""
    for start in range(0, len(records), BATCH):
        values = [record.value for record in records[start : start + BATCH]]
        call(b"[" + b",".join(values) + b"]")


with ThreadPoolExecutor(LANES) as pool:
    while True:
        lanes = [[] for _ in range(LANES)]
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                lanes[zlib.crc32(record.key) % LANES].append(record)
        # list() waits for all of them, and raises what went wrong in one.
        if list(pool.map(work_off, filter(None, lanes))):
            consumer.commit()
