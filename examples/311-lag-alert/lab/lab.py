"""Lab 311: two groups, and an alert in records that pages for the wrong one.

The quiet topic has few records and one partition that nobody reads; the busy one gets a burst that is gone at once. Both
lags are measured as records and as the age of the oldest waiting record.
"""

from __future__ import annotations

from collections.abc import Sequence

from labs.contract import Check, Choice, LabContext, LabInfo, Observation, Question, Scaling, Task
from labs.notebook import Fact, Notebook, between, equal, now_ms, plot, run_shown, shell, step
from labs.values import Out, joined, lag

PARTITIONS, STUCK = 3, 2
EACH = 4
"""Records of the quiet topic in each partition."""
BURST = 3000
LIMIT = 1000
"""The alert fires above so many records."""
WAIT = 2.0
"""Seconds in which the quiet records grow old."""

FACTS = {
    "busy-lag": Fact(
        "Lag is the end of the log minus the committed offset. A burst of records is a lag of as many, at once.",
        points=("lag_definition",),
        holds=equal(float(BURST)),
    ),
    "busy-age": Fact(
        "The oldest of them was written a moment ago: many records, hardly any delay.",
        points=("not_a_time",),
        holds=between(0, 20),
    ),
    "quiet-lag": Fact(
        "Every partition has offsets of its own; the group has committed everything but partition 2.",
        points=("describe_tool", "per_partition"),
        question="quiet-lag",
        holds=equal(float(EACH)),
    ),
    "quiet-age": Fact(
        "A topic with few records gets a small lag and a long delay.",
        points=("not_a_time",),
        holds=between(WAIT, 120),
    ),
    "average-hides": Fact(
        "Two partitions at 0 pull the average down; the maximum shows the one that stands still.",
        points=("per_partition",),
        holds=between(1, 2),
    ),
    "records-alert": Fact(
        "One limit in records means another delay on each topic: no number fits both.",
        points=("alert_on_age", "not_a_time"),
        refutes=("m_lower_threshold",),
        question="alert",
        holds=equal("busy"),
    ),
    "busy-drained": Fact(
        "A lag that falls by itself is a burst that the consumers handle.",
        points=("growing",),
        holds=equal(0.0),
    ),
}

INFO = LabInfo(
    number=311,
    slug="lag-alert",
    title="An alert that pages for the wrong lag",
    summary="A quiet group is stuck in one partition while a busy one has a burst. "
    "The lab measures both lags in records and in time.",
    seconds=6,
    questions=(
        Question(
            "alert",
            f"An alert fires above {LIMIT} records of lag. For which group does it fire?",
            "choice",
            choices=(
                Choice("busy", "the one with the burst"),
                Choice("quiet", "the one that is late"),
                Choice("both", "both"),
                Choice("none", "neither"),
            ),
        ),
        Question("quiet-lag", f"Partition {STUCK} got {EACH} records that nobody read. What is its lag?", "number"),
    ),
    task=Task(
        goal="The late group has handled what waits for it: no partition of $TOPIC has lag in $GROUP.",
        starters=("kafka-consumer-groups --describe --group $GROUP",),
        solution=(f"kafka-console-consumer --topic $TOPIC --group $GROUP --max-messages {EACH}",),
    ),
    scaling=(Scaling("6,200 records that wait for 2.5 h", f"{EACH} records that wait for some seconds"),),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "payments", "GROUP": "fraud-check"},
)


