"""What a pack by others cannot bring in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packs import scenario_data, write_answer, write_pack
from tutor.scenarios import intake
from tutor.scenarios.added import check_pack
from tutor.scenarios.document import parse_yaml

OWN = 412


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path, OWN)


def messages(folder: Path) -> list[str]:
    """Every fault, as a learner sees it."""
    return [str(fault) for fault in check_pack(folder, {}, None).faults]


def test_a_right_pack_has_no_fault(folder: Path) -> None:
    (folder / "README.md").write_text("Read me.")
    (folder / "LICENSE").write_text("Yours.")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").symlink_to("/etc/passwd")  # hidden: neither read nor copied
    assert messages(folder) == []
    assert sorted(intake.snapshot(folder)) == [
        "LICENSE",
        "README.md",
        "answers/middling-1.md",
        "answers/strong-1.md",
        "answers/weak-1.md",
        "debrief.md",
        "model_answer.md",
        "scenario.yaml",
    ]


def a_link(folder: Path) -> None:
    (folder / "debrief.md").unlink()
    (folder / "debrief.md").symlink_to("/etc/passwd")


def a_linked_folder(folder: Path) -> None:
    (folder / "answers").rename(folder.parent / "elsewhere")
    (folder / "answers").symlink_to(folder.parent / "elsewhere")


def a_pipe(folder: Path) -> None:
    (folder / "debrief.md").unlink()
    os.mkfifo(folder / "debrief.md")


def a_program(folder: Path) -> None:
    (folder / "conftest.py").write_text("print('hello')")


def code_in_the_lab_folder(folder: Path) -> None:
    (folder / "lab").mkdir()
    (folder / "lab" / "other.py").write_text("")


def too_deep(folder: Path) -> None:
    (folder / "lab" / "templates" / "a" / "b" / "c").mkdir(parents=True)


def too_large(folder: Path) -> None:
    (folder / "debrief.md").write_text("word " * 40_000)


def too_many(folder: Path) -> None:
    for number in range(2 * intake.MAX_FILES + 1):
        write_answer(folder, f"weak-{number + 2}", "band: weak\nscore: [0, 2]", "No.")


def an_escape_sequence(folder: Path) -> None:
    (folder / "debrief.md").write_text("Fine.\n\x1b]52;c;cm0gLXJm\x07")


def not_utf8(folder: Path) -> None:
    (folder / "debrief.md").write_bytes(b"Fine.\n\xff\xfe")


HOSTILE: dict[Callable[[Path], None], str] = {
    a_link: "debrief.md: this is a link: a pack holds its files itself",
    a_linked_folder: "answers: this is a link: a pack holds its files itself",
    a_pipe: "debrief.md: this must be a file",
    a_program: "conftest.py: a pack has no file of this name in this place",
    code_in_the_lab_folder: "lab/other.py: a pack has no file of this name in this place",
    too_deep: "lab/templates/a/b: folders are nested more than 3 deep, the limit",
    too_large: "debrief.md: the file is larger than 128 KiB, the limit",
    too_many: "there are more than 120 files, the limit",
    an_escape_sequence: "debrief.md:2: the character U+001B is not allowed: it can command a terminal",
    not_utf8: "debrief.md:2: the file is not UTF-8 text",
}


@pytest.mark.parametrize("spoil", HOSTILE, ids=lambda spoil: spoil.__name__)
def test_files_that_are_refused(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    found = messages(folder)
    assert any(HOSTILE[spoil] in line for line in found), found


def test_all_files_together_are_limited(folder: Path) -> None:
    for number in range(20):
        write_answer(folder, f"weak-{number + 2}", "band: weak\nscore: [0, 2]", "word " * 25_000)
    assert any("2.1 MB together, the limit" in line for line in messages(folder))


@pytest.mark.parametrize("character", ["\\x1b[2J", "\\e[31m", "\\u202e", "\\x07", "\\u2028", "\\x9b"])
def test_escapes_that_yaml_makes_are_refused_too(folder: Path, character: str) -> None:
    file = folder / "scenario.yaml"
    file.write_text(file.read_text().replace("title: A sock is lost", f'title: "A {character} sock"'))
    (line,) = messages(folder)
    assert "scenario.yaml:5: title: the character U+" in line


def test_text_and_lists_are_limited() -> None:
    document = parse_yaml(Path("x"), f"a: {'w' * (intake.MAX_STRING + 1)}\nb: [{'1, ' * 50}]\n")
    assert sorted((fault.key, fault.line) for fault in intake.value_faults(document)) == [("a", 1), ("b", 2)]


def test_markup_and_brackets_are_text(folder: Path) -> None:
    file = folder / "scenario.yaml"
    file.write_text(file.read_text().replace("title: A sock is lost", 'title: "[red]A[/] $sock [@click=app.quit]x[/]"'))
    assert messages(folder) == []


def test_what_is_still_to_be_written_is_named(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, OWN, title="TODO: a title")
    (folder / "model_answer.md").write_text("Fine.\nTODO: more\n")
    assert [line.removeprefix(f"{folder}/") for line in messages(folder)] == [
        "model_answer.md:2: still to be written",
        "scenario.yaml:5: title: still to be written: TODO: a title",
    ]


@pytest.mark.parametrize("number", [1, 100, 10_000])
def test_numbers_of_what_ships_are_refused(tmp_path: Path, number: int) -> None:
    assert any("id: must be 101 to 9999" in line for line in messages(write_pack(tmp_path, number)))


@pytest.mark.parametrize(
    ("lab", "with_code", "message"),
    [
        (6, False, "lab: must be 412, the pack's own number"),
        (OWN, False, "lab: the pack has no lab/lab.py"),
        (None, True, "lab: the pack has a lab: write lab: 412"),
    ],
)
def test_a_lab_is_the_packs_own(tmp_path: Path, lab: int | None, with_code: bool, message: str) -> None:
    folder = write_pack(tmp_path, OWN, **({} if lab is None else {"lab": lab}))
    if with_code:
        (folder / "lab").mkdir()
        (folder / "lab" / "lab.py").write_text("LAB = None\n")
    assert any(message in line for line in messages(folder))


def test_points_may_name_shipped_labs_and_the_packs_own(tmp_path: Path) -> None:
    points = [{**scenario_data()["points"][0], "labs": ["6.seen", f"{OWN}.any"]}]
    folder = write_pack(tmp_path, OWN, lab=OWN, points=points)
    (folder / "lab").mkdir()
    (folder / "lab" / "lab.py").write_text("raise SystemExit('nobody runs this while it is checked')\n")
    assert check_pack(folder, {6: frozenset({"seen"})}, None).faults == ()
