"""Reviewing line by line: for terminals without the app, and for those who like it plain."""

from __future__ import annotations

import sys

import click

from tutor.cli import review_view
from tutor.cli.review import scenarios
from tutor.cli.study import load_grader
from tutor.clock import SystemClock
from tutor.errors import AnswerRefused, UsageError
from tutor.grading.types import Grader
from tutor.review.cards import RATINGS, Rating
from tutor.sessions import review_text
from tutor.sessions.ports import Store
from tutor.sessions.review import CardSession, DueCard, queue, undo
from tutor.sessions.sitting import Sitting
from tutor.store.sqlite import SqliteStore

HELP = "Write your answer; a line with only a dot hands it in. ?  hint   u  undo the last review   q  leave"


class Left(Exception):
    """The learner leaves, or the input has ended."""


def ask_all(limit: int | None) -> None:
    """Ask what is due until nothing is, the limit is reached, or the learner leaves."""
    clock, known = SystemClock(), scenarios()
    with SqliteStore.open() as store:
        found = queue(store, known, clock.now())
        click.echo(review_text.summary(found))
        if not found.due:
            return
        click.echo(HELP)
        count, asked = min(limit or found.ready, found.ready), 0
        grader = load_grader()
        try:
            while found.due and asked < count:
                asked += _ask(found.due[0], store, grader, asked + 1, count)
                found = queue(store, known, clock.now())
        except Left:
            pass
        click.echo("")
        click.echo(review_text.summary(queue(store, known, clock.now())))


def _ask(due: DueCard, store: Store, grader: Grader, number: int, count: int) -> int:
    """One card; 1 where it was answered, -1 where the answer before it was taken back. Raises Left."""
    session = CardSession.start(due, store, SystemClock())
    click.echo("\n".join(review_view.question_lines(due, number, count)))
    if session.resumed and session.text:
        click.echo("  Your draft: " + " ".join(session.text.split()))
    if not _write(session):
        return _undo(store)
    answer = session.accept()
    judged = session.judge(grader.grade(due.scenario, answer.graded))
    click.echo("\n".join(review_view.verdict_lines(session, judged)))
    click.echo(review_view.rating_line(judged, judged.derived))
    session.record(_choose(judged.derived))
    return 1


def _undo(store: Store) -> int:
    try:
        undo(store, SystemClock().now())
    except UsageError as nothing:
        click.echo(f"  {nothing.title}.")
        return 0
    click.echo("  Taken back.")
    return -1


def _write(session: CardSession) -> bool:
    """Read the answer; False for undo. What was typed is a draft until it is recorded. Raises Left."""
    lines = session.text.split("\n") if session.text else []
    while True:
        typed = line("> ", session, lines)
        match typed.strip():
            case "?":
                click.echo(f"  {session.hint()}")
            case "u" if not lines:
                return False
            case "q":
                keep(session, lines)
                raise Left
            case ".":
                if accepted(session, lines):
                    return True
            case _:
                lines.append(typed)
                keep(session, lines)


def accepted(session: Sitting, lines: list[str]) -> bool:
    """Hand the lines in; False, with the reason on the terminal, where they cannot be graded."""
    keep(session, lines)
    try:
        session.accept()
    except AnswerRefused as refused:
        click.echo(f"  {refused.title}.")
        return False
    return True


def keep(session: Sitting, lines: list[str]) -> None:
    """Save the lines as the draft. Raises StoreError."""
    session.type("\n".join(lines))
    session.save()


def line(prompt: str, session: Sitting, lines: list[str]) -> str:
    """One more line. Raises Left at the end of the input, with what there is saved."""
    click.echo(prompt, nl=False)
    typed = sys.stdin.readline()
    if not typed:
        keep(session, lines)
        raise Left
    return typed.rstrip("\r\n")


def _choose(derived: Rating) -> Rating:
    """The learner's rating; Enter takes the derived one. The end of the input does too: the answer was handed in."""
    while True:
        click.echo(f"Rating 1-4 (Enter: {derived}) ", nl=False)
        typed = sys.stdin.readline().strip()
        if not typed:
            return derived
        if typed in "1234" and len(typed) == 1:
            return RATINGS[int(typed) - 1]
