"""`kafka-tutor pack`: question packs by others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tutor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from labs.added import AddedLab
    from tutor.scenarios.check import Report
    from tutor.scenarios.faults import Fault
    from tutor.scenarios.packs import PackSet

WARNING = """\
The lab of {name} is a program by the pack's author. Trusted, it runs
with all your rights: it can read, change and send whatever you can, and nothing
checks what it does. Read it first:
{files}
You trust these bytes only; after any change it is off again."""
LABS_OFF = "off (not trusted)"


@click.group()
def pack() -> None:
    """Question packs by others: check, add, list, trust their labs, remove."""


@pack.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--no-grade", is_flag=True, help="Leave out grading the example answers.")
@click.pass_context
def check(ctx: click.Context, path: Path, as_json: bool, no_grade: bool) -> None:
    """Prove the pack in the folder PATH: its files, its rules, and what its example answers score.

    Every fault is named with its file, line and key. The exit status is 2 where one is found.
    """
    from tutor.cli.check import lab_observations, load_grade, print_report
    from tutor.scenarios.added import check_pack

    grader, grade = ("", None) if no_grade else load_grade()
    report = check_pack(path, lab_observations(), grade)
    if as_json:
        click.echo(json.dumps({**report.as_json(), "grader": grader or None}, indent=2, ensure_ascii=False))
    else:
        print_report(report, grader)
        _tell_how_graded(report, grader)
    ctx.exit(0 if report.ok else 2)


def _tell_how_graded(report: Report, grader: str) -> None:
    if grader.startswith("model") and any(pack.graded for pack in report.packs):
        from tutor.grading.model_grader import NOTE_UNTRAINED

        click.echo(NOTE_UNTRAINED)


@pack.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--no-grade", is_flag=True, help="Leave out grading the example answers.")
def add(path: Path, no_grade: bool) -> None:
    """Check the pack in the folder PATH and keep a copy of it beside the scenarios that ship.

    A pack is data and runs nothing. Its lab, where it has one, is a program, and stays off until you trust it.
    """
    from tutor.cli.check import lab_observations, load_grade
    from tutor.scenarios.added import add as add_pack

    _, grade = ("", None) if no_grade else load_grade()
    done = add_pack(path, packs_root(), lab_observations(), grade)
    scenario = done.pack.scenario
    click.echo(f"{'Replaced' if done.replaced else 'Added'}: scenario {scenario.id}, {scenario.title}")
    click.echo(f"  {done.pack.folder}")
    if scenario.lab is not None:
        click.echo(f"Its lab is a program by its author and is off. See: kafka-tutor pack trust {scenario.slug}")
    click.echo(f"Next: kafka-tutor study {scenario.id}")


@pack.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON array.")
def list_packs(as_json: bool) -> None:
    """List the packs that were added, what is wrong with them, and whether their labs are on."""
    from labs import added
    from tutor.scenarios.library import folders, load_library

    library = load_library()
    labs = {lab.name: lab for lab in added.found(packs_root())}
    rows = [_row(folder, library, labs.get(folder.name)) for folder in folders(packs_root())]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:28} {row['title'] or 'BROKEN'}")
        if row["lab"]:
            click.echo(f"{'':28} its lab: {row['lab']}")
        for fault in row["faults"]:
            click.echo(f"  {fault}")
    if not rows:
        click.echo("No pack was added. Next: kafka-tutor pack add FOLDER")


def _row(folder: Path, library: PackSet, lab: AddedLab | None) -> dict[str, Any]:
    """One pack for --json."""
    read = next((pack for pack in library.packs if pack.folder == folder), None)
    return {
        "name": folder.name,
        "scenario": read.id if read else None,
        "title": read.scenario.title if read else "",
        "folder": str(folder),
        "lab": _lab_state(lab),
        "faults": [str(fault) for fault in _faults_in(folder, library.faults)],
    }


def _faults_in(folder: Path, faults: Sequence[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.file.is_relative_to(folder)]


def _lab_state(lab: AddedLab | None) -> str:
    from labs import added

    if lab is None:
        return ""
    if not lab.trusted:
        return LABS_OFF
    return added.fault(lab.number) or "on"


@pack.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def remove(name: str, yes: bool) -> None:
    """Remove the added pack NAME. Your answers to it stay, and are back when you add it again."""
    from tutor.cli.data import ask_first
    from tutor.scenarios.added import find_added
    from tutor.scenarios.added import remove as remove_pack

    folder = find_added(name, packs_root())
    ask_first(yes, None, f"The pack {folder.name} will be removed; your answers stay. Go on?")
    click.echo(f"Removed: {remove_pack(folder.name, packs_root())}")


@pack.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it without asking: you have read the files.")
def trust(name: str, yes: bool) -> None:
    """Switch on the lab of the added pack NAME, as it is now. It is a program and runs with your rights."""
    from labs import added
    from tutor.cli.data import ask_first
    from tutor.text import shown

    lab, files = _lab_of(name)
    listing = shown("\n".join(f"  {path}" for path in _paths(lab.folder, files)))
    click.echo(WARNING.format(name=lab.name, files=listing))
    click.echo(f"  SHA-256 of them all: {lab.sha256}")
    ask_first(yes, None, f"Trust the lab of {lab.name}. Go on?")
    added.write_trust(packs_root(), lab.name, added.digest(files))
    if message := added.fault(lab.number):
        raise UsageError(f"The lab of {lab.name} is trusted and cannot be used", message, "Tell its author.")
    click.echo(f"Trusted. Next: kafka-tutor lab run {lab.number}, or prove it: kafka-tutor lab prove {lab.number}")


@pack.command()
@click.argument("name")
def distrust(name: str) -> None:
    """Switch the lab of the added pack NAME off."""
    from labs import added

    lab, _ = _lab_of(name)
    added.write_trust(packs_root(), lab.name, None)
    click.echo(f"The lab of {lab.name} is off.")


def _lab_of(name: str) -> tuple[AddedLab, Mapping[str, bytes]]:
    """The lab and the bytes that are looked at. Raises UsageError."""
    from labs import added
    from tutor.scenarios.added import find_added

    folder = find_added(name, packs_root())
    lab = next((lab for lab in added.found(packs_root()) if lab.name == folder.name), None)
    files = added.files_of(folder)
    if lab is None or not files:
        raise UsageError(f"The pack {folder.name} has no lab", f"There is no {folder / 'lab' / 'lab.py'}.", "")
    return lab, files


def _paths(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    return [folder / "lab" / name for name in sorted(files)]


def packs_root() -> Path:
    """Where added packs are kept. Raises EnvironmentFault."""
    from labs.added import PACKS
    from labs.dirs import dirs

    return dirs().data / PACKS
