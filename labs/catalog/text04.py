"""Lab 4 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal

PARTITIONS = 2
MEMBERS = 2
INVOICES = 24
SERVICE_SECONDS = 0.25
"""What the tax service takes for an invoice."""
BATCH = 10
"""max.poll.records of the broken program …"""
INTERVAL = 1500
"""… its max.poll.interval.ms …"""
SESSION = 5000
"""… and its session.timeout.ms."""
LONGER = 5000
"""max.poll.interval.ms of one of the fixes."""
WINDOW = 6.0
"""Seconds for which the storm is watched."""
BOUND = 15.0
"""Seconds after which a group must have got over a member that does not get on."""
JOIN_PARTITIONS = 6
STILL = 1.5
"""Seconds for which it is counted what is read while a member stands still."""
HIDDEN = 4.0
"""Seconds in which a hung worker is looked for: more than twice the interval."""

FIXES = ("worker", "fewer", "longer")
"""In the order in which a newcomer is served beside a member that hangs."""

FACTS = {
    "rebalances": Fact(
        "A batch of 10 takes 2.5 s, and only 1.5 s may pass between two polls. The client leaves, its partitions are dealt "
        "out anew, and when the batch is done it calls poll(), joins, and takes the same batch again.",
        points=("max_poll_interval", "rejoin_loop", "triggers"),
        refutes=("m_harmless",),
        holds=between(3, 60),
    ),
    "revocations": Fact(
        "A member that comes back takes the next heavy batch and is late again. Each round costs two rebalances: it leaves, "
        "and it joins.",
        points=("rejoin_loop", "triggers"),
        holds=between(1, 60),
    ),
    "commits-refused": Fact(
        "A commit is taken from members of the group only. When the batch was done, this process was none any more.",
        points=("dup_commit_failed",),
        holds=between(1, 60),
    ),
    "handled-twice": Fact(
        "Whoever gets the partition starts at its committed offset, so the work that could not be committed is done again.",
        points=("dup_commit_failed",),
        refutes=("m_harmless",),
        holds=between(2, INVOICES),
    ),
    "committed-nothing": Fact(
        "No commit ever succeeds, so every round begins where the first one began. The processes are busy all the time and "
        "the group does not get on.",
        points=("rejoin_loop", "dup_commit_failed"),
        refutes=("m_harmless",),
        question="committed",
        holds=equal(0.0),
    ),
    "left-by-itself": Fact(
        "A thread in the background goes on sending heartbeats, so the broker has nothing to object to. It is the client that "
        "compares the time between polls with max.poll.interval.ms, and leaves.",
        points=("heartbeat_vs_poll", "max_poll_interval", "diagnose"),
        refutes=("m_broker_cause",),
        question="who-ends",
        holds=equal("client"),
    ),
    "frozen-by-heartbeat": Fact(
        "A process that stands still as a whole sends no heartbeats either, and after session.timeout.ms the broker removes "
        "it. Two limits, two kinds of failure; the coordinator's log tells which it was.",
        points=("heartbeat_vs_poll", "diagnose", "deploy_churn"),
        holds=between(0.8 * SESSION / 1000, BOUND),
    ),
    "longer-session": Fact(
        "The heartbeats were never late. The limit that is exceeded is the other one, and it has not moved.",
        points=("heartbeat_vs_poll",),
        refutes=("m_raise_session_for_processing",),
        question="session",
        holds=equal("on"),
    ),
    "more-records": Fact(
        "More records in a poll are more work between two polls: the limit is exceeded by more.",
        points=("reduce_batch",),
        refutes=("m_increase_records",),
        holds=equal("on"),
    ),
    "fewer-records": Fact(
        "Two records are 0.5 s of work between two polls. The same members, the same service, the same interval.",
        points=("reduce_batch", "max_poll_interval"),
        holds=equal(0.0),
    ),
    "longer-interval": Fact(
        "The whole batch fits. The price is paid on another day: see how long the group waits for a member that hangs.",
        points=("raise_interval_tradeoff",),
        holds=equal(0.0),
    ),
    "worker-paused": Fact(
        "The poll loop only polls; a thread beside it waits for the service, and pause() keeps further records away until it "
        "is done.",
        points=("offload",),
        holds=equal(0.0),
    ),
    "hung-wait": Fact(
        "In the classic protocol a rebalance waits for every member, as long as that one's max.poll.interval.ms allows. A poll "
        "loop that a worker relieves answers at once.",
        points=("raise_interval_tradeoff", "offload"),
        refutes=("m_infinite_no_downside",),
        question="newcomer",
        holds=equal(FIXES),
    ),
    "worker-hides-hang": Fact(
        "The poll loop is well, so nobody notices that its worker is not. A worker needs a deadline of its own, after which "
        "the loop stops polling.",
        points=("offload",),
        holds=equal(0.0),
    ),
    "eager-gives-up": Fact(
        "With an eager assignor every member gives up everything before it joins again, also what it will get back.",
        points=("stop_the_world",),
        question="eager",
        holds=equal(3.0),
    ),
    "eager-reads-nothing": Fact(
        "It has given up its partitions and waits for the new assignment, and that waits for the member which stands still.",
        points=("stop_the_world",),
        refutes=("m_harmless",),
        holds=equal(0.0),
    ),
    "cooperative-gives-up": Fact(
        "Only what changes its owner is revoked, and only after the new plan is known.",
        points=("cooperative",),
        question="cooperative",
        holds=equal(1.0),
    ),
    "cooperative-reads-on": Fact(
        "It keeps its partitions while the rebalance waits, and goes on reading them. The newcomer waits all the same: the plan "
        "needs an answer from every member.",
        points=("cooperative",),
        holds=between(1, 1e6),
    ),
    "kip848-serves-newcomer": Fact(
        "With group.protocol=consumer the coordinator computes the plan and hands it to each member with its next heartbeat. "
        "Whoever gives a partition up frees it for the next owner; nobody waits for the rest.",
        points=("kip848",),
        question="protocols",
        holds=equal("consumer"),
    ),
    "kip848-reads-on": Fact(
        "There is no moment at which all members must have answered, so one that stands still holds up its own partitions only.",
        points=("kip848",),
        holds=between(1, 1e6),
    ),
    "dynamic-restart": Fact(
        "Its end is a member less and its start a member more: two changes of membership, and a rebalance for each.",
        points=("triggers", "deploy_churn"),
        question="dynamic",
        holds=equal(2.0),
    ),
    "static-restart": Fact(
        "With a group.instance.id the coordinator keeps the place free until session.timeout.ms is over, and gives the old "
        "assignment to whoever comes back under that name.",
        points=("static_membership",),
        question="static",
        holds=equal(0.0),
    ),
    "no-bytes-moved": Fact(
        "A rebalance deals out who reads what. The records stay in the logs where they are; the new owner fetches from the "
        "committed offset.",
        refutes=("m_moves_data",),
        holds=equal(0.0),
    ),
}

_STORM = (
    Choice("ends", "it ends"),
    Choice("on", "it goes on"),
)

INFO = LabInfo(
    number=4,
    slug="rebalance-storm",
    title="Rebalance storm",
    summary=(
        "Two members of a group handle invoices with a slow service, and are thrown out again and again although they work. "
        "You measure what that costs, compare fixes and rebalance protocols, and mend the program."
    ),
    seconds=15,
    questions=(
        Question(
            "committed",
            f"{INVOICES} invoices wait for two members. Each takes {SERVICE_SECONDS} s, a poll brings up to {BATCH}, and "
            f"max.poll.interval.ms={INTERVAL}. After {WINDOW:.0f} s, twice what two members need for all of them: how many "
            "are committed?",
            "number",
            "invoices",
        ),
        Question(
            "who-ends",
            "A member's batch takes too long; its process is alive and works. Who ends its membership?",
            "choice",
            choices=(
                Choice("broker", "the broker, because its heartbeats have stopped"),
                Choice("client", "its own client leaves the group"),
                Choice("nobody", "nobody: it works, so it keeps its partitions"),
            ),
        ),
        Question(
            "session",
            f"session.timeout.ms goes from {SESSION // 1000} s to 30 s, max.poll.interval.ms stays. What becomes of the storm?",
            "choice",
            choices=_STORM,
        ),
        Question(
            "newcomer",
            "Three fixes end the storm. Then one member's call to the service hangs for ever, and a new member joins. After "
            "which fix does the newcomer get partitions first, and after which last?",
            "order",
            choices=(
                Choice("fewer", f"max.poll.records=2, max.poll.interval.ms={INTERVAL}"),
                Choice("longer", f"max.poll.records={BATCH}, max.poll.interval.ms={LONGER}"),
                Choice("worker", f"a worker with pause(), max.poll.interval.ms={INTERVAL}"),
            ),
        ),
        Question(
            "eager",
            "Two members read three partitions each; a third one joins. The assignor is eager (range). How many of its three "
            "partitions does an old member have to give up?",
            "number",
            "partitions",
        ),
        Question(
            "cooperative",
            "The same with cooperative-sticky: how many of its three partitions does it have to give up?",
            "number",
            "partitions",
        ),
        Question(
            "protocols",
            "While the third one joins, one of the old members stands still, as in a long garbage collection. With which of "
            "the two gets the newcomer partitions meanwhile: cooperative-sticky, or the protocol of KIP-848 "
            "(group.protocol=consumer)?",
            "choice",
            choices=(
                Choice("neither", "with neither: a rebalance needs everybody"),
                Choice("consumer", "with group.protocol=consumer only"),
                Choice("both", "with both"),
            ),
        ),
        Question(
            "dynamic",
            "One of two members is stopped in order and started again at once. How many rebalances?",
            "number",
            "rebalances",
        ),
        Question(
            "static",
            "The same, and each member has a group.instance.id. How many rebalances?",
            "number",
            "rebalances",
        ),
    ),
    needs=NEEDS[4],
    task=Task(
        goal=(
            f"Change consumer.py in the workspace so that two of it handle {INVOICES} invoices without a rebalance after the "
            "group has settled, each invoice once, all of them committed. And a member that hangs, or stands still, must not "
            f"hold up the group for more than {BOUND:.0f} s. The service is as slow as it is."
        ),
        starters=(
            "kafka-get-offsets --topic $TOPIC",
            "kafka-console-consumer --topic $TOPIC --from-beginning --timeout-ms 5000",
            "kafka-consumer-groups --describe --all-groups --state",
        ),
        files=("consumer.py",),
    ),
    scaling=(
        Scaling(
            "an 8-minute batch (500 records) against max.poll.interval.ms=300000",
            f"{BATCH * SERVICE_SECONDS} s ({BATCH} records) against {INTERVAL} ms",
        ),
        Scaling("session.timeout.ms=45000, heartbeat.interval.ms=3000", f"{SESSION} ms, 300 ms"),
        Scaling("50 minutes until a stuck member must be out of the way", f"{BOUND:.0f} s"),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "invoices", "GROUP": "invoice-worker"},
)
