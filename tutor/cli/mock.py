"""`kafka-tutor mock`: hold a mock interview line by line, go on with one, its report, the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tutor.errors import UsageError
from tutor.mocks.values import LEAST_MINUTES, LEVELS, MOST_MINUTES, USUAL_LEVEL, USUAL_MINUTES, Level

if TYPE_CHECKING:
    from tutor.mocks.comparing import Summary
    from tutor.mocks.report import MockReport
    from tutor.scenarios.model import Scenario
    from tutor.store.sqlite import SqliteStore

FORMATS = ("md", "html", "json")


@click.group(invoke_without_command=True)
@click.option(
    "--minutes",
    type=click.IntRange(LEAST_MINUTES, MOST_MINUTES),
    default=USUAL_MINUTES,
    show_default=True,
    help="How long it is to take. The clock informs; it never cuts you off.",
)
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default=USUAL_LEVEL,
    show_default=True,
    help="Decides how many follow-ups you get and what makes a hire.",
)
@click.option("--resume", is_flag=True, help="Go on with the unfinished one.")
@click.option("--report", "number", type=click.IntRange(1), metavar="N", help="Print the report of mock N.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="md", show_default=True, help="Of the printed report."
)
@click.option(
    "--redo", type=click.IntRange(1), metavar="N", help="The one second try at the weakest question of mock N."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Questions go to standard error, the report to standard output as JSON."
)
@click.pass_context
def mock(
    ctx: click.Context,
    minutes: int,
    level: Level,
    resume: bool,
    number: int | None,
    form: str,
    redo: int | None,
    as_json: bool,
) -> None:
    """Hold a mock interview: questions and follow-ups against the clock, no feedback before the debrief.

    You write line by line; every line is on disk at once, and --resume goes on after a pause or a crash.
    """
    if ctx.invoked_subcommand is not None:
        return
    form = "json" if as_json else form
    if sum((resume, number is not None, redo is not None)) > 1:
        raise UsageError("Only one of --resume, --report and --redo", "", "kafka-tutor mock --help")
    if number is not None:
        _print_report(number, form)
        return
    from tutor.cli.mock_lines import hold_new, hold_redo, hold_unfinished

    if redo is not None:
        hold_redo(redo, form)
    elif resume:
        hold_unfinished(form)
    else:
        hold_new(level, minutes, form)


@mock.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def list_(as_json: bool) -> None:
    """List your mock interviews, and the unfinished one."""
    from tutor.cli.study import as_json_text
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        found = list_document(store, scenarios())
    click.echo(as_json_text(found) if as_json else "\n".join(list_lines(found)))


@mock.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
def discard(yes: bool) -> None:
    """Give the unfinished mock interview up. It is never graded or compared; what you wrote stays in your data."""
    from tutor.cli.data import ask_first
    from tutor.clock import SystemClock
    from tutor.sessions.mock_session import abandon
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        open_ = store.open_mocks()
        if not open_:
            raise UsageError("There is no unfinished mock interview", "", "kafka-tutor mock begins one")
        ask_first(yes, None, f"Mock interview {open_[0]} would be given up. Go on?")
        abandon(store, open_[0], SystemClock().now())
    click.echo(f"Given up: mock interview {open_[0]}")


def scenarios() -> list[Scenario]:
    """Those that can be read; the others are named on stderr."""
    from tutor.cli.review import scenarios as readable

    return readable()


def _print_report(number: int, form: str) -> None:
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        click.echo(report_text(store, scenarios(), number, form), nl=False)


def report_text(store: SqliteStore, known: list[Scenario], number: int, form: str) -> str:
    """A report in one of FORMATS. Raises UsageError, StoreError."""
    from tutor.cli.study import as_json_text, lab_infos
    from tutor.mocks import markdown, page
    from tutor.sessions.mock_report import report

    found = report(store, number, known, lab_infos())
    if form == "json":
        return as_json_text(document(found)) + "\n"
    return page.render(found) if form == "html" else markdown.render(found)


def document(found: MockReport) -> dict[str, Any]:
    """For --json."""
    import msgspec

    return {"title": found.title, **msgspec.to_builtins(found)}


def list_document(store: SqliteStore, known: list[Scenario]) -> dict[str, Any]:
    """For --json: summaries, the unfinished one, and what cannot be read."""
    import msgspec

    from tutor.sessions.mock import readable, unfinished
    from tutor.sessions.mock_report import summaries

    whole = {one.id for one in readable(store)}
    return {
        "mocks": [msgspec.to_builtins(one) for one in summaries(store, known)],
        "unfinished": msgspec.to_builtins(unfinished(store, known)),
        "damaged": [number for number in store.mock_ids() if number not in whole],
    }


def list_lines(found: dict[str, Any]) -> list[str]:
    """Plain lines."""
    import msgspec

    from tutor.mocks.comparing import Summary
    from tutor.mocks.words import earlier_line
    from tutor.sessions.mock import Unfinished

    rows: list[Summary] = [msgspec.convert(one, Summary) for one in found["mocks"]]
    lines = [earlier_line(one) for one in rows] or ["No mock interview is finished yet."]
    if found["unfinished"]:
        open_ = msgspec.convert(found["unfinished"], Unfinished)
        lines.append(f"{open_.mock} · unfinished, {open_.level}, {open_.minutes} min. {open_.where}")
        lines.append("Next: kafka-tutor mock --resume")
    lines += [f"{number} · damaged: kafka-tutor mock --report {number} says why" for number in found["damaged"]]
    return lines
