"""Lab 2: the same payment twice. Between the database commit and the offset commit a crash means: once more."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from labs import handouts
from labs.catalog.text02 import BATCH, FACTS, HANDLED, INFO
from labs.contract import Check, LabContext, LabInfo, Observation, Output
from labs.launcher import Mark, Moment
from labs.notebook import Notebook, plot, shell, step
from labs.payment_checks import checks
from labs.payments import FAMOUS
from labs.settling import settled
from labs.survival import show, survey
from labs.trials import Bench, Trial, crash, recover, was_killed

SCRIPT = "consumer.py"
DEBITED = Mark("after", "Connection.commit")
BEFORE_OFFSET = Mark("before", "KafkaConsumer.commit")


class DuplicatePayments:
    """The lab. All state is in the workspace's consumer.py."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A topic, and the program with the fault."""
        topic = ctx.name("payments")
        step(ctx, "arrange", "A topic for payment requests", shell("kafka-topics", "--create", "--topic", topic))
        ctx.kafka.create_topic(topic)
        step(ctx, "arrange", f"{SCRIPT}, which handles them, is put into the workspace")
        handouts.hand_out(2, ctx.workspace, SCRIPT)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Kill it between its two commits, in every way of committing."""
        book = Notebook(ctx, FACTS)
        with Bench(ctx) as bench:
            _killed_between(ctx, bench, book)
            _other_ways(ctx, bench, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Kill the learner's program at every point and read the balances; topics and databases of their own."""
        with Bench(ctx) as bench:
            found = survey(ctx, bench, ctx.workspace / SCRIPT)
        show(ctx, found, ("ledger",))
        return checks(found, SCRIPT)

    def reference_fix(self, ctx: LabContext) -> None:
        """The unique key, in the transaction of the debit."""
        step(ctx, "fix", f"{SCRIPT} stores the payment's id in the transaction that debits the account")
        handouts.hand_out_reference(2, ctx.workspace, SCRIPT)

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix and the workspace."""


LAB = DuplicatePayments()


# --- the symptom -----------------------------------------------------------------------------------------------------


def _killed_between(ctx: LabContext, bench: Bench, book: Notebook) -> None:
    script, lines = handouts.path(2, SCRIPT), list[str]()
    trial = bench.adopt(ctx.name("payments"), ctx.name("payment-service"), each=2)
    describe = shell("kafka-consumer-groups", "--describe", "--group", trial.group)
    first = trial.book.first

    def say(line: str, stream: str) -> None:
        lines.append(line)
        ctx.emit(Output(line, "out" if stream == "out" else "err"))

    step(
        ctx, "symptom", f"payment-service debits ₹{FAMOUS:,}, and is killed before it commits the offset", "kill -9 PID"
    )
    _plot(ctx, trial)
    crash(trial, script, Moment(BEFORE_OFFSET, DEBITED), say)
    _plot(ctx, trial)
    debited, committed = _from_first(trial), ctx.kafka.committed(trial.group, trial.topic)[0]
    text = (
        f"Killed with SIGKILL, the process left ₹{debited:,} debited for {first.id}; the group's committed offset is "
        f"{'none' if committed is None else committed}, and the record's is 0."
    )
    display = f"₹{debited:,}, offset {'none' if committed is None else committed}"
    book.note("database-ahead-of-offset", text, float(debited), display, describe)

    step(ctx, "symptom", "It is started again, with the same group", describe)
    recover(trial, script, on_line=say, on_look=lambda: _plot(ctx, trial))
    _plot(ctx, trial)
    times = sum(line.startswith("offset 0:") for line in lines)
    book.note(
        "redelivered-after-kill", f"It was handed the record at offset 0 {times} times.", float(times), f"{times} times"
    )
    debited = _from_first(trial)
    text = f"{first.id}, one payment of ₹{FAMOUS:,}, has taken ₹{debited:,} from account {first.account}."
    book.note("double-debit", text, float(debited), f"₹{debited:,}", describe)
    _topic(ctx, trial, book)


def _topic(ctx: LabContext, trial: Trial, book: Notebook) -> None:
    command = shell("kafka-console-consumer", "--topic", trial.topic, "--from-beginning", "--timeout-ms", "5000")
    records = ctx.kafka.read_all(trial.topic)
    ids = [payment.id for payment in (*trial.book.payments, trial.book.later)]
    copies = max(sum(f'"{wanted}"' in record.text for record in records) for wanted in ids)
    text = (
        f"The topic holds {len(records)} records for {len(ids)} payments; no payment is in it more than {copies} time."
    )
    book.note("topic-holds-each-once", text, float(copies), f"{copies} record each", command)
    key = trial.book.first.account
    ctx.kafka.produce(trial.topic, [trial.book.first.out()])
    kept = sum(record.key_text == key for record in ctx.kafka.read_all(trial.topic))
    text = f"There was a record with the key {key}; another one was written. The topic holds {kept} of that key."
    book.note("same-key-kept", text, float(kept), f"{kept} records", command)


def _other_ways(ctx: LabContext, bench: Bench, book: Notebook) -> None:
    """Six more programs, side by side: each with a topic, a group and a database of its own."""
    step(ctx, "symptom", "Six other ways of committing, each killed or frozen in its gap and started again")
    seventh = Moment(DEBITED, nth=HANDLED)
    jobs: list[tuple[str, int, Callable[[Trial], object]]] = [
        (
            "commit-first",
            2,
            _killing(_variant("commit_first"), Moment(Mark("before", "Connection.execute"), _OFFSET_DONE)),
        ),
        ("marker-apart", 2, _killing(_variant("marker_apart"), Moment(DEBITED))),
        ("same-transaction", 2, _killing(handouts.path(2, f"reference/{SCRIPT}"), Moment(BEFORE_OFFSET))),
        ("batch", BATCH, _killing(_variant("batch"), seventh)),
        ("auto-commit", BATCH, _killing(_variant("auto_commit"), seventh)),
        ("frozen", 2, _freezing),
    ]
    trials = [bench.trials([name], each)[0] for name, each, _ in jobs]
    answers = bench.side_by_side(
        lambda pair: pair[1](pair[0]), [(t, job[2]) for t, job in zip(trials, jobs, strict=True)]
    )
    by_name = {trial.name: trial for trial in trials}
    plot(ctx, {f"₹ taken for ₹{FAMOUS:,}, {name}": _from_first(trial) for name, trial in by_name.items()}, "₹")
    _note_ways(book, by_name, str(answers[-1]))


_OFFSET_DONE = Mark("after", "KafkaConsumer.commit")


def _note_ways(book: Notebook, trials: dict[str, Trial], answer: str) -> None:
    got = _from_first(trials["commit-first"])
    text = f"Killed between its offset commit and its debit, and started again, it has taken ₹{got:,} of ₹{FAMOUS:,}."
    book.note("commit-first-loses", text, float(got), f"₹{got:,}")
    got = _repeated(trials["batch"])
    text = (
        f"Of {BATCH} payments polled together {HANDLED} had been debited when it was killed; {got} were debited twice."
    )
    book.note("batch-repeats", text, float(got), f"{got} payments")
    got = _repeated(trials["auto-commit"])
    text = f"With auto-commit, {HANDLED} of {BATCH} payments had been debited when it was killed; {got} were debited twice."
    book.note("auto-commit-repeats", text, float(got), f"{got} payments")
    frozen = trials["frozen"].tallies()["ledger"].word
    got = _from_first(trials["frozen"])
    text = f"Frozen after its debit and replaced by another member: ₹{got:,} left the account for one payment of ₹{FAMOUS:,}."
    book.note("frozen-member-repeats", text, frozen, f"{frozen}: ₹{got:,}")
    book.note("late-commit-refused", f"When it woke up and committed, it got {answer}.", answer, answer)
    apart = trials["marker-apart"].tallies()["ledger"].word
    got = _from_first(trials["marker-apart"])
    text = f"Killed after the id was committed and before the debit: ₹{got:,} of ₹{FAMOUS:,} were ever taken."
    book.note("marker-apart-loses", text, apart, f"{apart}: ₹{got:,}")
    got = _from_first(trials["same-transaction"])
    text = f"With id and debit in one transaction, the payment of ₹{FAMOUS:,} that came twice has taken ₹{got:,}."
    book.note("atomic-dedupe-once", text, float(got), f"₹{got:,}")


def _variant(name: str) -> Path:
    return handouts.path(2, f"variants/{name}.py")


def _killing(script: Path, moment: Moment) -> Callable[[Trial], object]:
    def job(trial: Trial) -> object:
        crash(trial, script, moment)
        return recover(trial, script)

    return job


def _freezing(trial: Trial) -> str:
    """Freeze the program between its commits, let another member take over, wake it up; what its commit got."""
    script, stop = handouts.path(2, SCRIPT), trial.bench.ctx.stop
    with trial.start(script, Moment(BEFORE_OFFSET, DEBITED, signal=int(signal.SIGSTOP))) as first:
        first.wait(stop, lambda: first.frozen)
        trial.forget_dead()
        trial.arrive()
        with trial.start(script) as second:
            second.wait(stop, settled(trial))
            first.send_signal(signal.SIGCONT)
            result = first.wait(stop)
    if result is None or was_killed(result) or not result.errors:
        return "no error"
    return result.errors[-1].split(":")[0].rsplit(".", 1)[-1]


# --- details ---------------------------------------------------------------------------------------------------------


def _from_first(trial: Trial) -> int:
    """Rupees that the first payment has taken: its account has no other, in trials of two."""
    sums = trial.sums()["ledger"] or {}
    return sums.get(trial.book.first.account, 0)


def _repeated(trial: Trial) -> int:
    """How many debits there were beyond one for each payment."""
    sums = trial.sums()["ledger"] or {}
    amounts = {payment.account: payment.amount for payment in (*trial.book.payments, trial.book.later)}
    return sum(total // amounts[account] for account, total in sums.items()) - len(trial.book.payments) - 1


def _plot(ctx: LabContext, trial: Trial) -> None:
    plot(ctx, {f"₹ taken for ₹{FAMOUS:,}": _from_first(trial)}, "₹")
