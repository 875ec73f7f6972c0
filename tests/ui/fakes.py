"""Small parts at the interface's ports: everything in memory, everything at once, a clock that stands still."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from labs.contract import (
    Check,
    Choice,
    Comparison,
    Event,
    Figure,
    LabInfo,
    Observation,
    Observed,
    Output,
    Prediction,
    Question,
    Sample,
    Scaling,
    Step,
    Task,
)
from labs.errors import BadPrediction, Interrupted, LabStopped, SolutionLocked
from labs.evidence import Evidence
from labs.solution import Pair
from tutor.grading.types import Grade, GraderId, MisconceptionResult, PointResult, Span
from tutor.mocks.report import MockReport
from tutor.mocks.values import Answer, Mark, MockDraft
from tutor.review.cards import CardDraft, NewCard, Review, Schedule
from tutor.review.schedule import answered
from tutor.review.verdict import restricted
from tutor.scenarios.model import Dimension, Misconception, Point, Scenario
from tutor.scenarios.packs import Pack, PackSet
from tutor.sessions.ports import Attempt, Draft, GradedAnswer, LabRecord, Overrule
from tutor.store.database import Database, connect
from tutor.store.migrate import migrate, shipped
from tutor.store.mock_store import SqliteMocks
from tutor.store.review_store import SqliteReviews, insert_cards
from tutor.ui.services import Services

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TITLES = (
    "A running consumer that consumes nothing",
    "The same payment twice",
    "One slow consumer holds up the rest",
    "Rebalance storm",
    "Order that breaks",
    "A disk that only grows",
    "A slow producer on a healthy cluster",
    "A consumer that runs out of memory",
    "Exactly-once payments",
    "Kafka or RabbitMQ",
)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW
        self.seconds = 100.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


def point(name: str, text: str, dimension: Dimension, weight: int, *, must: bool = False) -> Point:
    return Point(
        id=name,
        definition=text,
        source="docs",
        weight=weight,
        dimension=dimension,
        missed=f"You left out: {text}",
        follow_up=f"What happens when {name.replace('_', ' ')} is asked for?",
        keywords=(name,),
        must=must,
        labs=(f"1.{name.replace('_', '-')}",),
    )


POINTS = (
    point(
        "committed_offset",
        "A group resumes from its committed offset, whatever the topic holds.",
        "cause",
        3,
        must=True,
    ),
    point(
        "reset_policy",
        "auto.offset.reset applies only where no valid committed offset exists.",
        "internals",
        3,
        must=True,
    ),
    point("offsets_topic", "Progress is stored per group and partition in __consumer_offsets.", "internals", 1),
    point("describe_group", "Describe the group first: committed offset, end offset, lag, members.", "debugging", 2),
    point("reset_tool", "Reset the offsets with the tool while no member of the group is active.", "fixes", 2),
    point("replay_risk", "Replaying repeats side effects unless the processing is idempotent.", "trade-offs", 2),
)
BELIEF = Misconception(
    id="m_always_applies",
    definition="auto.offset.reset decides where every start begins.",
    source="docs",
    penalty=3,
    correction="The policy is only asked where there is no committed offset, or one that is out of range.",
    follow_up="Your group has committed offsets. What does auto.offset.reset=earliest change at its next start?",
)
SITUATION = """\
The group `billing` reads the topic `payments` (6 partitions, retention 7 days). After last night's release it starts
cleanly, all members are assigned, and **nothing** is consumed:

| partition | committed | end |
|---|---|---|
| 0 | 182,044 | 182,044 |
| 1 | 179,310 | 179,310 |

