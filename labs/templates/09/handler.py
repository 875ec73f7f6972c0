"""payment-service: charges the card at the gateway, debits the ledger, and commits the offset.

It runs for ever and is started again whenever it dies. It is told where things are by BOOTSTRAP, TOPIC, GROUP and GATEWAY.
Its ledger, payments.db, is in the current directory and has a table `accounts (account, balance)` already.

The gateway:
    POST $GATEWAY/charges   {"payment_id": …, "account": …, "amount": rupees}   charges the card
        with the header Idempotency-Key: a second request with the same key charges nothing and gets the first answer
    GET  $GATEWAY/charges?payment_id=…   the charges that name this payment_id
"""

import json
import os
import sqlite3
import urllib.request

from kafka import KafkaConsumer

db = sqlite3.connect("payments.db")
consumer = KafkaConsumer(
    os.environ["TOPIC"],
    bootstrap_servers=os.environ["BOOTSTRAP"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)


def charge(payment):
    """Charge the card."""
    request = urllib.request.Request(
        os.environ["GATEWAY"] + "/charges",
        data=json.dumps(payment).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def debit(payment):
    """Debit the ledger."""
    db.execute(
        "UPDATE accounts SET balance = balance - ? WHERE account = ?",
        (payment["amount"], payment["account"]),
    )
    db.commit()


for record in consumer:
    payment = json.loads(record.value)
    print(f"offset {record.offset}: {payment['payment_id']} ₹{payment['amount']} from {payment['account']}")
    charge(payment)
    debit(payment)
    consumer.commit()
