"""Polls a single record, once with large fetches and once with small ones, and tells how its memory has grown."""

import os

import psutil
from kafka import KafkaConsumer, TopicPartition

me = psutil.Process()


def poll_one(partition_bytes):
    """Poll until a record comes; what the process then has in memory beyond what it had before, in MiB."""
    consumer = KafkaConsumer(
        bootstrap_servers=os.environ["BOOTSTRAP"],
        enable_auto_commit=False,
        max_poll_records=1,
        max_partition_fetch_bytes=partition_bytes,
        fetch_max_bytes=52_428_800,
    )
    consumer.assign([TopicPartition(os.environ["TOPIC"], 0)])
    consumer.seek(TopicPartition(os.environ["TOPIC"], 0), 0)
    before = me.memory_info().rss
    batch = {}
    while not batch:
        batch = consumer.poll(timeout_ms=500)
    records = [record for found in batch.values() for record in found]
    grown = (me.memory_info().rss - before) / (1024 * 1024)
    consumer.close()
    return len(records), len(records[0].value), grown


for size in (65_536, 33_554_432):
    count, value, grown = poll_one(size)
    print(f"one {size} {count} {value} {grown:.1f}")