The producer team is sure that *yesterday's* records were never handled.
"""


def scenario(number: int) -> Scenario:
    return Scenario(
        format=1,
        id=number,
        uuid=f"0000000{number % 10}-0000-4000-8000-000000000000",
        slug=f"scenario-{number}",
        title=TITLES[number - 1],
        summary=f"The situation of scenario {number} in one line that gives nothing away.",
        situation=SITUATION,
        question="What is going on, how do you find out, and how do you fix it?",
        minutes=8,
        points=POINTS,
        misconceptions=(BELIEF,),
        lab=number if number in (1, 5, 6) else None,
    )


def packset(count: int = 10) -> PackSet:
    packs = tuple(
        Pack(
            scenario(number),
            "# A strong answer\n\nThe group has committed offsets **at the end**.",
            "## Why\n\nOffsets are kept in `__consumer_offsets`.\n\n- one\n- two",
            (),
            Path("questions"),
        )
        for number in range(1, count + 1)
    )
    return PackSet(packs)


ANSWER = (
    "The group already has committed offsets at the end of every partition, so it resumes there and waits.\n\n"
    "I would set auto.offset.reset to earliest and restart: then every start begins at the first record.\n"
    "Before that I would look at kafka-consumer-groups --describe for the lag."
)


def span(text: str, words: str) -> Span:
    start = text.find(words)
    return Span(start, start + len(words)) if start >= 0 else Span(0, 0)


def grade_of(number: int, answer: str) -> Grade:
    """A plausible grade with one of each status."""
    statuses = (
        PointResult("committed_offset", "covered", (span(answer, "already has committed offsets"),), 0.94),
        PointResult("reset_policy", "contradicted", (span(answer, "every start begins at the first record"),), 0.81),
        PointResult("offsets_topic", "missed"),
        PointResult("describe_group", "partial", (span(answer, "kafka-consumer-groups --describe"),), 0.6),
        PointResult("reset_tool", "unsure", (span(answer, "restart"),), 0.4),
        PointResult("replay_risk", "missed"),
    )
    held = MisconceptionResult("m_always_applies", (span(answer, "every start begins at the first record"),), 0.8, True)
    return Grade(
        scenario=number,
        score=4.6,
        dimensions={"cause": 9.0, "internals": 1.5, "debugging": 5.0, "fixes": 3.0, "trade-offs": 0.0},
        points=statuses,
        misconceptions=(held,),
        grader=GraderId("model", "3f2a91c0"),
        honest=len(answer.split()) > 5,
        raise_most=("m_always_applies", "reset_policy", "replay_risk"),
    )


class FakeGrader:
    """Grades at once, or holds until `release` is set; may be told to fail."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.release.set()
        self.error: Exception | None = None
        self.cancelled = 0
        self.graded: list[str] = []

    def warm_up(self) -> None:
        pass

    def state(self) -> str:
        return "ready: model 3f2a91c0"

    def grade(self, scenario: Scenario, answer: str) -> Grade:
        self.release.wait(20)
        if self.error:
            raise self.error
        self.graded.append(answer)
        return grade_of(scenario.id, answer)

    def cancel(self) -> None:
        self.cancelled += 1

    def close(self) -> None:
        self.release.set()


class FakeStore(SqliteReviews, SqliteMocks):
    """Dicts and lists, and a real database in memory for cards, reviews and mock interviews. `broken` makes every write fail."""

    def __init__(self) -> None:
        connection = connect(Path(":memory:"))
        migrate(connection, shipped(), lambda old: None)
        super().__init__(Database(connection, Path(":memory:")))
        self._drafts: dict[tuple[int, int | None], Draft] = {}
        self._attempts: list[Attempt] = []
        self._overrules: dict[tuple[int, str], Overrule] = {}
        self._skipped: set[int] = set()
        self._records: list[LabRecord] = []
        self.settings: dict[str, str] = {}
        self.broken: Exception | None = None
        self.closed = False

    def _write(self) -> None:
        if self.broken:
            raise self.broken

    def save_draft(self, draft: Draft) -> None:
        self._write()
        self._drafts[draft.scenario, draft.follow_up_to] = draft

    def draft(self, scenario: int, follow_up_to: int | None = None) -> Draft | None:
        return self._drafts.get((scenario, follow_up_to))

    def drafts(self) -> Sequence[Draft]:
        return sorted(self._drafts.values(), key=lambda draft: draft.at, reverse=True)

    def drop_draft(self, scenario: int, follow_up_to: int | None = None) -> None:
        self._write()
        self._drafts.pop((scenario, follow_up_to), None)

    def __del__(self) -> None:
        self._database.close()

    def database_answered(self, card: int) -> None:
        """Another window answers this card."""
        self._database.rows("UPDATE cards SET answered = answered + 1 WHERE id = ?", (card,))

    def add_review(self, review: Review, after: Schedule) -> Review:
        self._write()
        return super().add_review(review, after)

    def save_card_draft(self, draft: CardDraft) -> None:
        self._write()
        super().save_card_draft(draft)

    def add_attempt(self, attempt: Attempt, cards: Sequence[NewCard] = (), *, keep_draft: bool = False) -> Attempt:
        self._write()
        stored = msgspec.structs.replace(attempt, id=len(self._attempts) + 1)
        with self._database.write() as connection:
            insert_cards(connection, cards, stored.id, attempt.at)
        self._attempts.append(stored)
        self._drafts.pop((attempt.scenario, attempt.follow_up_to), None)
        return stored

    def save_mock_draft(self, draft: MockDraft) -> None:
        self._write()
        super().save_mock_draft(draft)

    def add_mock_answer(self, mock: int, answer: Answer, also: GradedAnswer | None = None) -> None:
        self._write()
        super().add_mock_answer(mock, answer)
        if also:
            self.add_attempt(also.attempt, also.cards)

    def mark_mock(self, mock: int, mark: Mark, at: datetime, attempts: Sequence[GradedAnswer] = ()) -> None:
        self._write()
        super().mark_mock(mock, mark, at)
        for one in attempts:
            self.add_attempt(one.attempt, one.cards)

    def attempt(self, attempt: int) -> Attempt | None:
        return next((one for one in self._attempts if one.id == attempt), None)

    def attempts(self, scenario: int | None = None) -> Sequence[Attempt]:
        return [one for one in self._attempts if scenario in (None, one.scenario)]

    def overrule(self, overrule: Overrule, cards: Sequence[NewCard] = ()) -> None:
        self._write()
        self._overrules[overrule.attempt, overrule.target] = overrule

    def overrules(self, attempt: int) -> Sequence[Overrule]:
        return [one for one in self._overrules.values() if one.attempt == attempt]

    def skip_lab_lock(self, lab: int, at: datetime) -> None:
        self._skipped.add(lab)

    def lab_lock_skipped(self, lab: int) -> bool:
        return lab in self._skipped

    def add_lab_record(self, record: LabRecord) -> None:
        self._write()
        self._records.append(record)

    def lab_records(self, lab: int | None = None) -> Sequence[LabRecord]:
        return [one for one in self._records if lab in (None, one.lab)]

    def setting(self, key: str) -> str | None:
        return self.settings.get(key)

    def set_setting(self, key: str, value: str) -> None:
        self._write()
        self.settings[key] = value

    def close(self) -> None:
        self.closed = True


