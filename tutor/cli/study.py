"""`kafka-tutor scenarios` and `kafka-tutor study`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tutor.cli import complete
from tutor.cli.cluster import chosen
from tutor.errors import UsageError

if TYPE_CHECKING:
    from labs.contract import LabInfo
    from tutor.clock import Clock
    from tutor.grading.types import Grader
    from tutor.scenarios.packs import Pack, PackSet
    from tutor.sessions.answers import Accepted
    from tutor.sessions.home import HomeView, NextStep
    from tutor.sessions.ports import Attempt, Store
    from tutor.sessions.unlock import LabState


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def scenarios(as_json: bool) -> None:
    """List the scenarios, where you stand with each, and what to do next."""
    from tutor.cli import plain
    from tutor.scenarios.library import load_library
    from tutor.sessions.home import next_step
    from tutor.store.sqlite import SqliteStore

    packs = load_library()
    report_faults(packs)
    with SqliteStore.open() as store:
        view = where_you_stand(packs, store)
    step = next_step(view)
    if as_json:
        click.echo(as_json_text(home_document(view, step, packs)))
    else:
        click.echo("\n".join(plain.home_lines(view, step)))


@click.command("next")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def next_(as_json: bool) -> None:
    """Say what to do next, why, and the command that does it."""
    import msgspec

    from tutor.cli import plain
    from tutor.scenarios.library import load_library
    from tutor.sessions.home import next_step
    from tutor.store.sqlite import SqliteStore

    packs = load_library()
    report_faults(packs)
    with SqliteStore.open() as store:
        step = next_step(where_you_stand(packs, store))
    if as_json:
        click.echo(as_json_text({**msgspec.to_builtins(step), "command": plain.command_of(step)}))
    else:
        click.echo("\n".join(plain.next_lines(step)))


def where_you_stand(packs: PackSet, store: Store) -> HomeView:
    """Home as values, at this moment. Raises StoreError."""
    from tutor.clock import SystemClock
    from tutor.sessions.home import overview
    from tutor.sessions.review import queue

    known = [pack.scenario for pack in packs.packs]
    return overview(known, store, lab_infos(), queue(store, known, SystemClock().now()).ready)


@click.command()
@click.argument("scenario", shell_complete=complete.scenarios)
@click.option(
    "--answer",
    metavar="FILE",
    shell_complete=complete.files,
    help="Grade this answer without the app (- reads standard input) and keep it.",
)
@click.option("--plain", is_flag=True, help="Line by line: for screen readers and for any terminal.")
@click.option("--json", "as_json", is_flag=True, help="With --answer, for programs: one JSON object.")
@click.pass_context
def study(ctx: click.Context, scenario: str, answer: str | None, plain: bool, as_json: bool) -> None:
    """Open the app at SCENARIO (a number or a slug), or answer it without the app."""
    from tutor.cli.plain import result_lines
    from tutor.clock import SystemClock
    from tutor.scenarios.library import load_library
    from tutor.scenarios.packs import find
    from tutor.sessions.result import result_view
    from tutor.store.sqlite import SqliteStore

    pack = find(load_library(), scenario)
    if plain:
        from tutor.cli.study_lines import study_plain

        if answer is not None or as_json:
            raise UsageError("--plain asks line by line", "--answer and --json have nothing to ask.", "Leave one out")
        return study_plain(pack)
    if answer is None:
        if as_json:
            raise UsageError("--json needs --answer", "The app shows its result itself.", "Add --answer FILE")
        ctx.exit(open_app(pack, debug=bool((ctx.obj or {}).get("debug"))))
    accepted = read_answer(answer)
    with SqliteStore.open() as store:
        attempt = graded(pack, accepted, load_grader(), store, SystemClock())
        lab = lab_of(pack, store)
    if as_json:
        click.echo(as_json_text(result_document(pack, attempt, lab)))
    else:
        click.echo("\n".join((*result_lines(result_view(pack.scenario, attempt)), "", f"Lab: {lab.reason}")))


def open_app(pack: Pack, *, debug: bool) -> int:
    """Run the app at this scenario; its exit status. Raises UsageError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The app needs a terminal",
            "Standard input or output is a file or a pipe.",
            f"kafka-tutor study {pack.id} --answer FILE",
        )
    from tutor.ui.app import run_app

    return run_app(debug=debug, start=f"study:{pack.id}", cluster=chosen())


