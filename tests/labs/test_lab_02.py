"""Lab 2 on a real broker: any program that survives is right, and nothing else is."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psutil
import pytest

from labs import handouts
from labs.broker.interface import Cluster
from labs.contract import Output
from labs.dirs import Dirs
from labs.errors import LabStopped
from tests.labs.lab_world import Bench, bench, fixed_by, not_fixed_by

pytestmark = pytest.mark.broker

REFERENCE = handouts.text(2, "reference/consumer.py")
FAULTY = handouts.text(2, "consumer.py")
HEAD = FAULTY[: FAULTY.index("consumer = KafkaConsumer(")]
CONSUMER = FAULTY[FAULTY.index("consumer = KafkaConsumer(") : FAULTY.index("def handle")]
UPDATE = (
    'db.execute("UPDATE accounts SET balance = balance - ? WHERE account = ?", (payment["amount"], payment["account"]))'
)

OFFSETS_WITH_THE_RESULT = f"""{HEAD.replace("import KafkaConsumer", "import KafkaConsumer, TopicPartition")}
with db:
    db.execute("CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY, next INTEGER)")
    db.execute("INSERT INTO place VALUES (0, 0) ON CONFLICT DO NOTHING")
consumer = KafkaConsumer(bootstrap_servers=os.environ["BOOTSTRAP"], enable_auto_commit=False)
partition = TopicPartition(os.environ["TOPIC"], 0)
consumer.assign([partition])
consumer.seek(partition, db.execute("SELECT next FROM place").fetchone()[0])
for record in consumer:
    payment = json.loads(record.value)
    with db:
        {UPDATE}
        db.execute("UPDATE place SET next = ?", (record.offset + 1,))
"""

WHOLE_BATCHES = f"""{HEAD}
db.execute("CREATE TABLE IF NOT EXISTS processed (payment_id TEXT PRIMARY KEY)")
{CONSUMER}
while True:
    records = [record for found in consumer.poll(timeout_ms=200).values() for record in found]
    cursor = db.cursor()
    for payment in map(json.loads, [record.value for record in records]):
        known = cursor.execute("SELECT 1 FROM processed WHERE payment_id = ?", (payment["payment_id"],)).fetchone()
        if not known:
            cursor.execute("INSERT INTO processed VALUES (?)", (payment["payment_id"],))
            {UPDATE}
    db.commit()
    if records:
        consumer.commit()
"""

IN_ANOTHER_FILE = f"""{HEAD}
import ledger
{CONSUMER}
for record in consumer:
    ledger.handle(json.loads(record.value))
    consumer.commit()
"""
LEDGER = f"""
import sqlite3
db = sqlite3.connect("payments.db", isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS done (id PRIMARY KEY)")
def handle(payment):
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("INSERT INTO done VALUES (?)", (payment["payment_id"],))
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK")
        return
    {UPDATE}
    db.execute("COMMIT")
"""

FAILS_ON_REPETITION = REFERENCE.replace(" ON CONFLICT DO NOTHING", "")
TAKES_LIKE_FOR_SAME = REFERENCE.replace('(payment["payment_id"],)', "(f\"{payment['account']} {payment['amount']}\",)")


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(2, cluster, kafka_dirs) as lab:
        yield lab


def write(lab: Bench, text: str, name: str = "consumer.py") -> None:
    (lab.run.context.workspace / name).write_text(text)


def test_what_is_measured(lab: Bench) -> None:
    lab.run.observe()
    seen = {found.id: found.value for found in lab.run.observations()}
    assert seen == {
        "database-ahead-of-offset": 5000,
        "redelivered-after-kill": 2,
        "double-debit": 10000,
        "topic-holds-each-once": 1,
        "same-key-kept": 2,
        "commit-first-loses": 0,
        "batch-repeats": 7,
        "auto-commit-repeats": 7,
        "frozen-member-repeats": "twice",
        "late-commit-refused": "CommitFailedError",
        "marker-apart-loses": "lost",
        "atomic-dedupe-once": 5000,
    }


@pytest.mark.long
def test_storing_the_offset_with_the_result_is_right(lab: Bench) -> None:
    fixed_by(lab, lambda lab: write(lab, OFFSETS_WITH_THE_RESULT))


@pytest.mark.long
def test_batches_in_one_transaction_are_right(lab: Bench) -> None:
    fixed_by(lab, lambda lab: write(lab, WHOLE_BATCHES))


@pytest.mark.long
def test_a_handler_in_a_file_of_its_own_is_right(lab: Bench) -> None:
    def split(lab: Bench) -> None:
        write(lab, IN_ANOTHER_FILE)
        write(lab, LEDGER, "ledger.py")

    fixed_by(lab, split)
    assert any("ledger.py line" in event.text for event in lab.events if isinstance(event, Output))


@pytest.mark.parametrize(
    ("variant", "check", "place"),
    [
        ("commit_first", "never-lost", "`consumer.commit()`"),
        pytest.param("marker_apart", "never-lost", "`db.commit()`", marks=pytest.mark.long),
        pytest.param("auto_commit", "never-twice", "`db.commit()`", marks=pytest.mark.long),
        ("batch", "never-twice", "`db.commit()`"),
    ],
)
def test_what_people_try_first_is_not_right(lab: Bench, variant: str, check: str, place: str) -> None:
    failing = not_fixed_by(lab, lambda lab: write(lab, handouts.text(2, f"variants/{variant}.py")), [check])
    assert place in failing[check].found


@pytest.mark.long
def test_failing_on_a_repetition_is_not_right(lab: Bench) -> None:
    failing = not_fixed_by(lab, lambda lab: write(lab, FAILS_ON_REPETITION), ["never-lost"])
    assert "IntegrityError" in failing["never-lost"].hints[1]


ALL = ["never-lost", "never-twice", "works"]


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("", "consumer.py is empty."),
        ("pass\n", "finished"),
        ("def handle(:\n", "SyntaxError"),
        ("raise RuntimeError('no')\n", "RuntimeError: no"),
        ("import sqlite3\nsqlite3.connect('nowhere/at/all.db')\n", "OperationalError"),
        pytest.param("while True: pass\n", "ledger: 0 of 3", marks=pytest.mark.long),
        pytest.param("while True: print('x' * 1000)\n", "ledger: 0 of 3", marks=pytest.mark.long),
        pytest.param(TAKES_LIKE_FOR_SAME, "ledger: 2 of 3", marks=pytest.mark.long),
    ],
)
def test_programs_that_do_not_work_are_told_so(lab: Bench, program: str, found: str) -> None:
    failing = not_fixed_by(lab, lambda lab: write(lab, program), ALL)
    assert found in failing["works"].found
    assert len([event for event in lab.events if isinstance(event, Output)]) < 200


def test_a_missing_file_and_one_that_may_not_be_written(lab: Bench) -> None:
    failing = not_fixed_by(lab, lambda lab: (lab.run.context.workspace / "consumer.py").unlink(), ALL)
    assert failing["works"].found == "There is no consumer.py in the workspace."
    lab.run.reset()
    (lab.run.context.workspace / "consumer.py").chmod(0o444)
    assert list(lab.failing()) == ["never-twice"]


def test_a_stop_leaves_no_process(lab: Bench) -> None:
    lab.run.reset()
    threading.Timer(1.0, lab.run.stop).start()
    with pytest.raises(LabStopped):
        while True:
            lab.run.verify()
    running = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert not [line for line in running if "labs.nursery" in line or "labs.launcher" in line]