QUESTIONS = (
    Question(
        "same-group",
        "The same group starts again with auto.offset.reset=earliest. Records it reads:",
        "number",
        "records",
    ),
    Question(
        "reset-live",
        "kafka-consumer-groups --reset-offsets while a member is active:",
        "choice",
        choices=(Choice("works", "The offsets are reset"), Choice("refused", "The tool is refused")),
    ),
    Question(
        "order",
        "Put these in the order in which Kafka looks for a start, first one first:",
        "order",
        choices=(
            Choice("policy", "the reset policy"),
            Choice("committed", "the committed offset"),
            Choice("seek", "seek()"),
        ),
    ),
)
OBSERVATIONS = (
    Observation(
        "committed-offset",
        "The same group read 0 of 300 records.",
        0.0,
        "0 records",
        "It has a committed offset, so the policy is not asked.",
        points=("committed_offset",),
        refutes=("m_always_applies",),
        question="same-group",
        command="kafka-consumer-groups --describe --group shop",
    ),
    Observation(
        "reset-live",
        "The tool was refused: the group was Stable.",
        "refused",
        "The tool is refused",
        "A live member would overwrite the reset with its next commit.",
        points=("reset_tool",),
        question="reset-live",
    ),
    Observation(
        "order",
        "seek() won over the committed offset, that over the policy.",
        ("seek", "committed", "policy"),
        "seek(), committed offset, policy",
        "Each is only asked where the one before says nothing.",
        question="order",
    ),
)


FILES = {5: ("consumer.py",)}
"""Of the labs that have some."""


def info(number: int) -> LabInfo:
    return LabInfo(
        number=number,
        slug=f"lab-{number}",
        title=f"Lab of {TITLES[number - 1].lower()}"[:60],
        summary="You make a group idle on purpose. It settles what decides where a consumer starts.",
        seconds=12,
        questions=QUESTIONS,
        task=Task(
            "Make the same group, shop, read all 300 records again.",
            ("kafka-consumer-groups --describe --group shop", "kafka-topics --describe --topic orders"),
            FILES.get(number, ()),
        ),
        scaling=(Scaling("7 days of retention", "20 s of retention"),),
    )


YOURS = "for record in consumer:\n    handle(record)\n    consumer.commit()\n"
REFERENCE = "for record in consumer:\n    if new(record):\n        handle(record)\n    consumer.commit()\n"


