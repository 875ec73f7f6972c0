"""The workspace gets back to a working start, whatever the learner has done to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import workspace
from labs.errors import LabError
from tests.unit.users import plain_user  # noqa: F401  (a fixture)


def test_whatever_is_in_the_place_of_a_file_goes(tmp_path: Path) -> None:
    (tmp_path / "a.py" / "deep").mkdir(parents=True)
    workspace.write(tmp_path, "a.py", "1")
    target = tmp_path / "elsewhere"
    target.write_text("precious")
    (tmp_path / "b.py").symlink_to(target)
    workspace.write(tmp_path, "b.py", "2")
    assert [(tmp_path / name).read_text() for name in ("a.py", "b.py")] == ["1", "2"]
    assert target.read_text() == "precious"


def test_rights_that_were_taken_away_are_given_back(plain_user: Path) -> None:  # noqa: F811
    place = plain_user / "work"
    workspace.write(place, "a.py", "1")
    (place / "a.py").chmod(0o444)
    place.chmod(0o555)
    workspace.write(place, "a.py", "2")
    assert (place / "a.py").read_text() == "2"
    (place / "sub").mkdir()
    (place / "sub" / "x").touch()
    (place / "sub").chmod(0o500)
    place.chmod(0o500)
    workspace.make(place)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link", "nothing"])
def test_the_workspace_is_made_anew_in_place_of_anything(tmp_path: Path, kind: str) -> None:
    place, other = tmp_path / "work", tmp_path / "other"
    other.mkdir()
    (other / "precious").touch()
    if kind == "file":
        place.write_text("x")
    elif kind == "link":
        place.symlink_to(other)
    workspace.make(place)
    assert place.is_dir()
    assert not place.is_symlink()
    assert (other / "precious").exists()


def test_the_file_to_edit(tmp_path: Path) -> None:
    files = ("consumer.py",)
    assert workspace.to_edit(tmp_path, files) == tmp_path / "consumer.py"
    assert workspace.to_edit(tmp_path, files, "sub/new.py") == tmp_path / "sub" / "new.py"
    for name in ("../x", "/etc/passwd", "~/x", "."):
        with pytest.raises(LabError, match="no file of the workspace"):
            workspace.to_edit(tmp_path, files, name)
    (tmp_path / "consumer.py").mkdir()
    with pytest.raises(LabError, match="is a directory"):
        workspace.to_edit(tmp_path, files)
    with pytest.raises(LabError, match="no file to edit"):
        workspace.to_edit(tmp_path, ())


def test_a_text_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert workspace.read(tmp_path, "gone.py") == ""
    assert workspace.read(tmp_path.parent, tmp_path.name) == ""
    (tmp_path / "odd.py").write_bytes(b"\xff")
    assert workspace.read(tmp_path, "odd.py") == "\N{REPLACEMENT CHARACTER}"
