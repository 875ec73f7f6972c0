"""Lab 3: one slow consumer. A partition is as fast as the one process that owns it."""

from __future__ import annotations

from collections.abc import Sequence

from labs import handouts
from labs.catalog import verify03
from labs.catalog.members03 import group_at_work, topic_of, write_burst
from labs.catalog.rates03 import ways_to_handle
from labs.catalog.service03 import rig
from labs.catalog.text03 import BEFORE, BURST, FACTS, FAST, INFO, SLOW
from labs.contract import Check, LabContext, LabInfo, Observation
from labs.customers import Source
from labs.notebook import Notebook, shell, step

PROGRAM = "consumer.py"


class SlowConsumer:
    """The lab. State: the topic, the group's offsets, and the learner's program."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A topic in which a burst of events waits, and the program that handles one after the other."""
        topic = topic_of(ctx)
        create = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(BEFORE))
        step(ctx, "arrange", f"A topic with {BEFORE} partitions", create)
        ctx.kafka.create_topic(topic, BEFORE)
        step(ctx, "arrange", f"{BURST} events of customers wait in each of them")
        source = write_burst(ctx)
        ctx.facts.put(made=dict(source.made))
        handouts.hand_out(3, ctx.workspace, PROGRAM)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """The group with its slow member, and seven ways to handle the records of one partition."""
        book, source = Notebook(ctx, FACTS), Source()
        source.made.update(ctx.facts.get("made", {}))
        with rig(ctx) as found:
            service = found.service((SLOW, FAST))
            group_at_work(found, service, source, book)
            ways_to_handle(found, service, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Run the learner's program on a backlog of its own, let the service hang, kill it and start it again."""
        return verify03.checks(ctx, ctx.workspace / PROGRAM)

    def reference_fix(self, ctx: LabContext) -> None:
        """Four workers, each for its share of the customers, and up to fifty events in a call."""
        step(
            ctx,
            "fix",
            "Four workers share the customers, each makes calls of up to fifty events, and the offset comes last",
        )
        handouts.hand_out_reference(3, ctx.workspace, PROGRAM)

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix."""


LAB = SlowConsumer()
