"""Lab 9: exactly-once payments. Five strategies, three crash points, and the place where Kafka's guarantee ends."""

from __future__ import annotations

from collections.abc import Sequence

from labs import handouts
from labs.catalog.text09 import FACTS, INFO, PLACES, STRATEGIES
from labs.contract import Check, LabContext, LabInfo, Observation, Output
from labs.notebook import Notebook, shell, step
from labs.payment_checks import checks
from labs.payments import FAMOUS
from labs.strategies import Cell, crash_cells, lines, worst
from labs.survival import show, survey
from labs.transactions import frozen_transaction, second_send
from labs.trials import Bench, Trial
from labs.witnesses import Events, Gateway

SCRIPT = "handler.py"
KEYS: dict[str, dict[str, str]] = {"no-key": {}, "with-key": {"WITH_KEY": "1"}}


class ExactlyOnce:
    """The lab. All state is in the workspace's handler.py."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """Two topics, and the program with the fault."""
        for name, text in (
            ("payment-completed", "A topic for events"),
            ("transactions", "A topic to try transactions"),
        ):
            step(ctx, "arrange", text, shell("kafka-topics", "--create", "--topic", ctx.name(name)))
        ctx.kafka.create_topics([ctx.name("payment-completed"), ctx.name("transactions")])
        step(ctx, "arrange", f"{SCRIPT}, which handles payments, is put into the workspace")
        handouts.hand_out(9, ctx.workspace, SCRIPT)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """The table of strategies and crash points, the gateway, a frozen transaction."""
        book = Notebook(ctx, FACTS)
        with Bench(ctx, transactions=True) as bench:
            with Events(ctx, ctx.name("payment-completed")) as events, Gateway(bench) as gateway:
                _table(ctx, bench, events, gateway, book)
            frozen_transaction(ctx, bench, book)
        second_send(ctx, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Kill the learner's program at every point; read the balances, and ask the gateway."""
        with Bench(ctx) as bench, Gateway(bench) as gateway:
            bench.effects["gateway"] = gateway.sums
            bench.env = gateway.env
            found = survey(ctx, bench, ctx.workspace / SCRIPT)
        show(ctx, found, ("ledger", "gateway"))
        return checks(found, SCRIPT, ("ledger", "gateway"))

    def reference_fix(self, ctx: LabContext) -> None:
        """A key for the gateway, a unique key in the ledger, the offset last."""
        step(
            ctx,
            "fix",
            f"{SCRIPT} charges with an idempotency key, and debits with a unique key in the same transaction",
        )
        handouts.hand_out_reference(9, ctx.workspace, SCRIPT)

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix and the workspace."""


LAB = ExactlyOnce()


def _table(ctx: LabContext, bench: Bench, events: Events, gateway: Gateway, book: Notebook) -> None:
    """All cells and the gateway's two, each a real crash; several side by side."""
    completed = ctx.name("payment-completed")
    command = shell(
        "kafka-console-consumer", "--topic", completed, "--from-beginning", "--isolation-level", "read_committed"
    )
    text = f"Each of {len(STRATEGIES)} strategies is killed with SIGKILL at {len(PLACES)} points and started again"
    step(ctx, "symptom", text, command)
    bench.effects["event"] = events.sums
    bench.env = lambda trial: {"COMPLETED": completed, **gateway.env(trial)}
    cells = [Cell(strategy, place) for strategy in STRATEGIES for place in PLACES]
    paying = {"gateway": gateway.sums, "event": events.sums}
    trials, paid = crash_cells(ctx, bench, cells, paying, KEYS)
    events.drain()
    _note_strategies(ctx, book, dict(zip(cells, trials, strict=True)), command)
    _note_gateway(book, gateway, dict(zip(KEYS, paid, strict=True)))


def _note_strategies(ctx: LabContext, book: Notebook, trials: dict[Cell, Trial], command: str) -> None:
    words = {cell: {effect: tally.word for effect, tally in trial.tallies().items()} for cell, trial in trials.items()}
    for effect, title in (("ledger", "The debit in the ledger"), ("event", "The event, read with read_committed")):
        for line in lines(title, {cell: found[effect] for cell, found in words.items()}):
            ctx.emit(Output(line))
    for observation, strategy, effect in _NOTED:
        found = {place: words[Cell(strategy, place)][effect] for place in PLACES}
        told = ", ".join(f"{PLACES[place]}: {word}" for place, word in found.items())
        what = "debit" if effect == "ledger" else "event"
        text = f"{STRATEGIES[strategy].capitalize()}, the {what} when killed right after … {told}."
        answer = worst(found.values())
        book.note(observation, text, answer, f"{what} {answer}", command if effect == "event" else "")


_NOTED = (
    ("at-most-once-debit", "at_most_once", "ledger"),
    ("at-least-once-debit", "at_least_once", "ledger"),
    ("deduplicated-debit", "deduplicating", "ledger"),
    ("deduplicated-event", "deduplicating", "event"),
    ("transaction-event", "kafka_transaction", "event"),
    ("transaction-debit", "kafka_transaction", "ledger"),
    ("outbox-debit", "outbox", "ledger"),
    ("outbox-event", "outbox", "event"),
)


def _note_gateway(book: Notebook, gateway: Gateway, trials: dict[str, Trial]) -> None:
    counts = {name: gateway.charges(trial, trial.book.first) for name, trial in trials.items()}
    text = (
        f"Killed in its Kafka transaction after the card was charged, and started again: {counts['no-key']} charges of "
        f"₹{FAMOUS:,} for one payment, and its event {trials['no-key'].tallies()['event'].word}."
    )
    book.note("gateway-charged-twice", text, float(counts["no-key"]), f"{counts['no-key']} charges")
    text = f"The same with the payment's id as Idempotency-Key: {counts['with-key']} charge."
    book.note("gateway-key-charged-once", text, float(counts["with-key"]), f"{counts['with-key']} charge")
