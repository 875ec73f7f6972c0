from __future__ import annotations

from pathlib import Path

import pytest

from tutor.scenarios.document import MAX_YAML_BYTES, parse_yaml, read_text, read_yaml
from tutor.scenarios.faults import Broken, Fault

FILE = Path("x.yaml")


def only_fault(text: str) -> Fault:
    with pytest.raises(Broken) as caught:
        parse_yaml(FILE, text)
    assert len(caught.value.faults) == 1
    return caught.value.faults[0]


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ("a: 1\n\tb: 2\n", 2, "", "use spaces"),
        ("a: [1\nb: 2", 2, "", "did not find expected"),
        ("a: 1\nb: 2\na: 3\n", 3, "a", "twice, first in line 1"),
        ("a:\n  - b: 1\n    b: 2\n", 3, "a[0].b", "twice"),
        ("", 1, "", "empty"),
        ("# only a comment\n", 1, "", "empty"),
        ("a: 1\nb: x\x00y\n", 2, "", "control character"),
        ("a: 1\nb: 2026-11-23\n", 2, "b", "date"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "a", "plain data"),
        ("a: !secret x\n", 1, "a", "plain data"),
        ("a: &x [1]\nb: *x\n", 2, "b", "aliases"),
        ("a: &x\n  b: 1\nc:\n  <<: *x\n", 4, "c.<<", "aliases"),
        ("a: 1\n---\nb: 2\n", 2, "", "broken YAML"),
        ("yes: 1\n", 1, "", "'yes'"),
        ("? [a, b]\n: 1\n", 1, "", "a key must be text"),
        ("!!str [a]: 1\n", 1, "", "a key must be text"),
    ],
)
def test_names_line_and_key(text: str, line: int, key: str, message: str) -> None:
    with pytest.raises(Broken) as caught:
        parse_yaml(FILE, text)
    assert any((f.line, f.key) == (line, key) and message in f.message for f in caught.value.faults), (
        caught.value.faults
    )


def test_alias_bomb_is_refused_without_growing() -> None:
    rows = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(Broken) as caught:
        parse_yaml(FILE, "\n".join(["l0: &l0 [lol]", *rows]))
    assert all("aliases" in fault.message for fault in caught.value.faults)


def test_merge_bomb_is_refused() -> None:
    rows = [f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 9)}]}}" for n in range(1, 30)]
    with pytest.raises(Broken):
        parse_yaml(FILE, "\n".join(["l0: &l0 {a: 1}", *rows]))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
@pytest.mark.parametrize("depth", [20, 900, 100_000])
def test_deep_nesting_is_a_fault(opening: str, depth: int) -> None:
    with pytest.raises(Broken):
        parse_yaml(FILE, "a: " + opening * depth if opening != "- " else opening * depth)


def test_a_number_too_long_to_read_is_a_fault() -> None:
    assert "number" in only_fault("a: " + "9" * 10_000).message


def test_lines_of_values_and_of_missing_keys() -> None:
    document = parse_yaml(FILE, "a: 1\nb:\n  - x: 1\n  - y: 2\n")
    assert document.value == {"a": 1, "b": [{"x": 1}, {"y": 2}]}
    assert document.line(("b", 1, "y")) == 4
    assert document.line(("b", 0, "missing")) == 3
    assert document.line(("b", 9)) == 2
    assert document.line(()) == 1


class TestReadText:
    def fault(self, file: Path, limit: int = 100) -> Fault:
        with pytest.raises(Broken) as caught:
            read_text(file, limit, file.parent)
        return caught.value.faults[0]

    def test_missing(self, tmp_path: Path) -> None:
        assert "missing" in self.fault(tmp_path / "x").message

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "x").mkdir()
        assert "must be a file" in self.fault(tmp_path / "x").message

    def test_not_utf8_names_the_line(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"a\nb\n\xff\n")
        assert self.fault(tmp_path / "x") == Fault(tmp_path / "x", 3, "", "the file is not UTF-8 text")

    def test_too_large(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"a" * 2049)
        assert "larger than 2 KiB" in self.fault(tmp_path / "x", 2048).message

    def test_a_link_out_of_the_pack(self, tmp_path: Path) -> None:
        pack = tmp_path / "pack"
        pack.mkdir()
        (tmp_path / "secret").write_text("s")
        (pack / "x").symlink_to(tmp_path / "secret")
        assert "outside" in self.fault(pack / "x").message

    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "x").symlink_to(tmp_path / "x")
        assert self.fault(tmp_path / "x").message

    def test_mark_and_line_ends_are_removed(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes("\ufeffa\r\nb".encode())
        assert read_text(tmp_path / "x", 100, tmp_path) == "a\nb"

    def test_a_huge_pack_is_refused_unread(self, tmp_path: Path) -> None:
        file = tmp_path / "scenario.yaml"
        with file.open("wb") as stream:
            stream.truncate(50 * MAX_YAML_BYTES)
        with pytest.raises(Broken, match="larger than 512 KiB"):
            read_yaml(file, tmp_path)
