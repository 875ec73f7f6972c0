"""The Kafka transaction again, with a call to the gateway in it; with WITH_KEY, the call has an idempotency key."""

import json
import os
import urllib.request

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

producer = KafkaProducer(bootstrap_servers=os.environ["BOOTSTRAP"], transactional_id=os.environ["GROUP"] + "-id")
producer.init_transactions()
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    isolation_level="read_committed",
)

for record in consumer:
    payment = json.loads(record.value)
    producer.begin_transaction()
    headers = {"Idempotency-Key": payment["payment_id"]} if os.environ.get("WITH_KEY") else {}
    request = urllib.request.Request(os.environ["GATEWAY"] + "/charges", data=record.value, headers=headers)
    urllib.request.urlopen(request, timeout=10).close()
    producer.send(os.environ["COMPLETED"], record.value)
    done = {TopicPartition(record.topic, record.partition): OffsetAndMetadata(record.offset + 1, "", -1)}
    producer.send_offsets_to_transaction(done, consumer.group_metadata())
    producer.commit_transaction()
