"""As consumer.py, with eight workers beside the poll loop, one event a call.

A customer's events wait in the queue of one worker. The loop goes on polling; while too much is under way the partitions
are paused. It commits up to the first record that is not done, whatever is done behind it.
"""

import os
import queue
import threading
import urllib.request
import zlib

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


def work(waiting):
    """Handle what comes into a queue, one after the other."""
    try:
        while True:
            record = waiting.get()
            call(record.value)
            finished.put(record)
    except Exception as error:
        finished.put(error)


queues = [queue.Queue() for _ in range(WORKERS)]
finished = queue.Queue()
for waiting in queues:
    threading.Thread(target=work, args=(waiting,), daemon=True).start()
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
            queues[zlib.crc32(record.key) % WORKERS].put(record)
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