class FakeRun:
    """A lab that answers at once. `hold` stops it in the middle; `error` is raised by the next call."""

    def __init__(self, number: int, sink: Callable[[Event], None]) -> None:
        self._info = info(number)
        self._sink = sink
        self.workspace = Path("/home/you/.local/state/kafka-tutor/labs/05/work")
        self.verified = 0
        self.verifying: threading.Event | None = None
        self.figures: tuple[Figure, ...] = ()
        self.interrupted = threading.Event()
        self.predicted: dict[str, str] = {}
        self.commands: list[str] = []
        self.fixed = False
        self.closed = False
        self.hints = 0
        self.checks: list[Check] = []
        self.gave_up_ = False
        self.error: Exception | None = None
        self.hold: threading.Event | None = None
        self.stopped = threading.Event()

    @property
    def info(self) -> LabInfo:
        return self._info

    def predict(self, answers: dict[str, str]) -> None:
        for question in QUESTIONS:
            typed = answers.get(question.id, "")
            if question.kind == "number" and typed and not typed.replace(".", "", 1).isdigit():
                raise BadPrediction(question.id, f"{typed!r} is not a number", "", "Type a number, such as 300.")
        self.predicted = answers

    def observe(self) -> Sequence[Comparison]:
        self._fail()
        self._sink(Step("arrange", "Create the topic orders with 3 partitions", "kafka-topics --create --topic orders"))
        for tick in range(20):
            self._sink(Sample("lag p0", tick * 0.5, float(tick % 7 * 10), "records"))
            self._sink(Sample("lag p1", tick * 0.5, float(100 - tick * 4), "records"))
        self._wait()
        self._sink(Step("symptom", "Start the group again", "kafka-console-consumer --group shop"))
        for observation in OBSERVATIONS:
            self._sink(Observed(observation))
        return [self._compare(*pair) for pair in zip(QUESTIONS, OBSERVATIONS, strict=True)]

    def _compare(self, question: Question, observed: Observation) -> Comparison:
        typed = self.predicted.get(question.id, "")
        if not typed:
            return Comparison(question, None, observed, None)
        value = tuple(typed.split(",")) if question.kind == "order" else typed
        right = float(typed) == observed.value if question.kind == "number" else value == observed.value
        return Comparison(question, Prediction(question.id, value), observed, right)

    def _wait(self) -> None:
        while self.hold is not None and not self.hold.wait(0.01):
            if self.stopped.is_set():
                raise LabStopped("stopped")

    def _fail(self) -> None:
        if self.error:
            error, self.error = self.error, None
            raise error

    def observations(self) -> Sequence[Observation]:
        return OBSERVATIONS

    def evidence(self) -> Evidence:
        checks = tuple(self.checks)
        ok = bool(checks) and all(check.ok for check in checks)
        outcome = "gave_up" if self.gave_up_ else "verified" if ok else "stopped"
        comparisons = tuple(self._compare(*pair) for pair in zip(QUESTIONS, OBSERVATIONS, strict=True))
        at = NOW.isoformat()
        return Evidence(
            self._info.number,
            self._info.title,
            1,
            at,
            outcome,
            self.hints,
            "embedded, 1 node",
            (),
            comparisons,
            OBSERVATIONS,
            checks,
            (),
            self.figures,
        )

    def command(self, line: str) -> int:
        self._fail()
        self.commands.append(line)
        self._sink(Output(f"ran {line}"))
        self._sink(Output("a line on the error stream", "err"))
        self.fixed = self.fixed or "--reset-offsets" in line
        return 0 if line.startswith("kafka-") else 1

    def verify(self) -> Sequence[Check]:
        self._fail()
        self.verified += 1
        self.interrupted.clear()
        while self.verifying is not None and not self.verifying.wait(0.01):
            if self.interrupted.is_set():
                raise Interrupted("Interrupted.")
        file = self.workspace / "consumer.py"
        self.fixed = self.fixed or (file.is_file() and "fixed" in file.read_text())
        first = Check("group-idle", "The group has no active member", True, "0 members", "0 members")
        hints = ("Look at what the group has committed.", "The offsets are at the end.", "Move them to the beginning.")
        second = Check(
            "read-again",
            "The group read all 300 records",
            self.fixed,
            "300 records",
            "300 records" if self.fixed else "0 records",
        )
        self.checks = [first, second if self.fixed else replace(second, hints=hints)]
        return self.checks

    def hint(self) -> str:
        self.hints += 1
        return f"Hint {min(self.hints, 3)}: look at what the group has committed."

    def give_up(self) -> None:
        self._sink(Step("fix", "The reference fix", "kafka-consumer-groups --reset-offsets --to-earliest --execute"))
        self.fixed = self.gave_up_ = True

    def solution(self) -> Sequence[Pair]:
        if not (self.gave_up_ or (self.checks and all(check.ok for check in self.checks))):
            raise SolutionLocked(
                "The reference solution is still closed", "It opens when every check passes.", "verify"
            )
        return (Pair("consumer.py", YOURS, REFERENCE),)

    def reset(self) -> None:
        self.fixed = False
        self.checks = []
        if self.workspace.is_dir():
            (self.workspace / "consumer.py").write_text("broken again")

    def stop(self) -> None:
        self.stopped.set()

    def interrupt(self) -> bool:
        self.interrupted.set()
        return self.verifying is not None

    def close(self) -> None:
        self.closed = True


