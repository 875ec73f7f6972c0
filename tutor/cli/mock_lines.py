"""A mock interview line by line: for terminals without the app, for pipes, and for those who like it plain."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

import click
import msgspec

from tutor import text
from tutor.cli.half_line import keeping, read_line
from tutor.cli.mock import report_text, scenarios
from tutor.cli.plain import wrapped
from tutor.cli.study import as_json_text, lab_infos, load_grader
from tutor.clock import Clock, SystemClock
from tutor.errors import AnswerRefused, UsageError
from tutor.grading.types import Grader
from tutor.mocks.levels import STANDARDS
from tutor.mocks.timing import Timing, mood
from tutor.mocks.values import BEST_SELF, Chosen, Level, Mock
from tutor.mocks.words import redo_line
from tutor.scenarios.model import Scenario
from tutor.sessions.mock import Turn, mock_of, next_turn, order_of, redo_turn, to_mark, unfinished, weakest_question
from tutor.sessions.mock_plan import begin, plan
from tutor.sessions.mock_report import report
from tutor.sessions.mock_session import MockSession, assess, close, debrief
from tutor.store.sqlite import SqliteStore

HELP = (
    "Write your answer; a line with only a dot hands it in.",
    "No grade is shown before the debrief.",
    ".t the time   .p pause   .e end the questions here   .q leave; --resume goes on",
)
COMMANDS = frozenset({".", ".t", ".p", ".e", ".q"})
Say = Callable[[str], None]


class Left(Exception):
    """The learner leaves, or the input has ended; everything is kept."""


class Ended(Exception):
    """The learner ends the questions early."""


class Room:
    """What a line-by-line interview needs."""

    def __init__(self, store: SqliteStore, form: str) -> None:
        self.store = store
        self.form = form
        self.known: list[Scenario] = scenarios()
        self.clock: Clock = SystemClock()
        self.say: Say = partial(click.echo, err=form == "json")
        self._grader: Grader | None = None

    def tell(self, words: str, indent: str = "") -> None:
        """Say something that may be longer than a line."""
        for line in wrapped(words, indent):
            self.say(line)

    @property
    def grader(self) -> Grader:
        """Loaded with the first question."""
        self._grader = self._grader or load_grader()
        return self._grader


def hold_new(level: Level, minutes: int, form: str) -> None:
    """Plan, begin and hold one."""
    with SqliteStore.open() as store:
        room = Room(store, form)
        now = room.clock.now()
        questions = plan(store, room.known, now, level, minutes, random.Random())
        mock = begin(store, level, minutes, questions, now)
        room.tell(f"Mock interview {mock.id} · {level} · {minutes} minutes: {STANDARDS[level].text}.")
        for line in plan_lines(questions, room.known):
            room.say(line)
        _hold(room, mock)


def hold_unfinished(form: str) -> None:
    """Go on with the one that is open. Raises UsageError where there is none."""
    with SqliteStore.open() as store:
        room = Room(store, form)
        open_ = store.open_mocks()
        if not open_:
            raise UsageError("There is no unfinished mock interview", "", "kafka-tutor mock begins one")
        found = unfinished(store, room.known)
        mock = mock_of(store, found.mock if found else open_[0])
        room.say(f"Mock interview {mock.id} · {mock.level} · {mock.minutes} minutes: it goes on.")
        _hold(room, mock)


def hold_redo(number: int, form: str) -> None:
    """The second try of a finished one."""
    with SqliteStore.open() as store:
        room = Room(store, form)
        _redo(room, mock_of(store, number))
        if form == "json":
            click.echo(report_text(store, room.known, number, form), nl=False)


def plan_lines(questions: tuple[Chosen, ...], known: list[Scenario]) -> Iterator[str]:
    """What will be asked, and why."""
    titles = {scenario.id: scenario.title for scenario in known}
    for question in questions:
        yield f"  {question.position}. {text.one_line(titles[question.scenario])} ({question.minutes:.0f} min)"
        yield from wrapped(" ".join(question.reasons), "     ")


def _hold(room: Room, mock: Mock) -> None:
    for part in HELP:
        room.tell(part)
    try:
        mock = _mark(room, _ask_all(room, mock))
    except Left:
        room.say("\nKept. Go on with: kafka-tutor mock --resume")
        if room.form == "json":
            click.echo(as_json_text({"unfinished": msgspec.to_builtins(unfinished(room.store, room.known))}))
        return
    mock = debrief(room.store, mock, room.known, room.clock.now())
    if not mock.is_finished:
        room.say("Nothing was answered, so there is nothing to debrief.")
        return
    click.echo(report_text(room.store, room.known, mock.id, room.form), nl=False)
    if room.form != "json":
        _offer_redo(room, mock)


# --- questions -------------------------------------------------------------------------------------------------------


def _ask_all(room: Room, mock: Mock) -> Mock:
    """Until nothing is left to ask. Raises Left."""
    while (turn := next_turn(mock, room.known)) is not None:
        try:
            _ask(room, MockSession.start(mock, turn, room.store, room.clock))
        except Ended:
            close(room.store, mock, room.clock.now())
        mock = mock_of(room.store, mock.id)
    return mock


def _ask(room: Room, session: MockSession) -> None:
    """One turn. Raises Left, Ended."""
    for line in question_lines(session):
        room.say(line)
    if session.resumed and session.text:
        room.tell(text.one_line(session.text), "  Your draft: ")
    grader = room.grader  # loads while the question is being read, before the first line is
    graded = _write(room, session)
    room.say("  Noted.")
    session.submit(grader.grade(session.turn.scenario, graded))


def question_lines(session: MockSession) -> Iterator[str]:
    """What is asked."""
    turn = session.turn
    yield ""
    if turn.turn:
        yield "Follow-up:"
    else:
        again = ", second try" if turn.redo else f" of {len(session.mock.questions)}"
        title = text.one_line(turn.scenario.title)
        yield f"[Question {session.number}{again}] {title} · {turn.question.minutes:.0f} min"
        yield from wrapped(unfolded(turn.scenario.situation), "  ")
    yield from wrapped(turn.text, "  ")


def unfolded(markdown: str) -> str:
    """Paragraphs in one line each, so that they can be folded anew; code, tables and lists as they are."""
    lines: list[str] = []
    fenced = False
    for line in markdown.strip().split("\n"):
        joins = not fenced and bool(lines) and _is_prose(lines[-1]) and _is_prose(line)
        lines = [*lines[:-1], f"{lines[-1]} {line}"] if joins else [*lines, line]
        fenced ^= line.startswith("```")
    return "\n".join(lines)


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("```", "|", "-", "*", "#", ">", " "))


def _write(room: Room, session: MockSession) -> str:
    """Read the answer; returns what is graded. What is typed is on disk within a second. Raises Left, Ended."""
    lines, told = session.text.split("\n") if session.text else [], ""
    while True:
        match (line := _line(room, session, lines)).strip():
            case ".q":
                session.save()
                raise Left
            case ".e":
                session.save()
                raise Ended
            case ".t":
                room.say(f"  {time_line(session.timing())}")
            case ".p":
                _pause(room, session)
            case ".":
                if (graded := _accepted(room, session)) is not None:
                    return graded
            case _:
                lines.append(line)
                session.type("\n".join(lines))
                session.save()
        if (now := mood(session.timing())) and now != told:
            told = now
            room.say(f"  ({now})")


def time_line(timing: Timing) -> str:
    """`12 min of 45 min; this question: 3 min of 15 min`."""
    used, own = text.duration(timing.used), text.duration(timing.question_used)
    return f"{used} of {timing.minutes:.0f} min; this question: {own} of {timing.question_minutes:.0f} min"


def _line(room: Room, session: MockSession, lines: list[str]) -> str:
    line = read_line("> ", keeping(session, lines, COMMANDS), err=room.form == "json")
    session.type("\n".join(lines))  # the part that was kept is a whole line now, or a command
    if line is None:
        session.save()
        raise Left
    return line


def _read(room: Room, prompt: str) -> str | None:
    """A line that is no answer; None at the end of the input."""
    return read_line(prompt, err=room.form == "json")


def _pause(room: Room, session: MockSession) -> None:
    session.pause()
    session.save()
    if _read(room, "  Paused; the clock stands still. Enter goes on. ") is None:
        raise Left
    session.resume()


def _accepted(room: Room, session: MockSession) -> str | None:
    try:
        return session.accept().graded
    except AnswerRefused as refused:
        room.say(f"  {refused.title}. {refused.next_step}")
        return None


# --- after the questions ---------------------------------------------------------------------------------------------


def _mark(room: Room, mock: Mock) -> Mock:
    """The learner's own marks, before any grade. Raises Left."""
    titles = {scenario.id: scenario.title for scenario in room.known}
    left = to_mark(mock)
    if left:
        room.say(f"\nBefore you see a grade: how good were your answers? 0 to {BEST_SELF} each.")
    for question in left:
        number, title = order_of(mock, question.position), titles.get(question.scenario, "")
        assess(
            room.store,
            mock,
            question.position,
            _ask_mark(room, f"  {number}. {text.one_line(title)}: "),
            room.clock.now(),
        )
    return mock_of(room.store, mock.id)


