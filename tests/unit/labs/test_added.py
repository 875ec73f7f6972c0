"""Labs of packs by others: nothing of them runs before it is trusted, and only what was trusted runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from labs import added, catalog, handouts
from labs.errors import LabError, UnknownLab

SOURCE = """
import sys
sys.modules[__name__].RAN = True
from dataclasses import dataclass
from labs.contract import LabInfo, Task

@dataclass
class L:
    info: LabInfo = LabInfo(412, "sock", "A sock", "Look.", 1, (), Task("Find it."))

LAB = L()
"""


@pytest.fixture
def packs(own_home: Path) -> Path:
    return own_home / "data" / "packs"


def write_lab(packs: Path, source: str = SOURCE, name: str = "412-lost-sock") -> Path:
    folder = packs / name / "lab"
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "lab.py").write_text(source)
    (folder / "templates" / "consumer.py").write_text("print('hand me out')\n")
    return folder


def trust(packs: Path, name: str = "412-lost-sock") -> None:
    added.write_trust(packs, name, added.digest(added.files_of(packs / name)))


def ran() -> bool:
    return any(getattr(module, "RAN", False) for name, module in sys.modules.items() if "kafka_tutor_lab" in name)


@pytest.fixture(autouse=True)
def forget() -> None:
    for name in [name for name in sys.modules if name.startswith("kafka_tutor_lab")]:
        del sys.modules[name]


def test_an_untrusted_lab_does_not_exist_and_never_runs(packs: Path) -> None:
    write_lab(packs)
    assert [lab.trusted for lab in added.found(packs)] == [False]
    assert catalog.numbers() == catalog.shipped()
    for look in (catalog.info, catalog.load):
        with pytest.raises(UnknownLab) as caught:
            look(412)
        assert caught.value.next_step == "kafka-tutor pack list"
    assert not handouts.has(412, "consumer.py")
    assert not ran()


def test_a_trusted_lab_is_one_of_the_catalogue(packs: Path) -> None:
    write_lab(packs)
    trust(packs)
    assert catalog.numbers() == (*catalog.shipped(), 412)
    assert catalog.load(412).info is catalog.info(412)
    assert handouts.text(412, "consumer.py") == "print('hand me out')\n"
    assert ran()


@pytest.mark.parametrize("change", ["lab.py", "templates/consumer.py", "templates/new.txt"])
def test_any_change_takes_the_trust_away(packs: Path, change: str) -> None:
    folder = write_lab(packs)
    trust(packs)
    assert 412 in catalog.numbers()
    with (folder / change).open("a") as file:
        file.write("# one more line\n")
    assert 412 not in catalog.numbers()
    with pytest.raises(UnknownLab):
        catalog.load(412)


def test_trust_is_for_one_name(packs: Path) -> None:
    write_lab(packs)
    trust(packs)
    write_lab(packs, SOURCE.replace("412", "413"), "413-other")
    assert catalog.numbers() == (*catalog.shipped(), 412)
    added.write_trust(packs, "412-lost-sock", None)
    assert catalog.numbers() == catalog.shipped()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 +\n", "lab.py:1: SyntaxError"),
        ("\n\n1 / 0\n", "lab.py:3: ZeroDivisionError"),
        ("raise SystemExit(3)\n", "SystemExit: 3"),
        ("import nothing_of_that_name\n", "lab.py:1: ModuleNotFoundError"),
        ("", "has no attribute 'LAB'"),
        (SOURCE.replace("412", "1"), "info.number is 1, and the pack is 412"),
    ],
)
def test_broken_code_is_named_and_disturbs_nothing(packs: Path, source: str, said: str) -> None:
    write_lab(packs, source)
    trust(packs)
    assert catalog.numbers() == catalog.shipped()
    with pytest.raises(LabError) as caught:
        catalog.info(412)
    assert said in caught.value.cause
    assert said in added.fault(412)


def test_links_and_large_files_are_no_lab(packs: Path, tmp_path: Path) -> None:
    folder = write_lab(packs)
    (folder / "templates" / "link.txt").symlink_to("/etc/passwd")
    assert added.files_of(folder.parent) == {}
    (folder / "templates" / "link.txt").unlink()
    (folder / "templates" / "big.txt").write_bytes(b"x" * (added.MAX_BYTES + 1))
    assert added.files_of(folder.parent) == {}


@pytest.mark.parametrize("held", ["", "[]", "{", '{"412-lost-sock": 1}', "[" * 100_000])
def test_a_damaged_trust_file_trusts_nothing(packs: Path, held: str) -> None:
    write_lab(packs)
    (packs / added.TRUST).write_text(held)
    assert catalog.numbers() == catalog.shipped()
    trust(packs)
    assert 412 in catalog.numbers()


def test_the_digest_tells_names_and_contents_apart() -> None:
    files = {"a": b"bc", "b": b""}
    others = [{"a": b"b", "b": b"c"}, {"ab": b"c", "b": b""}, {"a": b"bc"}, {"a": b"bc", "b": b"", "c": b""}]
    assert len({added.digest(files), *map(added.digest, others)}) == 5
