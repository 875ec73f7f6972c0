"""enrich: reads the events of customers from Kafka, and has the profile service handle each.

It runs for ever and is started again whenever it dies. It is told where things are by BOOTSTRAP, TOPIC, GROUP, INSTANCE
and PROFILES.

The profile service:
    POST $PROFILES   {"customer": …, "seq": …, "event": …}   handles one event; from this host a call takes about 50 ms
    POST $PROFILES   [{…}, {…}, …]                           handles up to 50 events in their order; 1 ms more for each
    What it answers with 200 is done. It has room for 8 calls at once, and answers 429 to a ninth.
"""

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
    max_poll_records=10,
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
