"""Lab 10: Kafka or RabbitMQ. A log remembers what has happened, a queue what is still to be done: the work decides."""

from __future__ import annotations

from collections.abc import Sequence

from labs import commit_log, handouts
from labs.catalog import kafka10, rabbit10, verify10
from labs.catalog.share10 import START, SharePool, own_queues
from labs.catalog.text10 import EVENTS, FACTS, INFO, RABBIT_FACTS, RABBIT_QUESTIONS
from labs.contract import Absent, Check, LabContext, LabInfo, Observation, Output
from labs.notebook import Notebook, run_shown, step
from labs.rabbit import source
from labs.rabbit.client import shown

PLAN = verify10.PLAN


class KafkaOrRabbitMQ:
    """The lab. State: the topic and its groups, the learner's plan, and which RabbitMQ there is."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A topic that its first group has handled, and a plan that is wrong."""
        state = source.arrange(ctx)
        text = {
            "named": f"RabbitMQ: the one at {shown(state.url)}",
            "starting": "RabbitMQ: a node of this lab's own starts in the background, which takes some seconds",
        }
        step(ctx, "arrange", text.get(state.kind, f"No RabbitMQ: the Kafka half runs. {state.reason}"))
        kafka10.arrange(ctx)
        ctx.facts.put(commits_from=commit_log.mark(ctx.kafka, ctx.name("fraud")))
        handouts.hand_out(10, ctx.workspace, PLAN)

    def background(self, ctx: LabContext) -> None:
        """Keep a RabbitMQ node of our own."""
        source.serve(ctx)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """The same orders into both. What takes long to start does so meanwhile."""
        book = Notebook(ctx, FACTS)
        with SharePool(ctx) as pool:
            kafka10.a_log(ctx, book)
            rabbit = source.connect(ctx)
            if rabbit is None:
                _say_absent(ctx)
            else:
                with rabbit:
                    rabbit10.half(ctx, book, rabbit)
            own_queues(ctx, book, pool)
        return book.observations

    def absent(self, ctx: LabContext) -> Absent | None:
        """The RabbitMQ half, where there is none."""
        state = source.read(ctx)
        if state.kind != "none":
            return None
        return Absent("RabbitMQ", state.reason, state.next_step, tuple(RABBIT_FACTS), RABBIT_QUESTIONS)

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Drive the five kinds of work through the systems of the plan, and look at both proofs."""
        rabbit = source.connect(ctx)
        if rabbit is None:
            return verify10.checks(ctx, None)
        with rabbit:
            return verify10.checks(ctx, rabbit)

    def reference_fix(self, ctx: LabContext) -> None:
        """Facts to the log, tasks to the queues."""
        step(ctx, "fix", "What is read again or by many goes to Kafka; what is done one time goes to RabbitMQ")
        handouts.hand_out_reference(10, ctx.workspace, PLAN)
        read = ["--group", ctx.name("fraud"), "--from-beginning", "--max-messages", str(EVENTS)]
        text = "The fraud team's group reads everything that shipping has handled long ago"
        run_shown(ctx, "fix", text, ["kafka-console-consumer", "--topic", ctx.name("orders"), *read])

    def clean(self, ctx: LabContext) -> None:
        """The share group's setting. Queues and exchanges went with their connections, our node with the background."""
        ctx.kafka.set_config(ctx.name("pool"), {START: None}, "group")
        source.gone(ctx)


LAB = KafkaOrRabbitMQ()


def _say_absent(ctx: LabContext) -> None:
    state = source.read(ctx)
    ctx.emit(Output(f"The RabbitMQ half is left out. {state.reason} {state.next_step}", "err"))
