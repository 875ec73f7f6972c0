"""Lab 2 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact
from labs.payments import FAMOUS

BATCH = 10
"""Payments of the runs that handle several before they commit …"""
HANDLED = 7
"""… and how many of them are debited when the process is killed."""

FACTS = {
    "database-ahead-of-offset": Fact(
        "The database commit and the offset commit are two steps in two systems. Between them the work is done, and Kafka "
        "does not know it.",
        points=("process_commit_gap",),
        refutes=("m_broker_deletes_on_ack",),
    ),
    "redelivered-after-kill": Fact(
        "The group goes on at its committed offset, and none had been committed for this record. That is at-least-once "
        "delivery, and it is what you have unless you build more.",
        points=("at_least_once", "process_commit_gap"),
        refutes=("m_exactly_once_default", "m_broker_deletes_on_ack"),
    ),
    "double-debit": Fact(
        "The record came again, and nothing in the handler could tell that this payment had been debited.",
        points=("process_commit_gap", "at_least_once", "loss_vs_dup"),
        refutes=("m_exactly_once_default",),
        question="killed-between",
    ),
    "topic-holds-each-once": Fact(
        "Nobody sent or stored anything twice: the producer is idempotent and waits for all replicas. The second debit came "
        "from reading one record twice.",
        points=("producer_retry_dup",),
        refutes=("m_idempotence_fixes_consumer", "m_replication_dup"),
    ),
    "same-key-kept": Fact(
        "A key chooses the partition. The broker drops nothing because of it, and even compaction keeps the newest record "
        "of a key, which a consumer may still read twice.",
        refutes=("m_key_dedupe",),
    ),
    "commit-first-loses": Fact(
        "The offset said done before the work was: at-most-once. The record is not given out again, so nobody ever debits "
        "this payment.",
        points=("commit_first_tradeoff", "loss_vs_dup"),
        refutes=("m_commit_first_safe",),
        question="commit-first",
    ),
    "batch-repeats": Fact(
        "One commit for the whole batch: everything handled since the last one is repeated. A smaller batch makes the gap "
        "smaller and never closes it.",
        points=("process_commit_gap", "auto_commit_timing"),
        question="batch",
    ),
    "auto-commit-repeats": Fact(
        "Auto-commit stores the position inside poll(), at most every auto.commit.interval.ms (5 s). What was handled since "
        "then is repeated after a crash.",
        points=("auto_commit_timing",),
        refutes=("m_autocommit_prevents",),
        question="auto-commit",
    ),
    "frozen-member-repeats": Fact(
        "A rebalance gave the partition to another member, which began at the last committed offset. Nobody crashed.",
        points=("rebalance_redelivery", "at_least_once"),
        refutes=("m_exactly_once_default",),
        question="frozen",
    ),
    "late-commit-refused": Fact(
        "The member is no longer in the group, so the coordinator refuses its commit. The debit in the database stays: the "
        "refusal comes after the damage.",
        points=("rebalance_redelivery",),
    ),
    "marker-apart-loses": Fact(
        "Two transactions leave the same gap between them: the id was stored and the debit was not. The next start took the "
        "payment for done. In the other order it would have been debited twice.",
        points=("atomic_dedupe",),
        question="marker-apart",
    ),
    "atomic-dedupe-once": Fact(
        "The id and the debit became durable together, so the second time the unique key says: done. How often the record "
        "comes no longer matters.",
        points=("idempotent_consumer", "atomic_dedupe"),
        question="same-transaction",
    ),
}

_THREE = (
    Choice("lost", "it is never debited"),
    Choice("once", "it is debited once"),
    Choice("twice", "it is debited twice"),
)

INFO = LabInfo(
    number=2,
    slug="duplicate-payments",
    title="The same payment twice",
    summary=(
        "A consumer debits accounts in SQLite and is killed with SIGKILL at the worst moment, in several ways of committing. "
        "Then you change its handler until you may kill it anywhere, as often as you like, and each payment counts once."
    ),
    seconds=8,
    questions=(
        Question(
            "killed-between",
            f"A consumer debits ₹{FAMOUS:,} in its database and is killed before it commits the offset. It is started again. "
            "How many rupees has that payment taken from the account?",
            "number",
            "rupees",
        ),
        Question(
            "commit-first",
            f"The same consumer commits the offset first, and is killed before it debits ₹{FAMOUS:,}. It is started again. "
            "How many rupees has that payment taken from the account?",
            "number",
            "rupees",
        ),
        Question(
            "batch",
            f"A consumer polls {BATCH} payments and commits once, after the last. It is killed after the debit of number "
            f"{HANDLED}, and started again. How many payments are debited twice?",
            "number",
            "payments",
        ),
        Question(
            "auto-commit",
            f"A consumer uses auto-commit with its default of 5 s. {BATCH} payments are waiting; within its first second it "
            f"has debited {HANDLED} and is killed. It is started again. How many payments are debited twice?",
            "number",
            "payments",
        ),
        Question(
            "frozen",
            "Nobody is killed. A consumer freezes after its debit, before it commits the offset; the group gives its partition "
            "to another member. Then it wakes up and commits. What has become of the payment?",
            "choice",
            choices=_THREE,
        ),
        Question(
            "marker-apart",
            "A handler stores the payment's id under a unique key and commits that; then it debits and commits that. It is "
            "killed between the two, and started again. What has become of the payment?",
            "choice",
            choices=_THREE,
        ),
        Question(
            "same-transaction",
            f"A handler stores the id and debits ₹{FAMOUS:,} in one database transaction. It is killed before it commits the "
            "offset, and started again. How many rupees has that payment taken from the account?",
            "number",
            "rupees",
        ),
    ),
    needs=NEEDS[2],
    task=Task(
        goal=(
            "Change consumer.py in the workspace so that it can be killed at any point, as often as one likes, and each "
            "payment is debited exactly once. verify kills it with SIGKILL between every two of its calls into SQLite and "
            "Kafka, starts it again, and reads the balances. Tables of your own in payments.db are welcome."
        ),
        starters=(
            "kafka-consumer-groups --describe --group $GROUP",
            "kafka-console-consumer --topic $TOPIC --from-beginning --timeout-ms 5000",
        ),
        files=("consumer.py",),
    ),
    scaling=(
        Scaling(
            "45 s (session.timeout.ms) until the group gives up a killed or frozen member",
            "the member is removed at once, by the admin API",
        ),
    ),
    observations=tuple(FACTS),
    names={"TOPIC": "payments", "GROUP": "payment-service"},
)
