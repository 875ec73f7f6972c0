"""`kafka-tutor placement`: mark what is known already, by one short question a scenario."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tutor.cli import complete

if TYPE_CHECKING:
    from tutor.grading.types import Grader
    from tutor.scenarios.model import Scenario
    from tutor.sessions.placement import Asked, Round
    from tutor.sessions.ports import Store

HELP = "Write your answer; a line with only a dot hands it in.   s  skip this one   q  leave, to go on later"
JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")


@click.group(invoke_without_command=True)
@JSON
@click.pass_context
def placement(ctx: click.Context, as_json: bool) -> None:
    """Mark what you know already: one short question for each scenario, graded like an answer.

    What you know is proposed last, and if a later answer leaves it out, its card waits a week instead of a day. Nothing
    here is a score, makes a card or opens a lab. Leave at any time; the round goes on where it stopped.
    """
    from tutor.cli.review import scenarios
    from tutor.sessions import placement as round_
    from tutor.store.sqlite import SqliteStore

    if ctx.invoked_subcommand is not None:
        return
    known = scenarios()
    with SqliteStore.open() as store:
        if not as_json:
            _ask_all(store, known)
        found = round_.placement(store, known)
    _show(found, as_json)


@placement.command()
@click.argument("scenario", shell_complete=complete.scenarios)
@click.argument("file", shell_complete=complete.files)
@JSON
def answer(scenario: str, file: str, as_json: bool) -> None:
    """Grade the answer in FILE (- reads standard input) to SCENARIO's question."""
    from tutor.cli.study import as_json_text, load_grader, read_answer
    from tutor.clock import SystemClock
    from tutor.sessions.placement import PlacementSession
    from tutor.store.sqlite import SqliteStore

    wanted, given = _scenario(scenario), read_answer(file)
    with SqliteStore.open() as store:
        session = PlacementSession.start(wanted, store, SystemClock())
        session.type(given.kept)
        session.accept()
        one = session.record(load_grader().grade(wanted, given.graded))
    click.echo(as_json_text(asked_document(one)) if as_json else _line_of(one))


@placement.command()
@click.argument("scenario", shell_complete=complete.scenarios)
@JSON
def skip(scenario: str, as_json: bool) -> None:
    """Pass over SCENARIO's question."""
    from tutor.cli.study import as_json_text
    from tutor.clock import SystemClock
    from tutor.sessions import placement as round_
    from tutor.store.sqlite import SqliteStore

    wanted = _scenario(scenario)
    with SqliteStore.open() as store:
        round_.skip(store, wanted, SystemClock().now())
        one = round_.asked(store, wanted)
    click.echo(as_json_text(asked_document(one)) if as_json else _line_of(one))


@placement.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
def again(yes: bool) -> None:
    """Forget the round and begin anew."""
    from tutor.cli.data import ask_first
    from tutor.cli.review import scenarios
    from tutor.sessions import placement as round_
    from tutor.store.sqlite import SqliteStore

    known = scenarios()
    with SqliteStore.open() as store:
        ask_first(yes, None, "What you marked as known will be forgotten. Go on?")
        round_.begin_again(store, known)
    click.echo("The round is open again: kafka-tutor placement")


def _scenario(ref: str) -> Scenario:
    from tutor.scenarios.packs import find, load_all

    return find(load_all(), ref).scenario


def _ask_all(store: Store, known: list[Scenario]) -> None:
    from tutor.cli.plain import wrapped
    from tutor.cli.study import load_grader
    from tutor.cli.typed_answer import Left
    from tutor.sessions.placement import RULES
    from tutor.sessions.placement import placement as read

    left = read(store, known).left
    if not left:
        return
    click.echo("\n".join([*wrapped(RULES, ""), HELP]))
    grader = load_grader()
    for number, one in enumerate(left, 1):
        try:
            _ask(one, store, grader, f"[{number}/{len(left)}]")
        except Left:
            break
    click.echo("")


def _ask(one: Asked, store: Store, grader: Grader, count: str) -> None:
    """One question. Raises Left where the learner leaves or the input ends."""
    from tutor.cli.plain import wrapped
    from tutor.cli.typed_answer import Aside, write
    from tutor.clock import SystemClock
    from tutor.sessions import placement as round_

    clock = SystemClock()
    session = round_.PlacementSession.start(one.scenario, store, clock)
    click.echo("\n".join(["", *wrapped(f"{count} {one.scenario.title}. {one.scenario.summary}", "")]))
    click.echo("\n".join(wrapped(one.point.follow_up, "  ")))
    if session.resumed and session.text:
        click.echo("  Your draft: " + " ".join(session.text.split()))

    def pass_over() -> None:
        raise Aside("s")

    try:
        write(session, {"s": pass_over})
    except Aside:
        round_.skip(store, one.scenario, clock.now())
        return
    done = session.record(grader.grade(one.scenario, session.accept().graded))
    click.echo(f"  {_line_of(done)}")


def _show(found: Round, as_json: bool) -> None:
    from tutor.cli.study import as_json_text

    if as_json:
        document = {"questions": [asked_document(one) for one in found.asked], "left": len(found.left)}
        sys.stdout.write(as_json_text({**document, "known": found.count("known")}) + "\n")
        return
    for one in found.asked:
        click.echo(_line_of(one))
    click.echo(f"{found.count('known')} known, {len(found.left)} to be asked. Next: kafka-tutor next")


def _line_of(one: Asked) -> str:
    from tutor.cli.plain import WIDTH
    from tutor.text import clipped

    head = f"{one.scenario.id:>3}  {one.state:<10} "
    return head + clipped(one.scenario.title, WIDTH - len(head))


def asked_document(one: Asked) -> dict[str, Any]:
    """For --json."""
    import msgspec

    verdict = one.entry.verdict if one.entry else None
    return {
        "scenario": one.scenario.id,
        "title": one.scenario.title,
        "target": one.point.id,
        "question": one.point.follow_up,
        "state": one.state,
        "verdict": msgspec.to_builtins(verdict) if verdict else None,
    }
