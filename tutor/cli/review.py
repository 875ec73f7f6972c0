"""`kafka-tutor review`: what is due, one answer, the last one taken back, the plan; or all of it line by line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from tutor.cli import complete
from tutor.errors import UsageError

if TYPE_CHECKING:
    from tutor.review.cards import Rating, Review
    from tutor.scenarios.model import Scenario
    from tutor.sessions.review import CardSession, DueCard, Judged, Queue


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs: what is due, as one JSON object.")
@click.option("--limit", type=click.IntRange(1, 500), help="So many cards this time, instead of your daily limit.")
@click.pass_context
def review(ctx: click.Context, as_json: bool, limit: int | None) -> None:
    """Repeat what you missed: a short question, an answer in your own words, graded; then it comes back in time.

    Without a command the cards that are due are asked one after the other.
    """
    if ctx.invoked_subcommand is not None:
        return
    if as_json:
        _show_due(True, limit)
        return
    from tutor.cli.review_lines import ask_all

    ask_all(limit)


@review.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option("--limit", type=click.IntRange(1, 500), help="List so many cards at most.")
def due(as_json: bool, limit: int | None) -> None:
    """List the cards that are due today."""
    _show_due(as_json, limit)


@review.command()
@click.argument("card", type=click.IntRange(1))
@click.argument("file", shell_complete=complete.files)
@click.option("--rating", type=click.Choice(["auto", "1", "2", "3", "4"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def answer(card: int, file: str, rating: str, as_json: bool) -> None:
    """Grade the answer in FILE (- reads standard input) to CARD and record it.

    --rating: 1 again, 2 hard, 3 good, 4 easy; `auto` takes what the grade gives.
    """
    from tutor.cli import review_view
    from tutor.cli.study import as_json_text, load_grader, read_answer
    from tutor.clock import SystemClock
    from tutor.sessions.review import CardSession, due_card
    from tutor.store.sqlite import SqliteStore

    accepted = read_answer(file)
    with SqliteStore.open() as store:
        session = CardSession(due_card(store, card, scenarios()), store, SystemClock())
        session.type(accepted.kept)
        session.accept()
        judged = session.judge(load_grader().grade(session.due.scenario, accepted.graded), timed=False)
        kept = session.record(judged.derived if rating == "auto" else _rating(rating))
    if as_json:
        click.echo(as_json_text(result_document(session, judged, kept)))
    else:
        click.echo("\n".join(review_view.result_lines(session, judged, kept.rating)))


@review.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def undo(as_json: bool) -> None:
    """Take your last review back: the card is as before, your answer is its draft again."""
    from tutor.cli.study import as_json_text
    from tutor.clock import SystemClock
    from tutor.sessions.review import undo as take_back
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        gone = take_back(store, SystemClock().now())
        card = store.card(gone.card)
    if as_json:
        click.echo(as_json_text({"review": gone.id, "card": gone.card, "rating": gone.rating}))
    else:
        of = f" of scenario {card.scenario}" if card else ""
        click.echo(f"Taken back: the review of card {gone.card}{of} at {gone.at:%Y-%m-%d %H:%M} UTC.")


@review.command()
@click.argument("card", type=click.IntRange(1))
def resume(card: int) -> None:
    """Put a card back that was set aside because it kept failing."""
    from tutor.sessions.review import due_card
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        due_card(store, card, scenarios())
        store.suspend(card, suspended=False)
    click.echo(f"Card {card} will be asked again.")


@review.command()
@click.option("--limit", type=click.IntRange(1, 500), help="Cards a day.")
@click.option("--interview", metavar="DATE", help="Day of your interview, as 2027-01-31; `none` for no interview.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def plan(limit: int | None, interview: str | None, as_json: bool) -> None:
    """Show or change how many cards a day, and the day of your interview: cards then come back before it."""
    import msgspec

    from tutor.cli.study import as_json_text
    from tutor.clock import SystemClock
    from tutor.review.days import day_of
    from tutor.sessions.review import read_plan, write_plan
    from tutor.store.sqlite import SqliteStore

    now = SystemClock().now()
    day = _interview(interview, day_of(now)) if interview is not None else None
    with SqliteStore.open() as store:
        wanted = read_plan(store, now)
        if limit is not None:
            wanted = msgspec.structs.replace(wanted, limit=limit)
        if interview is not None:
            wanted = msgspec.structs.replace(wanted, interview=day)
        if limit is not None or interview is not None:
            write_plan(store, wanted)
    if as_json:
        click.echo(as_json_text(msgspec.to_builtins(wanted)))
    else:
        day_text = f"{wanted.interview:%Y-%m-%d}" if wanted.interview else "none"
        click.echo(f"{wanted.limit} cards a day. Interview: {day_text}.")


def _interview(text: str, today: date) -> date | None:
    if text == "none":
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date", "", "Write it as 2027-01-31, or `none`.") from error
    if day <= today:
        raise UsageError(f"{text} is not ahead", f"Today is {today}.", "Name a later day, or `none`.")
    return day


def scenarios() -> list[Scenario]:
    """Those that can be read; the others are named on stderr."""
    from tutor.cli.study import report_faults
    from tutor.scenarios.library import load_library

    packs = load_library()
    report_faults(packs)
    return [pack.scenario for pack in packs.packs]


def _rating(text: str) -> Rating:
    from tutor.review.cards import RATINGS

    return RATINGS[int(text) - 1]


def _show_due(as_json: bool, limit: int | None) -> None:
    from tutor.cli import review_view
    from tutor.cli.study import as_json_text
    from tutor.clock import SystemClock
    from tutor.sessions.review import queue
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        found = queue(store, scenarios(), SystemClock().now())
    shown = found.due[:limit]
    if as_json:
        click.echo(as_json_text(queue_document(found, shown)))
    else:
        click.echo("\n".join(review_view.queue_lines(found, shown)))


def queue_document(found: Queue, shown: tuple[DueCard, ...]) -> dict[str, Any]:
    """For --json."""
    import msgspec

    return {
        "due": [due_document(due) for due in shown],
        "ready": found.ready,
        "waiting": found.waiting,
        "done": found.done,
        "leeches": found.leeches,
        **msgspec.to_builtins(found.plan),
    }


def due_document(due: DueCard) -> dict[str, Any]:
    """One card."""
    import msgspec

    card = due.card
    return {
        "card": card.id,
        "scenario": card.scenario,
        "target": card.target,
        "kind": card.kind,
        "question": due.prompt.question,
        "schedule": msgspec.to_builtins(card.schedule),
    }


def result_document(session: CardSession, judged: Judged, kept: Review) -> dict[str, Any]:
    """An answer that was recorded."""
    import msgspec

    verdict = judged.verdict
    quotes = [{"start": s.start, "end": s.end, "text": kept.answer[s.start : s.end]} for s in verdict.evidence]
    return {
        "review": kept.id,
        **{key: value for key, value in due_document(session.due).items() if key != "schedule"},
        **msgspec.to_builtins(verdict),
        "evidence": quotes,
        "correction": session.due.prompt.right,
        "rating": kept.rating,
        "derived": kept.derived,
        "due": judged.options[kept.rating].due.isoformat(),
        "options": {str(rating): schedule.due.isoformat() for rating, schedule in judged.options.items()},
    }
