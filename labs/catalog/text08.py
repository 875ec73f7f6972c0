"""Lab 8 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal

PARTITIONS = 3
DOCUMENTS = 10_000
WORDS = 1000
"""Of a document: 6 KB as JSON."""
LIMIT = 128
"""MB that the program may use …"""
ROOM = 88
"""… and what it must stay below, so that a bad day does not kill it."""
SECONDS = 20.0
"""A run of the learner's program may take so long."""
FEW = 2500
"""Documents: more than die of the limit, fewer than a poll may bring."""
PAYLOADS = 4
PAYLOAD = 9_000_000
"""Bytes of a large document."""

FACTS = {
    "dies": Fact(
        "Records that something still refers to cannot be freed. The list refers to all of them, and it may grow to 10,000 "
        "before anything is handled.",
        points=("batch_too_large", "no_accumulate"),
        refutes=("m_increase_batch",),
        question="survives",
        holds=equal("dies"),
    ),
    "held-at-death": Fact(
        "What counts is the size of what is kept, not the number of bytes on the wire: objects that were parsed from JSON, "
        "plus what the client itself has fetched.",
        points=("bytes_matter", "expansion"),
        question="held",
        holds=equal("tenth"),
    ),
    "expansion": Fact(
        "Every word of the JSON becomes an object with a header of its own, and the list has a pointer to each. A tree in "
        "memory takes several times its text, in Java as in Python.",
        points=("expansion",),
        holds=between(3, 40),
    ),
    "nothing-committed": Fact(
        "It died before it committed anything, so whoever takes the partitions over starts where it did, with the same "
        "records, and dies of them too.",
        points=("cascade",),
        holds=equal(0.0),
    ),
    "doubled": Fact(
        "What grows without a bound meets every bound. A larger one only changes the hour.",
        points=("heap_not_root",),
        refutes=("m_just_heap",),
        question="doubled",
        holds=equal("further"),
    ),
    "commits-free-nothing": Fact(
        "A commit writes a number to the broker. Memory is freed when nothing in the process refers to a record any more.",
        points=("no_accumulate",),
        refutes=("m_ack_frees",),
        holds=equal("dies"),
    ),
    "one-record-poll": Fact(
        "max.poll.records limits what one poll() hands out. What the client fetches ahead and keeps is limited in bytes: "
        "max.partition.fetch.bytes for each partition, fetch.max.bytes for each answer of a broker.",
        points=("prefetch", "bytes_matter"),
        refutes=("m_poll_records_limits_fetch", "m_loop_lazy"),
        question="one-record",
        holds=equal("megabytes"),
    ),
    "paused": Fact(
        "A consumer pulls. What it does not ask for does not come, and for a paused partition it does not ask; polling goes "
        "on, so it stays in its group.",
        points=("backpressure",),
        refutes=("m_push",),
        holds=equal(0.0),
    ),
    "fixed-all": Fact(
        "Small polls, small fetches, one document at a time, and nothing kept: the memory needed has nothing to do with the "
        "number of documents.",
        points=("incremental", "no_accumulate", "batch_too_large"),
        refutes=("m_just_heap", "m_increase_batch"),
        holds=equal(float(DOCUMENTS)),
    ),
    "fixed-peak": Fact(
        "At any moment it holds one document, and what one small fetch has brought.",
        points=("incremental", "no_accumulate", "bytes_matter"),
        question="peak",
        holds=equal("half"),
    ),
    "large-refused": Fact(
        "The broker takes batches of up to message.max.bytes, about 1 MB. Raising it makes every broker, every replica and "
        "every consumer carry the larger ones.",
        points=("claim_check",),
        holds=equal("refused"),
    ),
    "claim-bytes": Fact(
        "The record carries a reference: where the payload lies, its size and its digest. The payload itself goes past Kafka.",
        points=("claim_check",),
        holds=between(1000, 1e9),
    ),
    "claim-peak": Fact(
        "A payload in a record is in memory as a whole, more than once, before your code sees it. A file can be read a piece "
        "at a time.",
        points=("claim_check", "bytes_matter"),
        holds=between(1.3, 100),
    ),
}

INFO = LabInfo(
    number=8,
    slug="consumer-oom",
    title="A consumer that runs out of memory",
    summary=(
        f"A program with a real memory limit of {LIMIT} MB collects what it polls, and dies. You see what holds the memory, "
        "what a larger limit changes, and mend the program so that it handles every document in a part of it."
    ),
    seconds=15,
    questions=(
        Question(
            "survives",
            f"{DOCUMENTS:,} JSON documents of 6 KB: 60 MB in all. consumer.py polls up to 10,000 at a time and collects "
            f"them in a list before it handles them. It may use {LIMIT} MB. What happens?",
            "choice",
            choices=(
                Choice("lives", f"it handles all of them: 60 MB fit into {LIMIT}"),
                Choice("slow", "it handles all of them, slowly"),
                Choice("dies", "it dies"),
            ),
        ),
        Question(
            "held",
            "How many documents does its list hold at the most?",
            "choice",
            choices=(
                Choice("all", f"all {DOCUMENTS:,}"),
                Choice("half", f"about half: {FEW:,} and more"),
                Choice("tenth", f"about a tenth, at most {FEW:,}"),
            ),
        ),
        Question(
            "doubled",
            f"The same program with {2 * LIMIT} MB?",
            "choice",
            choices=(
                Choice("lives", "it handles all of them"),
                Choice("further", "it gets further, and dies"),
                Choice("same", "it dies at the same document"),
            ),
        ),
        Question(
            "one-record",
            "max.poll.records=1, max.partition.fetch.bytes=32 MiB. When poll() has returned its one record of 6 KB, how "
            "much more memory does the process take than before?",
            "choice",
            choices=(
                Choice("kilobytes", "some 6 KB: it has one record"),
                Choice("megabytes", "10 MB and more"),
            ),
        ),
        Question(
            "peak",
            f"The mended program: small polls, one document at a time, nothing kept. How much of the {LIMIT} MB does it take "
            "at its peak?",
            "choice",
            choices=(
                Choice("limit", "nearly all of it, like the broken one"),
                Choice("most", "about three quarters"),
                Choice("half", "about half, or less"),
            ),
        ),
    ),
    needs=NEEDS[8],
    task=Task(
        goal=(
            f"Mend consumer.py so that it handles all {DOCUMENTS:,} documents of $TOPIC, each once, commits up to the end, "
            f"and never takes more than {ROOM} MB. Its limit stays at {LIMIT} MB. handle() must be called as it is."
        ),
        starters=(
            "kafka-get-offsets --topic $TOPIC",
            "kafka-consumer-groups --describe --group $GROUP",
            "kafka-log-dirs --describe --topic-list $TOPIC",
        ),
        files=("consumer.py",),
    ),
    scaling=(
        Scaling(
            "documents from 2 KB to 9 MB, a heap of 1 GB", f"documents of 6 KB, 60 MB in all, a limit of {LIMIT} MB"
        ),
        Scaling(
            "java.lang.OutOfMemoryError in a JVM", "MemoryError in Python, at a limit that the operating system sets"
        ),
        Scaling("object storage", "files in the workspace"),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "documents", "GROUP": "doc-indexer"},
)
