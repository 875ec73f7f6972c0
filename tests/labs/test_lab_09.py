"""Lab 9 on a real broker: the table of strategies, and handlers that survive or do not."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from labs import handouts
from labs.broker.interface import Cluster
from labs.dirs import Dirs
from tests.labs.lab_world import Bench, bench, fixed_by, not_fixed_by

pytestmark = pytest.mark.broker

REFERENCE = handouts.text(9, "reference/handler.py")
KEYED = 'headers={"Content-Type": "application/json", "Idempotency-Key": payment["payment_id"]},'
assert KEYED in REFERENCE

ASKS_THE_GATEWAY = REFERENCE.replace(', "Idempotency-Key": payment["payment_id"]', "").replace(
    '    """Charge the card, with the same key in every attempt."""\n',
    '    asked = os.environ["GATEWAY"] + "/charges?payment_id=" + payment["payment_id"]\n'
    "    with urllib.request.urlopen(asked, timeout=10) as answer:\n"
    "        if json.load(answer):\n"
    "            return\n",
)
NO_KEY = REFERENCE.replace(', "Idempotency-Key": payment["payment_id"]', "")
KEY_OF_THE_ATTEMPT = REFERENCE.replace(
    '"Idempotency-Key": payment["payment_id"]', '"Idempotency-Key": str(uuid.uuid4())'
).replace("import urllib.request", "import urllib.request\nimport uuid")
KEY_OF_THE_ACCOUNT = REFERENCE.replace(
    '"Idempotency-Key": payment["payment_id"]', '"Idempotency-Key": payment["account"]'
)
CHARGES_WHAT_IS_NEW = NO_KEY.replace(
    """        if new.rowcount:
""",
    """        if new.rowcount:
            fresh.append(payment)
""",
).replace(
    """    charge(payment)
    debit(payment)
""",
    """    fresh = []
    debit(payment)
    for payment in fresh:
        charge(payment)
""",
)
KAFKA_TRANSACTION = (
    handouts.text(9, "variants/charge_in_transaction.py")
    .replace(
        "import urllib.request\n", 'import sqlite3\nimport urllib.request\n\ndb = sqlite3.connect("payments.db")\n'
    )
    .replace('    producer.send(os.environ["COMPLETED"], record.value)\n', "    debit(payment)\n")
    .replace(
        "\nfor record in consumer",
        "\ndef debit(payment):\n"
        '    with db:\n        db.execute("UPDATE accounts SET balance = balance - ? WHERE account = ?", '
        '(payment["amount"], payment["account"]))\n'
        "\nfor record in consumer",
    )
)


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(9, cluster, kafka_dirs) as lab:
        yield lab


def write(lab: Bench, text: str) -> None:
    (lab.run.context.workspace / "handler.py").write_text(text)


@pytest.mark.long
def test_what_is_measured(lab: Bench) -> None:
    lab.run.observe()
    assert {found.id: found.value for found in lab.run.observations()} == {
        "at-most-once-debit": "lost",
        "at-least-once-debit": "twice",
        "deduplicated-debit": "once",
        "deduplicated-event": "lost",
        "transaction-event": "once",
        "transaction-debit": "twice",
        "outbox-debit": "once",
        "outbox-event": "twice",
        "second-send-new-record": 2,
        "gateway-charged-twice": 2,
        "gateway-key-charged-once": 1,
        "open-transaction-holds-back": 3,
        "uncommitted-reads-all": 9,
        "aborted-stays-hidden": 9,
        "zombie-fenced": "fenced",
    }
    running = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert not [line for line in running if "labs.nursery" in line or "labs.launcher" in line]


@pytest.mark.long
def test_asking_the_gateway_first_is_right(lab: Bench) -> None:
    fixed_by(lab, lambda lab: write(lab, ASKS_THE_GATEWAY))


@pytest.mark.long
@pytest.mark.parametrize(
    ("program", "checks"),
    [
        (NO_KEY, ["gateway-never-twice"]),
        (KEY_OF_THE_ATTEMPT, ["gateway-never-twice"]),
        (CHARGES_WHAT_IS_NEW, ["gateway-never-lost"]),
        (KAFKA_TRANSACTION, ["gateway-never-twice", "never-twice"]),
    ],
    ids=["no key", "a key of the attempt", "charges what is new", "a Kafka transaction"],
)
def test_half_a_fix_is_not_right(lab: Bench, program: str, checks: list[str]) -> None:
    not_fixed_by(lab, lambda lab: write(lab, program), checks)


@pytest.mark.long
def test_a_key_that_is_not_the_payments_loses_charges(lab: Bench) -> None:
    failing = not_fixed_by(
        lab,
        lambda lab: write(lab, KEY_OF_THE_ACCOUNT),
        ["gateway-never-lost", "gateway-never-twice", "never-lost", "never-twice", "works"],
    )
    assert "ledger: 3 of 3, gateway: 2 of 3" in failing["works"].found
