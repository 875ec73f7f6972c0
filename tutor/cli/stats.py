"""`kafka-tutor stats`: progress as lines or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tutor.text import counted

if TYPE_CHECKING:
    from tutor.sessions.progress import ProgressView

BAR = 20
"""Columns of a bar."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def stats(as_json: bool) -> None:
    """Show your progress: recall, what is due, scores by dimension, labs, streak."""
    from tutor.cli.study import as_json_text
    from tutor.clock import SystemClock
    from tutor.sessions.progress import progress
    from tutor.store.sqlite import SqliteStore

    with SqliteStore.open() as store:
        view = progress(store, SystemClock().now())
    click.echo(as_json_text(document(view)) if as_json else "\n".join(lines(view)))


def document(view: ProgressView) -> dict[str, Any]:
    """For --json."""
    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(view)
    return found


def lines(view: ProgressView) -> Iterator[str]:
    """Plain lines, 80 columns, read by their length and not by colour."""
    done = f"{counted(view.answers, 'answer')} graded, {counted(view.reviews, 'review')} ({view.today_reviews} today)"
    yield f"{done}, streak {counted(view.streak, 'day')}"
    yield f"{counted(view.cards, 'card')}: {view.new} new, {view.leeches} set aside because they keep failing"
    yield f"Recall of the last 30 days: {share(view.recall)}. Expected now: {share(view.expected)}."
    made, right = view.predictions_made, view.predictions_right
    accuracy = f" ({share(right / made)})" if made else ""
    yield f"{view.labs_verified} of {view.labs_run} labs run are verified; {right} of {made} predictions were right{accuracy}."
    if view.plan.interview:
        yield f"Interview on {view.plan.interview:%Y-%m-%d}: cards come back before it."
    if view.dimensions:
        yield from ("", "Score by dimension (first answers -> last answers, of 10; then day by day)")
        for row in view.dimensions:
            over_time = " ".join(f"{day.score:.0f}" for day in row.history)
            bar = f"{'#' * round(row.last / 10 * BAR):<{BAR}}"
            yield f"  {row.dimension:<11} {row.first:4.1f} -> {row.last:4.1f}  {bar}  {over_time}".rstrip()
    if view.labs:
        yield from ("", "Labs")
        for lab in view.labs:
            proven = "verified" if lab.verified else "not verified"
            guessed = f"{lab.predictions_right} of {counted(lab.predictions_made, 'prediction')} right"
            yield f"  {lab.lab:>2}  {proven:<12}  {counted(lab.runs, 'run'):<7}  {guessed if lab.predictions_made else '–'}"
    yield from mock_lines(view)
    yield from ("", f"Due (at most {view.plan.limit} a day are asked), and recall if nothing is repeated")
    most = max((day.due for day in view.due), default=0) or 1
    for day in view.due:
        recall = f"recall {share(day.recall)}" if day.recall is not None else ""
        yield f"  {day.day:%a %d %b}  {day.due:4}  {'#' * round(day.due / most * BAR):<{BAR}}  {recall}".rstrip()


def mock_lines(view: ProgressView) -> Iterator[str]:
    """Mock interviews, and how well the learner judges the own answers."""
    if not view.mocks:
        return
    from tutor.cli.plain import wrapped
    from tutor.mocks.words import number, signed
    from tutor.sessions.progress import SHOWN_MOCKS, calibration

    yield from ("", "Mock interviews (grade, your own mark, difference)")
    for mark in view.mocks[-SHOWN_MOCKS:]:
        own = f"{number(mark.self_score):>4} {signed(mark.difference):>5}"
        yield f"  {mark.day}  {mark.level:<6} {mark.score:4.1f} {own}  {'#' * round(mark.score / 10 * BAR)}"
    yield from wrapped(calibration(view.mocks), "  ")


def share(value: float | None) -> str:
    """`87 %`, or a dash."""
    return "–" if value is None else f"{value:.0%}".replace("%", " %")