class LagAlert:
    """The lab. All state is in the cluster."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A few payments, of which one partition is not read."""
        topic, group = ctx.name("payments"), ctx.name("fraud-check")
        create = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
        step(ctx, "arrange", f"A quiet topic with {PARTITIONS} partitions", create)
        ctx.kafka.create_topic(topic, PARTITIONS)
        ctx.kafka.produce(topic, [Out(b"payment", partition=p) for p in range(PARTITIONS) for _ in range(EACH)])
        step(ctx, "arrange", f"Its group has read all partitions but {STUCK}")
        ctx.kafka.set_committed(group, topic, {p: 0 if p == STUCK else EACH for p in range(PARTITIONS)})

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Both lags, in records and in time, and what the alert makes of them."""
        book = Notebook(ctx, FACTS)
        step(ctx, "symptom", f"The quiet records wait for {WAIT:g} s")
        ctx.stop.wait(WAIT)
        busy = _busy(ctx, book)
        quiet = _quiet(ctx, book)
        fires = [name for name, value in (("busy", busy), ("quiet", quiet)) if value > LIMIT]
        answer = fires[0] if len(fires) == 1 else "both" if fires else "none"
        text = f"Lags of {busy} and {quiet} records: an alert above {LIMIT} fires for {answer}."
        book.note("records-alert", text, answer, answer)
        _drain(ctx, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Read both offsets of every partition."""
        topic, group = ctx.name("payments"), ctx.name("fraud-check")
        behind = _lags(ctx, topic, group)
        hints = (
            "Look at the lag of every partition, not at the total.",
            f"The lags are {joined(behind)}: a member of $GROUP has to read what waits.",
            "kafka-console-consumer can be a member of the group, and can end after a number of records.",
        )
        ok = not any(behind.values())
        found = f"lags {joined(behind)}"
        return [Check("caught-up", "$GROUP has no lag", ok, "lag 0 in each partition", found, () if ok else hints)]

    def reference_fix(self, ctx: LabContext) -> None:
        """A member of the group reads what waits."""
        topic, group = ctx.name("payments"), ctx.name("fraud-check")
        args = ["kafka-console-consumer", "--topic", topic, "--group", group, "--max-messages", str(EACH)]
        run_shown(ctx, "fix", "A member of the group reads what waits", args)

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix."""


LAB = LagAlert()


def _lags(ctx: LabContext, topic: str, group: str) -> dict[int, int]:
    return lag(ctx.kafka.committed(group, topic), ctx.kafka.log_end(topic), ctx.kafka.log_start(topic))


def _age(ctx: LabContext, topic: str, group: str) -> float:
    """Seconds since the oldest record was written that the group has not committed."""
    at = {partition: offset or 0 for partition, offset in ctx.kafka.committed(group, topic).items()}
    waiting = [record.timestamp_ms for record in ctx.kafka.read_all(topic, at)]
    return (now_ms() - min(waiting)) / 1000


def _busy(ctx: LabContext, book: Notebook) -> int:
    topic, group = ctx.name("clickstream"), ctx.name("clicks")
    ctx.kafka.create_topic(topic, PARTITIONS)
    ctx.kafka.set_committed(group, topic, dict.fromkeys(range(PARTITIONS), 0))
    step(ctx, "symptom", f"A burst of {BURST} records in a busy topic", shell("kafka-get-offsets", "--topic", topic))
    ctx.kafka.produce(topic, [Out(b"click", partition=i % PARTITIONS) for i in range(BURST)])
    total = sum(_lags(ctx, topic, group).values())
    plot(ctx, {"lag busy": total}, "records")
    book.note("busy-lag", f"The busy group is {total} records behind.", float(total), f"{total} records")
    age = _age(ctx, topic, group)
    book.note("busy-age", f"Its oldest waiting record is {age:.1f} s old.", age, f"{age:.1f} s")
    return total


def _quiet(ctx: LabContext, book: Notebook) -> int:
    topic, group = ctx.name("payments"), ctx.name("fraud-check")
    command = shell("kafka-consumer-groups", "--describe", "--group", group)
    step(ctx, "symptom", "And the quiet group?", command)
    behind = _lags(ctx, topic, group)
    plot(ctx, {f"lag quiet p{p}": value for p, value in behind.items()}, "records")
    text = f"The quiet group has the lags {joined(behind)}."
    book.note("quiet-lag", text, float(behind[STUCK]), f"{behind[STUCK]} records in partition {STUCK}", command)
    age = _age(ctx, topic, group)
    book.note("quiet-age", f"Its oldest waiting record is {age:.1f} s old.", age, f"{age:.1f} s")
    average = sum(behind.values()) / len(behind)
    book.note("average-hides", f"The average over its partitions is {average:.1f}.", average, f"{average:.1f} records")
    return sum(behind.values())


def _drain(ctx: LabContext, book: Notebook) -> None:
    topic, group = ctx.name("clickstream"), ctx.name("clicks")
    step(ctx, "symptom", "The busy group reads on")
    ctx.kafka.read_group(group, topic, "earliest")
    left = sum(_lags(ctx, topic, group).values())
    plot(ctx, {"lag busy": left}, "records")
    book.note("busy-drained", f"A moment later its lag is {left}.", float(left), f"{left} records")
