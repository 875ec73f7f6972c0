"""Lab 1: a consumer that runs and consumes nothing. Committed offsets decide, not auto.offset.reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labs import commit_log
from labs.catalog.text01 import COMMITTED_AT, FACTS, INFO, KEPT_FROM, LATER, PARTITIONS, PER_PARTITION, TOTAL
from labs.contract import Check, LabContext, LabInfo, Observation
from labs.errors import KafkaRefused
from labs.notebook import Notebook, plot, run_shown, shell, step
from labs.values import Group, Offsets, Out, Record, joined, lag

SERVICE = "payment-service"


class IdleConsumer:
    """The lab. All state is in the cluster, but for one number in the facts."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """300 records, read and committed by the group."""
        topic, group = _topic(ctx), _group(ctx)
        create = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
        step(ctx, "arrange", f"A topic with {PARTITIONS} partitions", create)
        ctx.kafka.create_topic(topic, PARTITIONS)
        step(ctx, "arrange", f"{TOTAL} payments are written", _write_command(topic, TOTAL))
        ctx.kafka.produce(topic, _payments(PER_PARTITION))
        step(ctx, "arrange", f"{SERVICE} reads and commits all of them", _console(topic, group, "earliest"))
        _read(ctx, group, topic, "earliest", SERVICE)
        ctx.facts.put(commits_from=commit_log.mark(ctx.kafka, group))

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Every way of starting again, measured."""
        book = Notebook(ctx, FACTS)
        _where_it_stands(ctx, book)
        _same_group(ctx, book)
        _new_group_earliest(ctx, book)
        _new_group_latest(ctx, book)
        _out_of_range(ctx, book)
        _reset_while_active(ctx, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Read offsets, members and the history of commits; start the group once, without committing."""
        state = _state(ctx)
        return [_records_check(state), _inactive_check(state), _rereads_check(ctx, state)]

    def reference_fix(self, ctx: LabContext) -> None:
        """Reset the inactive group with Kafka's own tool."""
        run_shown(
            ctx, "fix", "No member runs, so the group's offsets can be moved to the log start", _reset_command(ctx)
        )

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix."""


LAB = IdleConsumer()


# --- the symptom -----------------------------------------------------------------------------------------------------


def _where_it_stands(ctx: LabContext, book: Notebook) -> None:
    topic, group = _topic(ctx), _group(ctx)
    command = shell("kafka-consumer-groups", "--describe", "--group", group)
    step(ctx, "symptom", "Where does the group stand?", command)
    committed, start, end = ctx.kafka.committed(group, topic), ctx.kafka.log_start(topic), ctx.kafka.log_end(topic)
    behind = lag(committed, end, start)
    plot(ctx, {f"lag p{p}": value for p, value in behind.items()}, "records")
    total = sum(behind.values())
    text = f"The group committed {joined(committed)} and the partitions end at {joined(end)}: it is {total} records behind."
    book.note("committed-at-end", text, float(total), f"{total} records of lag", command)

    commits = [row for row in commit_log.history(ctx.kafka, group, 0) if row.topic == topic]
    text = f"The topic __consumer_offsets holds {len(commits)} commit records of this group."
    book.note("commits-are-records", text, float(len(commits)), f"{len(commits)} commit records", _OFFSETS_COMMAND)

    there = sum(end.values()) - sum(start.values())
    text = f"The topic still holds {there} records, all of which the group has read."
    book.note(
        "records-still-there", text, float(there), f"{there} records", shell("kafka-get-offsets", "--topic", topic)
    )


def _same_group(ctx: LabContext, book: Notebook) -> None:
    command = _console(_topic(ctx), _group(ctx), "earliest")
    step(ctx, "symptom", "The same group starts again, with auto.offset.reset=earliest", command)
    got = len(_read(ctx, _group(ctx), _topic(ctx), "earliest", "same group"))
    text = f"The same group with auto.offset.reset=earliest read {got} records."
    book.note("same-group-earliest", text, float(got), f"{got} records", command)


def _new_group_earliest(ctx: LabContext, book: Notebook) -> None:
    group = ctx.name("audit")
    command = _console(_topic(ctx), group, "earliest")
    step(ctx, "symptom", "A new group starts with auto.offset.reset=earliest", command)
    got = len(_read(ctx, group, _topic(ctx), "earliest", "new group, earliest"))
    text = f"A group with a new name and auto.offset.reset=earliest read {got} records."
    book.note("new-group-earliest", text, float(got), f"{got} records", command)


def _new_group_latest(ctx: LabContext, book: Notebook) -> None:
    side, group, series = _side(ctx), ctx.name("mailer"), "read by new group, latest"
    create = shell("kafka-topics", "--create", "--topic", side, "--partitions", str(PARTITIONS))
    step(ctx, "symptom", f"A second topic with the same {TOTAL} records, so that yours stays as it is", create)
    ctx.kafka.create_topic(side, PARTITIONS)
    ctx.kafka.produce(side, _payments(PER_PARTITION))
    command = _console(side, group, "latest")
    step(ctx, "symptom", "A new group starts there with auto.offset.reset=latest", command)
    with ctx.kafka.consumer(group, auto_offset_reset="latest") as consumer:
        before = len(consumer.read_to(side, ctx.kafka.log_end(side)))
        plot(ctx, {series: before}, "records")
        text = f"A group with a new name and auto.offset.reset=latest read {before} of the {TOTAL} records."
        book.note("new-group-latest", text, float(before), f"{before} records", command)
        step(ctx, "symptom", f"{LATER} more records are written while it runs", _write_command(side, LATER))
        ctx.kafka.produce(side, _payments(LATER // PARTITIONS))
        after = len(consumer.read_to(side, ctx.kafka.log_end(side)))
    plot(ctx, {series: before + after}, "records")
    text = f"Of the {LATER} records written after its start, that group read {after}."
    book.note("new-group-latest-later", text, float(after), f"{after} records", command)


def _out_of_range(ctx: LabContext, book: Notebook) -> None:
    side, groups = _side(ctx), {policy: ctx.name(f"range-{policy}") for policy in ("earliest", "latest", "none")}
    for group in groups.values():
        ctx.kafka.set_committed(group, side, dict.fromkeys(range(PARTITIONS), COMMITTED_AT))
    rows = ", ".join(f'{{"topic":"{side}","partition":{p},"offset":{KEPT_FROM}}}' for p in range(PARTITIONS))
    command = f'echo \'{{"partitions":[{rows}],"version":1}}\' > below.json && ' + shell(
        "kafka-delete-records", "--offset-json-file", "below.json"
    )
    step(ctx, "symptom", f"Three groups stand at {COMMITTED_AT}; the records below {KEPT_FROM} are deleted", command)
    ctx.kafka.delete_records(side, dict.fromkeys(range(PARTITIONS), KEPT_FROM))
    first = _first_offsets(_read(ctx, groups["earliest"], side, "earliest", "out of range, earliest"))
    latest = len(_read(ctx, groups["latest"], side, "latest", "out of range, latest"))
    text = (
        f"Committed {COMMITTED_AT}, oldest record {KEPT_FROM}: with earliest the group went on at {joined(first)}, with "
        f"latest at the end ({latest} records read), with none it got {_answer_without_policy(ctx, groups['none'], side)}."
    )
    book.note("out-of-range", text, _place(first), f"at {joined(first)}", command)


def _place(first: Mapping[int, int]) -> str:
    """The choice that names where reading went on."""
    if not first:
        return "log-end"
    return "log-start" if set(first.values()) == {KEPT_FROM} else "committed"


def _reset_while_active(ctx: LabContext, book: Notebook) -> None:
    topic, group, command = _topic(ctx), _group(ctx), shell(*_reset_command(ctx))
    step(ctx, "symptom", "A member of the group runs, and somebody resets the group's offsets", command)
    with ctx.kafka.consumer(group, auto_offset_reset="earliest") as member:
        member.read_to(topic, ctx.kafka.log_end(topic))
        answer = _try_reset(ctx, group, topic)
    committed = joined(ctx.kafka.committed(group, topic))
    text = f"With a member running, the reset was answered with {answer}; the committed offsets are {committed}."
    refused = answer != "success"
    display = f"refused: {answer}" if refused else "accepted"
    book.note("reset-active-group", text, "refused" if refused else "rereads", display, command)


# --- verify ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _State:
    """What verify looks at."""

    group: Group
    start: Offsets
    end: Offsets
    committed: Mapping[int, int | None]
    rewound: frozenset[int]
    """Partitions for which a commit at the log start was written since the lab was arranged."""

    @property
    def available(self) -> int:
        """Records in the topic."""
        return sum(self.end.values()) - sum(self.start.values())

    @property
    def lag(self) -> int:
        """Records not yet committed as read."""
        return sum(lag(self.committed, self.end, self.start).values())

    @property
    def read_again(self) -> bool:
        """Whether the group went back to the first record of every partition, and has read to the end since."""
        return self.rewound == set(self.end) and None not in self.committed.values() and self.lag == 0


def _state(ctx: LabContext) -> _State:
    topic, group = _topic(ctx), _group(ctx)
    start = ctx.kafka.log_start(topic)
    moves = commit_log.history(ctx.kafka, group, ctx.facts.get("commits_from", -1))
    back = {m.partition for m in moves if m.topic == topic and m.offset is not None and m.offset <= start[m.partition]}
    committed = ctx.kafka.committed(group, topic)
    return _State(ctx.kafka.group(group), start, ctx.kafka.log_end(topic), committed, frozenset(back))


def _records_check(state: _State) -> Check:
    title, found = (
        f"All {TOTAL} records are still in $TOPIC",
        f"{state.available} records, from {joined(state.start)} on",
    )
    ok = state.available == TOTAL and not any(state.start.values())
    hints = (
        "Count what the topic holds: first and last offset of each partition.",
        f"It holds {state.available} records instead of {TOTAL}. Records that were deleted or added spoil the proof.",
        "Type `reset` to get the topic back as it was.",
    )
    return Check("records-there", title, ok, f"{TOTAL} records from offset 0 on", found, () if ok else hints)


def _inactive_check(state: _State) -> Check:
    title = "No member of $GROUP is running, or it has read everything again already"
    members = ", ".join(sorted({member.client_id for member in state.group.members})) or "a member"
    found = f"the group is {state.group.state}" + (f": {members}" if state.group.active else "")
    ok = state.read_again or not state.group.active
    hints = (
        "Look at the state of the group and at its members.",
        f"{members} is still in the group; while it is, its offsets cannot be moved from outside.",
        "Stop that consumer, or wait until its session ends, and look again with `members`.",
    )
    return Check("inactive", title, ok, "the group is Empty", found, () if ok else hints)


def _rereads_check(ctx: LabContext, state: _State) -> Check:
    title, expected = f"$GROUP reads all {TOTAL} records again", f"{TOTAL} records, from {joined(state.start)} on"
    if state.read_again:
        return Check("rereads", title, True, expected, "it went back to the start and has read to the end since")
    if state.group.active:
        return Check("rereads", title, False, expected, f"a member stands at {joined(state.committed)}", _hints(state))
    got = len(ctx.kafka.read_group(_group(ctx), _topic(ctx), "earliest", commit=False))
    found = f"{got} records at its next start; committed {joined(state.committed)}"
    ok = got == state.available
    return Check("rereads", title, ok, expected, found, () if ok else _hints(state))


def _hints(state: _State) -> tuple[str, str, str]:
    at = joined(state.committed)
    if state.group.active:
        return (
            "A member is running, and it reads on from where it is.",
            "No tool can move the offsets of an active group: end the member first.",
            "Once the group is Empty, move its committed offsets, and verify again.",
        )
    if state.lag == 0:
        return (
            "The group's committed offset decides where it starts, and auto.offset.reset does not change it.",
            f"Committed are {at}, the log starts at {joined(state.start)}: move the group from the one to the other.",
            "kafka-consumer-groups moves the offsets of an inactive group with --reset-offsets. It only shows what it "
            "would do until you add the option that makes it do it.",
        )
    return (
        "The group has been moved, but not all the way back, or not in every partition.",
        f"Committed are {at}; the first records are at {joined(state.start)}.",
        "Move every partition of the topic to its earliest offset in one go: name the topic, not one of its partitions.",
    )


# --- details ---------------------------------------------------------------------------------------------------------


_OFFSETS_COMMAND = shell(
    "kafka-console-consumer",
    *("--topic", "__consumer_offsets", "--from-beginning", "--timeout-ms", "3000"),
    *("--formatter", "org.apache.kafka.tools.consumer.OffsetsMessageFormatter"),
)


def _topic(ctx: LabContext) -> str:
    return ctx.name("payments")


def _side(ctx: LabContext) -> str:
    return ctx.name("refunds")


def _group(ctx: LabContext) -> str:
    return ctx.name(SERVICE)


def _payments(each: int) -> list[Out]:
    return [Out(f"payment-{p}-{i:03}".encode(), partition=p) for i in range(each) for p in range(PARTITIONS)]


def _write_command(topic: str, count: int) -> str:
    return f"seq -f 'payment-%g' {count} | " + shell("kafka-console-producer", "--topic", topic)


def _console(topic: str, group: str, policy: str) -> str:
    reset = f"auto.offset.reset={policy}"
    return shell(
        "kafka-console-consumer",
        *("--topic", topic, "--group", group, "--command-property", reset, "--timeout-ms", "5000"),
    )


def _reset_command(ctx: LabContext) -> list[str]:
    options = ["--group", _group(ctx), "--topic", _topic(ctx), "--reset-offsets", "--to-earliest", "--execute"]
    return ["kafka-consumer-groups", *options]


def _read(ctx: LabContext, group: str, topic: str, policy: str, series: str) -> list[Record]:
    """Read as a member of the group and commit, plotting how many came."""
    count = 0

    def came(batch: Sequence[Record]) -> None:
        nonlocal count
        count += len(batch)
        plot(ctx, {f"read by {series}": count}, "records")

    came(())
    return ctx.kafka.read_group(group, topic, policy, came)


def _first_offsets(records: Sequence[Record]) -> dict[int, int]:
    first: dict[int, int] = {}
    for record in records:
        first.setdefault(record.partition, record.offset)
    return first


def _answer_without_policy(ctx: LabContext, group: str, topic: str) -> str:
    try:
        return f"{len(ctx.kafka.read_group(group, topic, 'none'))} records"
    except KafkaRefused as error:
        return error.error


def _try_reset(ctx: LabContext, group: str, topic: str) -> str:
    """The name of Kafka's error, or `success`."""
    try:
        ctx.kafka.set_committed(group, topic, dict.fromkeys(range(PARTITIONS), 0))
    except KafkaRefused as error:
        return error.error
    return "success"