def _ask_mark(room: Room, prompt: str) -> int:
    while True:
        typed = _read(room, prompt)
        if typed is None or typed.strip() == ".q":
            raise Left
        words = typed.strip()
        if words.isascii() and words.isdecimal() and len(words) <= 2 and int(words) <= BEST_SELF:
            return int(words)
        room.say(f"  Type a whole number from 0 to {BEST_SELF}.")


def _offer_redo(room: Room, mock: Mock) -> None:
    question = weakest_question(mock)
    if question is None:
        return
    number = order_of(mock, question.position)
    typed = _read(room, f"\nAnswer question {number}, your weakest, a second time now? (y/N) ")
    if (typed or "").strip().lower() in ("y", "yes"):
        _redo(room, mock)
    else:
        room.say(f"Later: kafka-tutor mock --redo {mock.id}")


def _redo(room: Room, mock: Mock) -> None:
    turn: Turn = redo_turn(mock, room.known)
    try:
        _ask(room, MockSession.start(mock, turn, room.store, room.clock))
    except (Left, Ended):
        room.say(f"\nKept. Go on with: kafka-tutor mock --redo {mock.id}")
        return
    found = report(room.store, mock.id, room.known, lab_infos()).redo
    if found is not None:
        room.say(redo_line(found))
        for missing in found.still_missing:
            room.tell(missing, "  Still missing: ")
