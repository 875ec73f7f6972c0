"""A transactional producer: two payments in one transaction. Started twice, it is two instances with one transactional.id."""

import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["BOOTSTRAP"], transactional_id=os.environ["TRANSACTIONAL_ID"])
producer.init_transactions()
producer.begin_transaction()
for number in range(2):
    producer.send(os.environ["TOPIC"], f"{os.environ['INSTANCE']}-{number}".encode())
producer.flush()
producer.commit_transaction()
print("committed")
