"""Packs by others beside those that ship: added, replaced, damaged, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs import write_pack
from tutor.errors import PackError, UsageError
from tutor.scenarios import added
from tutor.scenarios.library import load_library

SHIPPED = list(range(1, 11))


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    return tmp_path / "data" / "packs"


def put(packs: Path, source: Path) -> added.Addition:
    return added.add(source, packs, {}, None)


def test_an_added_pack_stands_behind_those_that_ship(tmp_path: Path, packs: Path) -> None:
    put(packs, write_pack(tmp_path, 900, "late"))
    done = put(packs, write_pack(tmp_path, 412))
    assert (done.replaced, done.pack.folder) == (False, packs / "412-lost-sock")
    library = load_library(packs)
    assert [pack.id for pack in library.packs] == [*SHIPPED, 412, 900]
    assert library.faults == ()


def test_it_is_a_copy(tmp_path: Path, packs: Path) -> None:
    source = write_pack(tmp_path, 412)
    put(packs, source)
    (source / "scenario.yaml").write_text("id: [")
    assert 412 in [pack.id for pack in load_library(packs).packs]


def test_the_same_pack_again_replaces_it_also_under_another_number_and_where_it_is_broken(
    tmp_path: Path, packs: Path
) -> None:
    put(packs, write_pack(tmp_path / "a", 412))
    put(packs, write_pack(tmp_path / "other", 500, "other"))
    uuid = "00000000-0000-4000-8000-000000000412"
    done = put(packs, write_pack(tmp_path / "b", 413, title="A sock is found", uuid=uuid))
    assert done.replaced
    assert [(pack.id, pack.scenario.title) for pack in load_library(packs).packs][10:] == [
        (413, "A sock is found"),
        (500, "A sock is lost"),
    ]
    (packs / "413-lost-sock" / "debrief.md").unlink()
    assert put(packs, write_pack(tmp_path / "b", 413, uuid=uuid)).replaced
    assert load_library(packs).faults == ()


@pytest.mark.parametrize(
    ("number", "slug", "changes", "message"),
    [
        (412, "other", {"uuid": "00000000-0000-4000-8000-00000000ffff"}, "id: 412 is also the id of 412-lost-sock"),
        (413, "lost-sock", {}, "slug: lost-sock is also the slug of 412-lost-sock"),
        (414, "idle-consumer", {}, "slug: idle-consumer is also the slug of 01-idle-consumer"),
        (415, "todo", {"question": "TODO"}, "question: still to be written"),
    ],
)
def test_what_is_refused_names_the_authors_file_and_changes_nothing(
    tmp_path: Path, packs: Path, number: int, slug: str, changes: dict[str, str], message: str
) -> None:
    put(packs, write_pack(tmp_path / "first", 412))
    source = write_pack(tmp_path / "second", number, slug, **changes)
    with pytest.raises(PackError) as caught:
        put(packs, source)
    assert caught.value.cause.startswith(f"{source}/scenario.yaml:")
    assert message in caught.value.cause
    assert sorted(entry.name for entry in packs.iterdir()) == [".lock", "412-lost-sock"]


def test_a_folder_without_a_pack(tmp_path: Path, packs: Path) -> None:
    with pytest.raises(UsageError):
        put(packs, tmp_path / "nothing")


def test_damaged_packs_are_named_with_file_and_line_and_disturb_no_other(tmp_path: Path, packs: Path) -> None:
    for number, slug in ((412, "a"), (413, "b"), (414, "c"), (415, "d")):
        put(packs, write_pack(tmp_path, number, slug))
    (packs / "412-a" / "scenario.yaml").write_text("format: 1\nid: &x 412\nslug: *x\n")
    (packs / "413-b" / "debrief.md").write_text("Look:\n\x1b[2J")
    (packs / "414-c").rename(tmp_path / "moved")
    (packs / "414-c").symlink_to(tmp_path / "moved")
    (packs / "777-copied").mkdir()
    library = load_library(packs)
    assert [pack.id for pack in library.packs] == [*SHIPPED, 415]
    faults = "\n".join(str(fault).removeprefix(f"{packs}/") for fault in library.faults)
    assert "412-a/scenario.yaml:3: slug: aliases" in faults
    assert "413-b/debrief.md:2: the character U+001B" in faults
    assert "414-c: this is a link" in faults
    assert "777-copied/scenario.yaml: the file is missing" in faults


def test_a_copied_pack_cannot_take_a_shipped_number(tmp_path: Path, packs: Path) -> None:
    write_pack(tmp_path, 4, "rebalance-storm").rename(tmp_path / "400-x")
    packs.mkdir(parents=True)
    (tmp_path / "400-x").rename(packs / "400-x")
    library = load_library(packs)
    assert [pack.id for pack in library.packs] == SHIPPED
    assert {fault.key for fault in library.faults} == {"id", "slug"}


def test_what_a_killed_add_left_goes_with_the_next(tmp_path: Path, packs: Path) -> None:
    (packs / ".incoming-killed" / "412-lost-sock").mkdir(parents=True)
    put(packs, write_pack(tmp_path, 412))
    assert sorted(entry.name for entry in packs.iterdir()) == [".lock", "412-lost-sock"]


@pytest.mark.parametrize("name", ["412", "lost-sock", "412-lost-sock"])
def test_remove(tmp_path: Path, packs: Path, name: str) -> None:
    put(packs, write_pack(tmp_path, 412))
    (packs / "412-lost-sock" / "scenario.yaml").write_text("broken: [")
    assert added.remove(name, packs) == packs / "412-lost-sock"
    assert load_library(packs).faults == ()
    with pytest.raises(UsageError):
        added.remove(name, packs)


@pytest.mark.parametrize("name", ["..", "../..", ".", "", ".lock", "trust.json"])
def test_remove_takes_packs_only(packs: Path, name: str) -> None:
    packs.mkdir(parents=True)
    (packs / ".lock").touch()
    with pytest.raises(UsageError):
        added.remove(name, packs)
