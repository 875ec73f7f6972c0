"""Lab 10 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.marketplace import orders
from labs.notebook import Fact, between, equal

PLACED = orders(48)
EVENTS = 3 * len(PLACED)
"""Events of all orders: what goes into both systems."""
PARTITIONS = 3
FOR_GERMANY = 3 * sum(order.country == "de" for order in PLACED)
URGENT = 3 * sum(order.urgency == "urgent" for order in PLACED)
EITHER = 3 * sum(order.country == "de" or order.urgency == "urgent" for order in PLACED)
BOTH = 3 * sum(order.country == "de" and order.urgency == "urgent" for order in PLACED)
PREFETCH = 5
HELD = 3
"""Messages that the consumer holds when it gives the first one back."""

KAFKA_FACTS = {
    "late-group-reads-all": Fact(
        "Reading takes nothing out of a log. A group is no more than a set of offsets, and a new one begins where it wants.",
        points=("log_vs_broker", "retention_replay", "multi_groups"),
        refutes=("m_kafka_deletes",),
        question="late-group",
        holds=equal(float(EVENTS)),
    ),
    "replay-from-zero": Fact(
        "The group's offsets were set back to 0, and its consumer asks for what comes after them: the reader says from "
        "where, the log keeps what is there. The other group notices nothing.",
        points=("retention_replay", "pull_push"),
        refutes=("m_kafka_deletes", "m_kafka_push"),
        holds=equal(float(EVENTS)),
    ),
    "order-per-partition": Fact(
        "The order id is the key, so all events of an order are in one partition, and a partition has one reader in a "
        "group: three instances work side by side and none overtakes another one on the same order.",
        points=("ordering", "throughput"),
        holds=equal(0.0),
    ),
    "kafka-hands-out-all": Fact(
        "A Kafka broker does not look into records. Whoever wants a part of a topic is handed all of it and throws the "
        "rest away in its own code.",
        points=("routing",),
        refutes=("m_kafka_routing",),
        holds=equal(float(EVENTS - FOR_GERMANY)),
    ),
}
SHARE_FACTS = {
    "one-partition-one-member": Fact(
        "In a consumer group a partition belongs to one member, so there are never more workers than partitions.",
        points=("task_queue", "overlap"),
        holds=equal(1.0),
    ),
    "share-group-both": Fact(
        "A share group (KIP-932) hands out records, not partitions: every member may take the next ones, and each record "
        "is acknowledged by itself. So Kafka can do what a work queue does, apart from priorities and routing.",
        points=("overlap", "task_queue"),
        question="share-one-partition",
        holds=equal("both"),
    ),
    "share-acked-stays": Fact(
        "A share group keeps a state for each record that is under way; the log knows nothing of it. Acknowledged means "
        "that this group will not be handed the record again, and any other group still reads it.",
        points=("overlap", "log_vs_broker", "retention_replay"),
        refutes=("m_kafka_deletes", "m_same_thing"),
        question="share-acked",
        holds=equal(float(EVENTS)),
    ),
}
RABBIT_FACTS = {
    "same-orders-in-both": Fact(
        "The bodies are the same bytes. What differs is what each system does with them next.",
        points=("both",),
        holds=equal(float(EVENTS)),
    ),
    "direct-copies": Fact(
        "A direct exchange gives a message to every queue that is bound with exactly its routing key, a copy each. Queues "
        "copy; consumers of one queue share.",
        points=("routing",),
        question="direct",
        holds=equal(2.0 * FOR_GERMANY),
    ),
    "fanout-ignores-keys": Fact(
        "A fanout exchange does not look at routing keys: whoever is bound gets everything.",
        points=("routing",),
        holds=equal(float(EVENTS)),
    ),
    "topic-star-is-one-word": Fact(
        "In a topic exchange * stands for exactly one word, and there are two between `order` and `urgent`.",
        points=("routing",),
        question="topic-star",
        holds=equal(0.0),
    ),
    "topic-hash-is-any": Fact(
        "# stands for any number of words, none included.",
        points=("routing",),
        holds=equal(float(URGENT)),
    ),
    "headers-all-and-any": Fact(
        "A headers exchange compares headers instead of the routing key; x-match says whether all of them must fit or one "
        "is enough.",
        points=("routing",),
        holds=equal(f"{BOTH} and {EITHER}"),
    ),
    "unroutable-is-dropped": Fact(
        "No queue wanted it, so it was dropped, and yet confirmed to the publisher. Publish with `mandatory`, or give the "
        "exchange an alternate one.",
        points=("routing", "per_message"),
        holds=equal(0.0),
    ),
    "acked-is-gone": Fact(
        "An acknowledgement tells a queue that the work is done, and a queue keeps only what is still to be done. There is "
        "no offset to go back to.",
        points=("delete_on_ack", "log_vs_broker"),
        refutes=("m_rabbit_replays", "m_same_thing"),
        question="acked",
        holds=equal(0.0),
    ),
    "late-queue-is-empty": Fact(
        "A binding holds from the moment it is made. What was routed before went to the queues that were there then.",
        points=("delete_on_ack", "retention_replay"),
        refutes=("m_rabbit_replays",),
        holds=equal(0.0),
    ),
    "prefetch-limits-push": Fact(
        "RabbitMQ pushes without being asked, until as many messages as the prefetch count are under way and not "
        "acknowledged. The limit protects the consumer.",
        points=("pull_push",),
        holds=equal(float(PREFETCH)),
    ),
    "competing-consumers": Fact(
        "Consumers of one queue compete: the next message goes to whoever is free, so a worker that is stuck holds up "
        "nothing but its own message. There may be as many workers as you like.",
        points=("task_queue",),
        refutes=("m_rabbit_no_scale", "m_kafka_always"),
        question="stuck-worker",
        holds=equal(float(EVENTS - 1)),
    ),
    "competing-lose-order": Fact(
        "The queue handed its messages out in order. What was handed to a slow worker is done after what was handed to a "
        "quick one later. A single active consumer would bring order back, and take the parallel work away.",
        points=("ordering",),
        refutes=("m_same_thing",),
        holds=between(1, len(PLACED)),
    ),
    "nack-reorders": Fact(
        "A message that is given back goes to its old place in the queue, if it can. The consumer held the next ones "
        "already, so they are done first. The flag `redelivered` tells that it has been out before.",
        points=("ordering", "per_message"),
        question="nack",
        holds=equal(("m2", "m3", "m1")),
    ),
    "reject-to-dead-letters": Fact(
        "Rejected without requeue, the message goes to the dead letter exchange of its queue, alone. The others are done.",
        points=("per_message",),
        holds=equal(1.0),
    ),
    "priority-first": Fact(
        "The queue was declared with x-max-priority, and hands out the highest priority first. A partition of Kafka is read "
        "in the order of its offsets.",
        points=("per_message", "task_queue"),
        refutes=("m_kafka_always",),
        holds=equal(1.0),
    ),
}
FACTS = {**KAFKA_FACTS, **RABBIT_FACTS, **SHARE_FACTS}

INFO = LabInfo(
    number=10,
    slug="kafka-or-rabbitmq",
    title="Kafka or RabbitMQ",
    summary=(
        "The same orders go into a Kafka topic and through RabbitMQ's exchanges, and you say what is left, who gets what, and "
        "in which order. Then five kinds of work are driven through the system that you choose for each."
    ),
    seconds=20,
    questions=(
        Question(
            "late-group",
            f"Kafka: a group has read and committed all {EVENTS} events of a topic. Then a second group begins at the start. "
            "How many events does it get?",
            "number",
            "events",
        ),
        Question(
            "acked",
            f"RabbitMQ: a consumer has taken all {EVENTS} messages out of a queue and acknowledged them. Then a second "
            "consumer reads the same queue. How many messages does it get?",
            "number",
            "messages",
        ),
        Question(
            "direct",
            f"RabbitMQ, direct exchange: {FOR_GERMANY} of {EVENTS} messages have the routing key `de`. Two queues are both "
            "bound with `de`. How many messages are in the two queues together?",
            "number",
            "messages",
        ),
        Question(
            "topic-star",
            f"RabbitMQ, topic exchange: routing keys are order.COUNTRY.PRODUCT.URGENCY, and {URGENT} of {EVENTS} messages are "
            "urgent. A queue is bound with order.*.urgent. How many messages does it get?",
            "number",
            "messages",
        ),
        Question(
            "stuck-worker",
            f"RabbitMQ: three workers share a queue of {EVENTS} jobs, one job at a time each. One of them hangs in its first "
            "job. How many jobs do the other two get done?",
            "number",
            "jobs",
        ),
        Question(
            "nack",
            f"RabbitMQ: a consumer holds messages 1, 2 and 3 (prefetch {HELD}). It cannot handle 1 yet and gives it back to be "
            "requeued (nack); the others and whatever comes after that it acknowledges. In which order are they done?",
            "order",
            choices=(
                Choice("m1", "message 1"),
                Choice("m2", "message 2"),
                Choice("m3", "message 3"),
            ),
        ),
        Question(
            "share-one-partition",
            "Kafka: a topic has one partition, and two consumers are in the same share group. Who is handed records?",
            "choice",
            choices=(
                Choice("one", "one of them: a partition has one reader in a group"),
                Choice("both", "both of them, different records"),
                Choice("each", "each of them, all records"),
            ),
        ),
        Question(
            "share-acked",
            f"That share group has acknowledged all {EVENTS} records. How many of them does an ordinary consumer group that "
            "begins at the start still get?",
            "number",
            "records",
        ),
    ),
    task=Task(
        goal=(
            "Edit routing.yaml: send each of the five kinds of work to the system that does what is asked of it. Then prove "
            "two choices. For Kafka: $FRAUD, the group of a team that comes later, reads every event of $TOPIC, which "
            "$SHIPPING has long handled. For RabbitMQ: the exchange and bindings under `proof:` hand each mailbox exactly what "
            "its rule asks for."
        ),
        starters=(
            "kafka-consumer-groups --describe --group $SHIPPING",
            "kafka-get-offsets --topic $TOPIC",
            "kafka-topics --describe --topic $TOPIC",
        ),
        files=("routing.yaml",),
    ),
    scaling=(
        Scaling(
            "2,500 orders a second", f"{EVENTS} events in all: what is shown does not depend on how many there are"
        ),
        Scaling(
            "jobs of 0.2 to 40 s",
            "jobs of a moment, and a long one that lasts until the others are done or wait for it",
        ),
        Scaling("a fraud team that joins next year", "a group, or a queue, that is made when all has been handled"),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "orders", "SHIPPING": "shipping", "FRAUD": "fraud"},
)
RABBIT_QUESTIONS = tuple(fact.question for fact in RABBIT_FACTS.values() if fact.question)