def read_answer(source: str) -> Accepted:
    """The answer of a file or of standard input. Raises AnswerRefused, UsageError."""
    from tutor.sessions.answers import MAX_BYTES, accept_bytes

    most = 4 * MAX_BYTES + 1  # enough to know that it is too long, however long it is
    try:
        if source == "-":
            return accept_bytes(sys.stdin.buffer.read(most))
        with Path(source).open("rb") as file:
            return accept_bytes(file.read(most))
    except OSError as error:
        reason = f"{source}: {error.strerror or error}."
        raise UsageError("The answer cannot be read", reason, "Name a text file, or - for standard input.") from error


def report_faults(packs: PackSet) -> None:
    """Name the packs that could not be read, on stderr; the others work."""
    for fault in packs.faults:
        click.echo(f"kafka-tutor: {fault}", err=True)
    if packs.faults:
        click.echo("  Next: kafka-tutor check, or for packs that you added: kafka-tutor pack list", err=True)


def lab_infos() -> Sequence[LabInfo]:
    """Every lab of this release."""
    from labs import catalog

    return [catalog.info(number) for number in catalog.numbers()]


def home_document(view: HomeView, step: NextStep, packs: PackSet) -> dict[str, Any]:
    """For --json."""
    import msgspec

    return {
        "scenarios": msgspec.to_builtins(view.scenarios),
        "passed": view.passed,
        "labs_verified": view.labs_verified,
        "labs": view.labs,
        "due": view.due,
        "mock": msgspec.to_builtins(view.mock),
        "next": msgspec.to_builtins(step),
        "faults": [str(fault) for fault in packs.faults],
    }


def load_grader() -> Grader:
    """The model, or the keyword grader where the model cannot be loaded (its grades say so)."""
    from tutor.grading import graders

    return graders.load_grader()


def graded(pack: Pack, answer: Accepted, grader: Grader, store: Store, clock: Clock) -> Attempt:
    """Grade an answer that came from a file or a pipe, and keep it. Raises LearnerError.

    Until it is graded it is the scenario's draft, so that a fault of the grader loses nothing; but a draft that was
    written in the app stays as it is, then and afterwards.
    """
    from tutor.sessions.placement import new_cards
    from tutor.sessions.ports import Attempt, Draft

    written = store.draft(pack.id) is not None
    if not written:
        store.save_draft(Draft(pack.id, answer.kept, 0.0, clock.now()))
    grade = grader.grade(pack.scenario, answer.graded)
    attempt = Attempt(0, pack.id, answer.kept, grade, clock.now(), 0.0)
    cards = new_cards(store, pack.scenario, grade, attempt.at)
    return store.add_attempt(attempt, cards, keep_draft=written)


def lab_of(pack: Pack, store: Store) -> LabState:
    """Whether the scenario's lab is open now."""
    from labs import catalog
    from tutor.sessions.unlock import lab_state

    number = pack.scenario.lab
    return lab_state(store, pack.id if number is None else number, catalog.numbers())


def result_document(pack: Pack, attempt: Attempt, lab: LabState) -> dict[str, Any]:
    """For --json: the grade as `kafka-tutor grade` prints it, and what the app would show beside it."""
    import msgspec

    from tutor.cli.grade import document
    from tutor.sessions.result import result_view

    view = result_view(pack.scenario, attempt)
    return {
        "id": str(attempt.id),
        **document(attempt.grade, attempt.answer),
        "passed": view.passed,
        "follow_up": msgspec.to_builtins(view.follow_up),
        "lab": {"number": pack.scenario.lab, "state": lab.kind, "reason": lab.reason},
    }


def as_json_text(document: dict[str, Any]) -> str:
    """JSON in ASCII: whatever an answer holds, neither a terminal nor a decoder stumbles."""
    return json.dumps(document, indent=2)
