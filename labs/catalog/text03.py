"""Lab 3 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal

SLOW = 0.05
"""Seconds that a call to the profile service takes from the host of the slow instance …"""
FAST = 0.001
"""… and from the others: 50 times less."""
BEFORE = 3
"""Partitions at first …"""
AFTER = 6
"""… and after the increase."""
CUSTOMERS = 12
"""With their records in one partition."""
EACH = 30
"""Records a second that come into each partition …"""
BURST = 60
"""… and that each of them holds when the instances start."""

RUN_EVENTS = 200
"""Of a run with one partition: what the order of five ways is measured with."""
FEW_EVENTS = 20
"""Of a run that is too slow for all of them."""

AT_ONCE = 8
"""Calls that the service has room for."""
TEMPLATE = "consumer.py as it was"
REFERENCE = "the reference"
BACKLOG = 144
"""Records that wait when the learner's program starts …"""
PACE = 50
"""… and how many of them it must handle in a second. One after the other, nobody gets beyond 20."""
LATER = 54
"""Records that come while the service hangs."""
HANG = 5.6
"""Seconds from the program's first call to its death: an auto-commit would come after 5."""

FACTS = {
    "lag-growth": Fact(
        "Lag is the difference of two rates: what comes in, and what the one owner of the partition handles. At 50 ms a "
        "record it cannot handle more than 20 a second, and the rest piles up.",
        points=("lag_per_partition",),
        question="lag-growth",
        holds=between(2, 27),
    ),
    "input-even": Fact(
        "Were the keys skewed, one partition would receive more than the others. These receive the same, so it is the "
        "instance and not the keys.",
        points=("skew", "lag_per_partition"),
        holds=between(1, 1.3),
    ),
    "one-owner": Fact(
        "The group hands out whole partitions, each to one member. That is how the records of a partition stay in order.",
        points=("partition_assignment", "ordering_reason"),
        refutes=("m_shared_partition",),
        holds=equal(float(BEFORE)),
    ),
    "others-take-nothing": Fact(
        "Consumers pull, each from the partitions that it was assigned. A member that polls in time keeps its partition, "
        "however slow it is, and nobody else reads it.",
        points=("no_work_stealing", "partition_assignment"),
        refutes=("m_auto_redistribute", "m_broker_push"),
        question="helped",
        holds=equal(0.0),
    ),
    "time-per-call": Fact(
        "All three run the same program. The time per record and member names the one to look into: its host, its network, "
        "what it calls.",
        points=("fix_downstream", "lag_per_partition"),
        refutes=("m_lag_is_broker",),
        holds=between(5, 60),
    ),
    "broker-delivers": Fact(
        "The broker hands out records far faster than this member takes them. More brokers, or more replicas, would hand "
        "them out to a member that is just as busy.",
        points=("fix_downstream",),
        refutes=("m_lag_is_broker", "m_more_brokers"),
        holds=between(5, 1e6),
    ),
    "fourth-gets-nothing": Fact(
        "Partitions are the unit of parallelism. With three of them, three members have work; the fourth is a spare.",
        points=("parallelism_cap",),
        refutes=("m_add_consumers_beyond",),
        question="fourth",
        holds=equal(0.0),
    ),
    "backlog-stays": Fact(
        "A record stays in the partition that it was written to. More partitions take in new records, and leave the "
        "backlog where it is, with its one owner.",
        points=("increase_partitions_caveat",),
        refutes=("m_partition_increase_free",),
        question="backlog",
        holds=equal(0.0),
    ),
    "keys-moved": Fact(
        "partition = (murmur2(key) & 0x7fffffff) % number of partitions. The hash of a key stays, the number that it is "
        "divided by does not.",
        points=("increase_partitions_caveat",),
        refutes=("m_partition_increase_free",),
        question="keys-moved",
        holds=equal(float(CUSTOMERS // 2)),
    ),
    "new-records-wait": Fact(
        "Whoever moved to a new partition has a member that is idle. Whoever stayed queues behind the backlog, as before.",
        points=("increase_partitions_caveat", "lag_per_partition"),
        holds=between(2, 1e6),
    ),
    "overtaken": Fact(
        "Their old events wait in partition 0 behind the backlog, the new ones lie in a partition that another member "
        "reads at once. Nothing orders two partitions.",
        points=("increase_partitions_caveat", "ordering_reason"),
        refutes=("m_partition_increase_free",),
        question="overtaken",
        holds=equal("moved"),
    ),
    "poll-more": Fact(
        "A larger poll brings more records to the same 50 ms each. They wait in the client instead of in the broker.",
        points=("avoid_blocking",),
        refutes=("m_poll_more",),
        question="poll-more",
        holds=equal("same"),
    ),
    "speed-order": Fact(
        "Waiting is not work. Eight workers wait for eight calls at once; a batch waits once for fifty events. Together "
        "they need the fewest waits of all.",
        points=("batching", "avoid_blocking"),
        refutes=("m_poll_more", "m_add_consumers_beyond"),
        question="speed-order",
        holds=equal(("lanes", "workers", "one")),
    ),
    "one-partition-many-calls": Fact(
        "Order is wanted for each customer, not for the partition. Customers side by side, each in a queue of its own: that "
        "goes beyond one record at a time per partition, within one member.",
        points=("finer_parallelism", "avoid_blocking", "async_offset_care"),
        holds=between(3, AT_ONCE),
    ),
    "any-order": Fact(
        "Two workers had two events of one customer at once, and the later one was done first. This is why a partition has "
        "one owner, and why workers need a queue for each key.",
        points=("ordering_reason", "async_offset_care"),
        holds=between(1, RUN_EVENTS),
    ),
    "commit-at-once-loses": Fact(
        "A committed offset says that everything before it is done. These were only handed over; the next start began "
        "behind them. Commit up to the first record that is not done, and no further.",
        points=("async_offset_care",),
        question="commit-at-once",
        holds=equal("lost"),
    ),
    "no-limit-refused": Fact(
        "More workers than the service has room for get refusals, not speed. A pool needs a bound, and something that holds "
        "back the poll loop when it is full: pause() and resume(), or waiting.",
        points=("avoid_blocking",),
        holds=between(1, 1e6),
    ),
}

INFO = LabInfo(
    number=3,
    slug="slow-consumer",
    title="One slow consumer",
    summary=(
        "Three consumer processes share three partitions, and one of them is 50 times slower. You see what the others, a "
        "fourth one and three more partitions change; then you make the slow one drain its backlog, in order."
    ),
    seconds=13,
    questions=(
        Question(
            "lag-growth",
            f"Each of {BEFORE} partitions receives about {EACH} records a second. The instance that owns partition 0 needs 50 ms "
            "for a record, one after the other; the other two need 1 ms. By how many records does the lag of partition 0 grow "
            "in each second?",
            "number",
            "records/s",
            tolerance=0.4,
        ),
        Question(
            "helped",
            "How many records of partition 0 do the other two handle meanwhile? They are idle most of the time.",
            "number",
            "records",
        ),
        Question(
            "fourth",
            "A fourth instance, a fast one, joins the group. How many partitions does it get?",
            "number",
            "partitions",
        ),
        Question(
            "backlog",
            f"Somebody raises {BEFORE} partitions to {AFTER}, and starts two more instances. How many of the records that "
            "wait in partition 0 are moved to another partition?",
            "number",
            "records",
        ),
        Question(
            "keys-moved",
            f"The records of {CUSTOMERS} customers lie in partition 0, keyed by customer. For how many of these customers do "
            "new records go to another partition now?",
            "number",
            "customers",
            tolerance=0.2,
        ),
        Question(
            "overtaken",
            f"The slow instance still works at the backlog of partition 0. Which of the {CUSTOMERS} customers have a new event "
            "handled before an older one?",
            "choice",
            choices=(
                Choice("none", "none: the keys see to that"),
                Choice("moved", "some of those who belong to another partition now"),
                Choice("all", "all of them"),
            ),
        ),
        Question(
            "poll-more",
            "max.poll.records of the slow instance is raised from 10 to 500; it still makes one call after the other. How many "
            "records a second does it handle?",
            "choice",
            choices=(
                Choice("same", "about as many as before"),
                Choice("few-times", "a few times as many"),
                Choice("many-times", "up to 50 times as many"),
            ),
        ),
        Question(
            "speed-order",
            "Three ways to handle the records of one partition, where a call takes 50 ms. Order them by records a second, the "
            "fastest first.",
            "order",
            choices=(
                Choice("one", "one call after the other"),
                Choice("workers", "8 workers, one record a call"),
                Choice("lanes", "4 workers, up to 50 records a call"),
            ),
        ),
        Question(
            "commit-at-once",
            "The poll loop hands records to workers, and commits them at once. The process is killed and started again. What "
            "becomes of the records that were waiting for a worker?",
            "choice",
            choices=(
                Choice("again", "they come again and are handled"),
                Choice("lost", "nobody ever handles them"),
            ),
        ),
    ),
    needs=NEEDS[3],
    task=Task(
        goal=(
            "Change consumer.py in the workspace so that one instance, for which a call takes 50 ms, drains a backlog of "
            f"{BACKLOG} records, most of them in one partition, at {PACE} a second or more. The events of each customer must be "
            f"handled in their order, with at most {AT_ONCE} calls at once, and no record may be lost when the process is "
            "killed. The log of the profile service and the committed offsets decide."
        ),
        starters=(
            "kafka-consumer-groups --describe --group $GROUP",
            "kafka-topics --describe --topic $TOPIC",
            "kafka-get-offsets --topic $TOPIC",
        ),
        files=("consumer.py",),
    ),
    scaling=(
        Scaling(
            "a lag of hours: 240 records a second in, 60 out",
            f"a lag of seconds: {EACH} a second in, fewer than 20 out",
        ),
        Scaling(
            "up to 5 min (metadata.max.age.ms) until members notice new partitions, up to 3 s (heartbeat.interval.ms) until "
            "they hear of a rebalance",
            "1 s and 0.5 s, set in the instances' program",
        ),
        Scaling(
            "45 s (session.timeout.ms) until the group gives up a killed member",
            "it is removed at once, by the admin API",
        ),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "customer-events", "GROUP": "enrich"},
)
