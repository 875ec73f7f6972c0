"""As consumer.py, with eight workers beside the poll loop, one event a call.

Every customer has a queue, and at most one call under way; any worker that is free takes the next customer. The loop goes on
polling; while too much is under way the partitions are paused. It commits up to the first record that is not done,
whatever is done behind it.
"""

import os
import queue
import threading
import urllib.request
from collections import deque

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

WORKERS = 8
MOST = 100
"""Records under way, at which the partitions are paused."""

consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    client_id=os.environ["INSTANCE"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    max_poll_records=50,
    metadata_max_age_ms=1000,
    heartbeat_interval_ms=500,
)


def call(body):
    """Have the service handle an event, or a list of them, as JSON."""
    request = urllib.request.Request(os.environ["PROFILES"], body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


def hand_over(record):
    """Put a record into its customer's queue."""
    with lock:
        if record.key in waiting:
            waiting[record.key].append(record)
        else:
            waiting[record.key] = deque([record])
            ready.put(record.key)


def work():
    """Handle one record of a customer, then one of the next."""
    try:
        while True:
            key = ready.get()
            record = waiting[key][0]
            call(record.value)
            finished.put(record)
            with lock:
                waiting[key].popleft()
                if waiting[key]:
                    ready.put(key)
                else:
                    del waiting[key]
    except Exception as error:
        finished.put(error)


lock = threading.Lock()
waiting = {}
"""Customer → records that are not done; the first one may be under way."""
ready = queue.Queue()
"""Customers with a record that waits, and none under way."""
finished = queue.Queue()
for _ in range(WORKERS):
    threading.Thread(target=work, daemon=True).start()
under_way = {}
"""TopicPartition → {offset: whether it is done}, in the order of the offsets."""


def commit():
    """Commit what is done without a gap."""
    offsets = {}
    for partition, rows in under_way.items():
        for offset in list(rows):
            if not rows[offset]:
                break
            del rows[offset]
            offsets[partition] = OffsetAndMetadata(offset + 1, "", -1)
    if offsets:
        consumer.commit(offsets)


while True:
    for partition, records in consumer.poll(timeout_ms=20).items():
        for record in records:
            under_way.setdefault(partition, {})[record.offset] = False
            hand_over(record)
    while not finished.empty():
        done = finished.get()
        if isinstance(done, Exception):
            raise done
        under_way[TopicPartition(done.topic, done.partition)][done.offset] = True
    commit()
    if sum(map(len, under_way.values())) >= MOST:
        consumer.pause(*consumer.assignment())
    else:
        consumer.resume(*consumer.paused())
