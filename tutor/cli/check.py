"""`kafka-tutor check`: prove question packs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tutor.scenarios.check import PackReport, Report
    from tutor.scenarios.proof import GradeAnswer


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--no-grade", is_flag=True, help="Leave out grading the example answers.")
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...], as_json: bool, no_grade: bool) -> None:
    """Prove question packs: every file, id and reference, and that example answers score what they should.

    PATH is the folder of a pack, or a folder that holds packs; without it the shipped packs are checked. Every fault is
    named with its file, line and key. The exit status is 2 where one is found.
    """
    from tutor.scenarios.check import check as check_packs

    grader, grade = ("", None) if no_grade else load_grade()
    report = check_packs(paths, lab_observations(), grade)
    if as_json:
        click.echo(json.dumps({**report.as_json(), "grader": grader or None}, indent=2, ensure_ascii=False))
    else:
        print_report(report, grader)
    ctx.exit(0 if report.ok else 2)


def load_grade() -> tuple[str, GradeAnswer]:
    """The grader's name with its version, and what it grades with. Raises GraderUnavailable."""
    from tutor.grading.graders import load_grader

    grader = load_grader()
    return f"{grader.id.name} {grader.id.version}", grader.grade


def lab_observations() -> Mapping[int, frozenset[str]]:
    """Observation ids of every lab in the catalogue."""
    from labs import catalog

    return {number: frozenset(catalog.load(number).info.observations) for number in catalog.numbers()}


def print_report(report: Report, grader: str) -> None:
    """For people: packs with what their answers score, then every fault."""
    for pack in report.packs:
        _print_pack(pack)
    for fault in report.faults:
        click.echo(str(fault))
    packs, faults = len(report.packs), len(report.faults)
    graded = sum(len(pack.graded) for pack in report.packs)
    by = f"{graded} example answers graded by {grader}" if grader else "example answers not graded"
    click.echo(f"{_count(packs, 'pack')} read, {by}: {_count(faults, 'fault') if faults else 'no faults'}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_pack(pack: PackReport) -> None:
    counts = f"{pack.points:2} points  {pack.misconceptions} misconceptions  {pack.examples} answers"
    click.echo(f"{pack.id:2} {pack.slug:24} {counts}  {'ok' if pack.ok else 'FAULTS'}")
    for result in pack.graded:
        click.echo(f"     {result.name:16} {result.score:4.1f}  wanted {result.low:g} to {result.high:g}")
