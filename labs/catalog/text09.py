"""Lab 9 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact
from labs.payments import FAMOUS

STRATEGIES = {
    "at_most_once": "at most once",
    "at_least_once": "at least once",
    "deduplicating": "deduplicating",
    "kafka_transaction": "transaction",
    "outbox": "outbox",
}
"""File of the strategy → its name in the table."""
PLACES = {
    "debit": "the debit was committed",
    "event": "the event was acknowledged",
    "offset": "the offset was committed",
}
"""Crash point in the files → how the table puts it, after `killed right after`."""
BEFORE, INSIDE, AFTERWARDS = 3, 2, 4
"""Records before an open transaction, in it, and written by others while it is open."""

FACTS = {
    "at-most-once-debit": Fact(
        "The offset said done before the work was. After the crash the group goes on behind the payment.",
        points=("commit_after", "crash_window"),
        refutes=("m_commit_before",),
        question="at-most-once",
    ),
    "at-least-once-debit": Fact(
        "The debit was durable and the offset was not, so the payment came again. The topic has one partition, the group one "
        "consumer, the producer acks=all and enable_idempotence=True: none of that is about reading a record twice.",
        points=("crash_window", "idempotent_producer", "no_single_switch"),
        refutes=("m_idempotence_enough", "m_acks_eos", "m_single_consumer", "m_kafka_guarantees"),
        question="at-least-once",
    ),
    "deduplicated-debit": Fact(
        "Id and debit are one transaction, so the repetition meets the unique key. The record comes twice, its effect is "
        "there once.",
        points=("event_id_dedupe", "atomic_with_db", "effectively_once"),
    ),
    "deduplicated-event": Fact(
        "The repetition was skipped as done, and with it the event that had not been sent yet: money moved, and nobody was "
        "told. Writing to two systems leaves a gap, deduplicated or not.",
        points=("outbox", "crash_window"),
        question="deduplicated-event",
    ),
    "transaction-event": Fact(
        "Event and offset are committed together or not at all. What the killed instance had sent was aborted when the next "
        "one took over its transactional.id, and read_committed never showed it.",
        points=("kafka_transactions",),
        question="transaction-event",
    ),
    "transaction-debit": Fact(
        "The database took no part in Kafka's transaction. The abort took back the event and left the debit where it was; "
        "then the payment came again.",
        points=("external_limit", "no_single_switch"),
        refutes=("m_tx_spans_db", "m_kafka_guarantees", "m_read_committed_dedupes"),
        question="transaction-debit",
    ),
    "outbox-debit": Fact(
        "The row of the outbox has a unique payment id and is written with the debit: it deduplicates as well.",
        points=("atomic_with_db", "outbox"),
    ),
    "outbox-event": Fact(
        "No event is lost: it is a row, and the relay sends rows until they are marked. Killed between sending and marking, "
        "it sends once more, with the same id. Whoever reads it has to deduplicate too.",
        points=("outbox", "effectively_once"),
        question="outbox-event",
    ),
    "second-send-new-record": Fact(
        "The sequence numbers of an idempotent producer recognise a batch that the client itself sends again. A second call "
        "of send() is a new record with a new number.",
        points=("idempotent_producer",),
        refutes=("m_idempotence_enough",),
    ),
    "gateway-charged-twice": Fact(
        "The gateway heard two requests. Kafka aborted its own transaction, and an HTTP request cannot be aborted after it "
        "has been answered: there the guarantee ends.",
        points=("external_limit", "gateway_key"),
        refutes=("m_tx_spans_db", "m_kafka_guarantees"),
        question="gateway",
    ),
    "gateway-key-charged-once": Fact(
        "The key is the payment's id, the same in every attempt, so the gateway gave its first answer again.",
        points=("gateway_key", "effectively_once"),
    ),
    "open-transaction-holds-back": Fact(
        "read_committed reads up to the last stable offset: the first record of the oldest open transaction. What others "
        "wrote behind it, and had acknowledged, waits as well. One frozen instance holds up every reader.",
        points=("kafka_transactions", "fencing"),
        question="open-transaction",
    ),
    "uncommitted-reads-all": Fact(
        "read_uncommitted, the default, reads to the high watermark: also what is never going to be committed.",
        points=("kafka_transactions",),
    ),
    "aborted-stays-hidden": Fact(
        "The records of the aborted transaction are still in the log; a marker behind them says that they do not count. "
        "read_committed leaves these out, and nothing else: it knows no duplicates.",
        points=("kafka_transactions",),
        refutes=("m_read_committed_dedupes",),
    ),
    "zombie-fenced": Fact(
        "init_transactions() of the second instance raised the epoch of the transactional.id and aborted what was open. The "
        "coordinator refuses everything that comes with the old epoch.",
        points=("fencing", "kafka_transactions"),
        question="zombie",
    ),
}

_WORST = (
    Choice("lost", "lost"),
    Choice("once", "once, wherever it is killed"),
    Choice("twice", "twice"),
)

INFO = LabInfo(
    number=9,
    slug="exactly-once-payments",
    title="Exactly-once payments",
    summary=(
        "Five ways to handle a payment, each killed with SIGKILL at three points: which debit and which event is lost or "
        "doubled. Then a frozen producer, an open transaction and a card gateway show where Kafka's guarantee ends; you "
        "write the handler that survives."
    ),
    seconds=12,
    questions=(
        Question(
            "at-most-once",
            "A handler commits the offset, debits the ledger, then publishes an event. Killed at the worst point and started "
            "again, what becomes of the debit?",
            "choice",
            choices=_WORST,
        ),
        Question(
            "at-least-once",
            "A handler debits, publishes, then commits the offset: one partition, one consumer, acks=all, idempotent "
            "producer. Killed at the worst point, what becomes of the debit?",
            "choice",
            choices=_WORST,
        ),
        Question(
            "deduplicated-event",
            "A handler stores the payment's id in the transaction of the debit and skips known ids. It publishes after that "
            "transaction. Killed at the worst point, what becomes of the event?",
            "choice",
            choices=_WORST,
        ),
        Question(
            "transaction-event",
            "A handler publishes the event and commits the offset in one Kafka transaction. Killed at the worst point, how "
            "often does a read_committed reader see the event?",
            "choice",
            choices=_WORST,
        ),
        Question(
            "transaction-debit",
            "The same handler debits its SQL database between begin and commit of the Kafka transaction. Killed at the worst "
            "point, what becomes of the debit?",
            "choice",
            choices=_WORST,
        ),
        Question(
            "outbox-event",
            "A handler writes the event to an outbox table in the transaction of the debit; a relay sends the rows and marks "
            "them as sent. Killed at the worst point, how often is the event in the topic?",
            "choice",
            choices=_WORST,
        ),
        Question(
            "gateway",
            "Inside its Kafka transaction a handler charges a card over HTTP. It is killed before it commits, and started "
            "again. How many charges are on the card for one payment?",
            "number",
            "charges",
        ),
        Question(
            "open-transaction",
            f"A topic has {BEFORE} records. A producer writes {INSIDE} in a transaction and freezes; others write {AFTERWARDS} "
            "more, without a transaction. How many records does a read_committed reader get?",
            "number",
            "records",
        ),
        Question(
            "zombie",
            "A second instance starts with the same transactional.id, writes and commits. Then the frozen one wakes up and "
            "commits its transaction. What happens?",
            "choice",
            choices=(
                Choice("both", "both are committed"),
                Choice("second-aborted", "it commits, and the second one's records are taken back"),
                Choice("fenced", "it is refused"),
            ),
        ),
    ),
    needs=NEEDS[9],
    task=Task(
        goal=(
            "handler.py charges a card at a gateway and debits a ledger. Change it so that it can be killed at any point, as "
            "often as one likes, and each payment is charged once AND debited once. verify kills it with SIGKILL between "
            "every two of its calls into SQLite, Kafka and HTTP, starts it again, and asks both."
        ),
        starters=(
            "kafka-console-consumer --topic $COMPLETED --from-beginning --isolation-level read_committed --timeout-ms 5000",
            "kafka-transactions list",
        ),
        files=("handler.py",),
    ),
    scaling=(
        Scaling(
            "45 s (session.timeout.ms) until the group gives up a killed or frozen member",
            "the member is removed at once, by the admin API",
        ),
        Scaling(f"a card gateway on the internet, ₹{FAMOUS:,} a charge", "a process on the loopback address"),
    ),
    observations=tuple(FACTS),
    names={"COMPLETED": "payment-completed", "LOG": "transactions"},
)
