"""A scenario line by line: for screen readers, for terminals that don't carry the app, and for those who like it plain."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tutor.cli import plain
from tutor.cli.study import lab_of, load_grader
from tutor.cli.typed_answer import Left, ask, write
from tutor.clock import SystemClock
from tutor.grading.types import Grader
from tutor.scenarios.packs import Pack
from tutor.sessions.ports import Attempt, Overrule, Store
from tutor.sessions.result import ResultView, result_view
from tutor.sessions.review import overrule
from tutor.sessions.study import StudySession
from tutor.store.sqlite import SqliteStore
from tutor.text import shown

HELP = "Write your answer; a line with only a dot hands it in, a line with only q leaves. Each line is kept as a draft."


def study_plain(pack: Pack) -> None:
    """Question, answer, result, follow-up questions, model answer: nothing but lines. Raises LearnerError."""
    clock = SystemClock()
    with SqliteStore.open() as store:
        session = StudySession.start(pack.scenario, store, clock)
        grader = load_grader()
        try:
            attempt: Attempt | None = _answer(session, grader, pack)
            while attempt is not None:
                attempt = _afterwards(pack, attempt, grader, store)
        except Left:
            click.echo("")
            click.echo("Left. What you wrote is kept.")
        click.echo("")
        lab = lab_of(pack, store)
        click.echo("\n".join(plain.wrapped(f"Lab: {lab.reason}{_lab_command(pack, lab.kind)}", "")))


def _lab_command(pack: Pack, kind: str) -> str:
    return f" Run it with: kafka-tutor lab run {pack.scenario.lab or pack.id}" if kind == "unlocked" else ""


def _answer(session: StudySession, grader: Grader, pack: Pack) -> Attempt:
    """Ask, read, grade, show. Raises Left."""
    click.echo("\n".join(_question(session, pack)))
    if session.resumed and session.text:
        click.echo("\n".join(("Your draft:", *plain.wrapped(shown(session.text).replace("\n", " "), "  "))))
    write(session)
    click.echo("Grading …")
    accepted = session.accept()
    return session.submit(grader.grade(pack.scenario, accepted.graded))


def _question(session: StudySession, pack: Pack) -> Iterator[str]:
    kind = "Follow-up question" if session.follow_up else f"Scenario {pack.id}: {pack.scenario.title}"
    yield kind
    yield ""
    for paragraph in session.question.strip().split("\n\n"):
        yield from plain.wrapped(" ".join(paragraph.split()), "")
        yield ""
    if not session.follow_up:
        yield f"An interview gives this about {pack.scenario.minutes} minutes."
    yield from plain.wrapped(HELP, "")


def _afterwards(pack: Pack, attempt: Attempt, grader: Grader, store: Store) -> Attempt | None:
    """Show the result and what can be done with it; the attempt at the follow-up, where there is one. Raises Left."""
    click.echo("\n".join(("", *plain.result_lines(result_view(pack.scenario, attempt)))))
    _ask_unclear(pack, attempt, store)
    view = result_view(pack.scenario, attempt, store.overrules(attempt.id))
    choices = (
        "f: answer the follow-up question   " if view.follow_up else ""
    ) + "m: read a model answer   Enter: leave"
    click.echo("")
    while (typed := ask(choices, "fm" if view.follow_up else "m")) == "m":
        click.echo("")
        for paragraph in pack.model_answer.strip().split("\n\n"):
            click.echo("\n".join((*plain.wrapped(" ".join(paragraph.split()), ""), "")))
    if typed != "f" or view.follow_up is None:
        return None
    click.echo("")
    session = StudySession.start_follow_up(pack.scenario, attempt, view.follow_up, store, SystemClock())
    return _answer(session, grader, pack)


def _ask_unclear(pack: Pack, attempt: Attempt, store: Store) -> None:
    """What the grader does not dare to say is the learner's to say."""
    for target, said in _unclear(result_view(pack.scenario, attempt)):
        click.echo("\n".join(("", *plain.wrapped(said, "  ? "))))
        typed = ask("Did you mean that? y, n, or Enter to leave it open:", "yn")
        if typed:
            overrule(store, pack.scenario, Overrule(attempt.id, target, typed == "y", SystemClock().now()))


def _unclear(view: ResultView) -> Iterator[tuple[str, str]]:
    yield from ((row.id, row.text) for row in view.points if row.asked)
    yield from ((row.id, row.text) for row in view.misconceptions if row.asked)
