"""Reviewing line by line: for terminals without the app, and for those who like it plain."""

from __future__ import annotations

import click

from tutor.cli import review_view
from tutor.cli.review import scenarios
from tutor.cli.study import load_grader
from tutor.cli.typed_answer import Aside, Left, aside, ask, write
from tutor.clock import SystemClock
from tutor.errors import UsageError
from tutor.grading.types import Grader
from tutor.review.cards import RATINGS, Rating
from tutor.sessions import review_text
from tutor.sessions.ports import Store
from tutor.sessions.review import CardSession, DueCard, queue, undo
from tutor.store.sqlite import SqliteStore

HELP = "Write your answer; a line with only a dot hands it in. ?  hint   u  undo the last review   q  leave"


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
    accepted = session.accept()
    judged = session.judge(grader.grade(due.scenario, accepted.graded))
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
    """Read the answer; False for undo. Raises Left."""
    commands = {"?": lambda: click.echo(f"  {session.hint()}"), "u": aside(session, "u")}
    try:
        write(session, commands)
    except Aside:
        return False
    return True


def _choose(derived: Rating) -> Rating:
    """The learner's rating; Enter takes the derived one. The end of the input does too: the answer was handed in."""
    typed = ask(f"Rating 1-4 (Enter: {derived})", "1234")
    return RATINGS[int(typed) - 1] if typed else derived