class FakeLabs:
    """Labs 1, 5 and 6."""

    def __init__(self) -> None:
        self.runs: list[FakeRun] = []
        self.warmed = 0
        self.state = "ready"
        self.own = ""
        self.prepare: Callable[[FakeRun], None] = lambda run: None

    def infos(self) -> Sequence[LabInfo]:
        return [info(1), info(5), info(6)]

    def warm_up(self) -> None:
        self.warmed += 1

    def warm_state(self) -> str:
        return self.state

    def where(self) -> str:
        return self.own

    def open(self, lab: int, sink: Callable[[Event], None]) -> FakeRun:
        run = FakeRun(lab, sink)
        self.prepare(run)
        self.runs.append(run)
        return run

    def close(self) -> None:
        pass


class World:
    """All fakes together."""

    def __init__(self, packs: PackSet | None = None) -> None:
        self.store = FakeStore()
        self.grader = FakeGrader()
        self.labs = FakeLabs()
        self.clock = FakeClock()
        self.packs = packs or packset()
        self.exported: list[LabRecord] = []
        self.exported_mocks: list[MockReport] = []
        self.sent: list[str] = []

    def services(self) -> Services:
        return Services(
            self.packs, self.store, self.grader, self.labs, self.clock, self._export, self._outward, self._export_mock
        )

    def _export(self, record: LabRecord) -> Path:
        self.exported.append(record)
        return Path("/tmp/lab-1-evidence.json")

    def _export_mock(self, report: MockReport) -> Path:
        self.exported_mocks.append(report)
        return Path("/home/you/mocks/mock-001.html")

    def _outward(self, kind: str) -> Path:
        if self.store.broken:
            raise self.store.broken
        self.sent.append(kind)
        return Path(f"/tmp/exports/{kind}")

    def cards(self, number: int = 1, *targets: str) -> None:
        """An older answer with these cards, due now."""
        kinds = {True: "misconception", False: "point"}
        names = targets or ("committed_offset", "offsets_topic", "m_always_applies")
        new = [NewCard(number, name, kinds[name.startswith("m_")]) for name in names]
        self.store.add_attempt(Attempt(0, number, ANSWER, grade_of(number, ANSWER), NOW - timedelta(days=2), 9.0), new)

    def reviewed(self) -> None:
        """Reviews of some days, by FSRS, with cards due on several days to come."""
        self.cards(1, *(point.id for point in POINTS)), self.cards(2, *(point.id for point in POINTS))
        dice = random.Random(3)
        for card in self.store.cards()[:10]:
            schedule, at = card.schedule, NOW - timedelta(days=dice.randint(5, 25))
            while at < NOW:
                rating = dice.choice((1, 3, 3, 4))
                after = answered(schedule, rating, at)
                verdict = restricted(grade_of(1, ANSWER), card.target, card.kind)
                self.store.add_review(
                    Review(0, card.id, at, at.date(), rating, rating, 40.0, 0, ANSWER, verdict, schedule), after
                )
                schedule, at = after, max(after.due, at + timedelta(days=1)) + timedelta(days=dice.randint(0, 2))

    def attempt(self, number: int = 1, answer: str = ANSWER, score: float | None = None) -> Attempt:
        """Store a graded answer."""
        grade = grade_of(number, answer)
        if score is not None:
            grade = msgspec.structs.replace(grade, score=score, misconceptions=())
        return self.store.add_attempt(Attempt(0, number, answer, grade, NOW - timedelta(hours=number), 272.0))
