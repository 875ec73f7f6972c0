"""Lab 1 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal

PARTITIONS = 3
PER_PARTITION = 100
TOTAL = PARTITIONS * PER_PARTITION
LATER = 30
"""Records that come after a group with `latest` has started."""
KEPT_FROM = 80
"""In the side topic, records below this offset are deleted …"""
COMMITTED_AT = 50
"""… and this is what the groups there had committed."""

FACTS = {
    "committed-at-end": Fact(
        "A group goes on at its committed offset. That is the end, so there is nothing to read and no error to log.",
        points=("committed_offset_resume", "debug_group_state"),
        refutes=("m_connection_only",),
        holds=equal(0.0),
    ),
    "commits-are-records": Fact(
        "Progress is kept per group, topic and partition in a topic of the broker, apart from the data and from the "
        "consumer's process.",
        points=("offsets_topic",),
        refutes=("m_offsets_client_side",),
        holds=between(PARTITIONS, 1000),
    ),
    "records-still-there": Fact(
        "Kafka is a log: reading moves a position, it removes nothing. Only retention removes records.",
        points=("log_not_queue",),
        refutes=("m_deleted_after_consume",),
        holds=equal(float(TOTAL)),
    ),
    "same-group-earliest": Fact(
        "The policy is asked only where there is no valid committed offset. There is one, at the end, and the restart "
        "went on from there.",
        points=("reset_only_without_offset", "committed_offset_resume"),
        refutes=("m_reset_always_applies", "m_restart_replays"),
        question="same-group",
        holds=equal(0.0),
    ),
    "new-group-earliest": Fact(
        "A new group.id has no committed offset, so the policy decides: earliest begins at the log start. Every payment "
        "was handled a second time.",
        points=("new_group_id", "reset_only_without_offset", "replay_risk", "log_not_queue"),
        refutes=("m_deleted_after_consume",),
        question="new-earliest",
        holds=equal(float(TOTAL)),
    ),
    "new-group-latest": Fact(
        "latest, the default, begins at the log end. What is in the topic already is skipped without a word.",
        points=("latest_skips_existing", "reset_only_without_offset"),
        question="new-latest",
        holds=equal(0.0),
    ),
    "new-group-latest-later": Fact(
        "It was never broken: it had begun at the end, and reads what comes after its start.",
        points=("latest_skips_existing",),
        question="new-latest-later",
        holds=equal(float(LATER)),
    ),
    "out-of-range": Fact(
        "The committed offset points at records that are gone. It is no longer valid, so the policy decides again, "
        "exactly as for a group without any offset.",
        points=("offset_expiry", "reset_only_without_offset"),
        refutes=("m_latest_means_committed",),
        question="out-of-range",
        holds=equal("log-start"),
    ),
    "reset-active-group": Fact(
        "An active group commits through its members only; a commit from outside would be overwritten by theirs. Stop "
        "every member first.",
        points=("reset_offsets_tool",),
        refutes=("m_reset_live_group",),
        question="reset-active",
        holds=equal("refused"),
    ),
}

INFO = LabInfo(
    number=1,
    slug="idle-consumer",
    title="A running consumer that consumes nothing",
    summary=(
        "A topic with 300 records, and a group that has read them all. You restart it in every way that people try and "
        "see which of them reads anything; then you make the same group read all 300 again."
    ),
    seconds=5,
    questions=(
        Question(
            "same-group",
            f"The group has committed all {TOTAL} records. It starts again with auto.offset.reset=earliest. "
            "How many does it read?",
            "number",
            "records",
        ),
        Question(
            "new-earliest",
            "A group with a new name starts with auto.offset.reset=earliest. How many records does it read?",
            "number",
            "records",
        ),
        Question(
            "new-latest",
            f"A group with a new name starts with auto.offset.reset=latest. How many of the {TOTAL} does it read?",
            "number",
            "records",
        ),
        Question(
            "new-latest-later",
            f"While that group with `latest` runs, {LATER} more records are written. How many of these does it read?",
            "number",
            "records",
        ),
        Question(
            "out-of-range",
            f"A group committed {COMMITTED_AT} in each partition. Then the records below {KEPT_FROM} are deleted. "
            "It starts with auto.offset.reset=earliest. Where does it go on?",
            "choice",
            choices=(
                Choice("committed", f"at {COMMITTED_AT}, the committed offset"),
                Choice("log-start", f"at {KEPT_FROM}, the oldest record left"),
                Choice("log-end", "at the end: it reads only new records"),
                Choice("error", "nowhere: it stops with an error"),
            ),
        ),
        Question(
            "reset-active",
            "Somebody resets the group's offsets while one of its members is running. What happens?",
            "choice",
            choices=(
                Choice("rereads", "the running member reads everything again"),
                Choice("next-start", "it takes effect when the member starts the next time"),
                Choice("refused", "the broker refuses"),
            ),
        ),
    ),
    task=Task(
        goal=(
            f"Make the same group, $GROUP, read all {TOTAL} records of $TOPIC again: its next start must begin at the "
            "first record. Its consumers run with auto.offset.reset=earliest, as before."
        ),
        starters=(
            "kafka-consumer-groups --describe --group $GROUP",
            "kafka-get-offsets --topic $TOPIC --time earliest",
            "kafka-console-consumer --topic $TOPIC --group $GROUP --timeout-ms 5000",
        ),
        solution=("kafka-consumer-groups --group $GROUP --topic $TOPIC --reset-offsets --to-earliest --execute",),
    ),
    scaling=(Scaling("a topic with millions of records", f"{TOTAL} records"),),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "payments", "GROUP": "payment-service"},
)
