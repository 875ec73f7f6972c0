"""Lab 8 on a real broker: any program that keeps little is right, and one that keeps much is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs import handouts
from labs.broker.interface import Cluster
from labs.catalog import runs08
from labs.dirs import Dirs
from tests.labs.lab_world import Bench, bench

pytestmark = pytest.mark.broker


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(8, cluster, kafka_dirs) as lab:
        lab.run.reset()
        yield lab


def save(lab: Bench, text: str) -> None:
    (lab.run.context.workspace / "consumer.py").write_text(text, encoding="utf-8")


def reference(*changes: tuple[str, str]) -> str:
    return changed(handouts.text(8, "reference/consumer.py"), *changes)


def template(*changes: tuple[str, str]) -> str:
    return changed(handouts.text(8, "consumer.py"), *changes)


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_untouched_it_dies_of_its_limit_each_time(lab: Bench) -> None:
    for _ in range(2):
        failing = lab.failing()
        assert sorted(failing) == ["committed", "handled", "memory"]
        assert "ran out of memory" in failing["memory"].found


@pytest.mark.long
def test_small_batches_kept_for_a_moment_are_right_too(lab: Bench) -> None:
    save(
        lab,
        template(
            ("len(documents) >= 10_000", "len(documents) >= 100"), ("max_poll_records=10_000", "max_poll_records=100")
        ),
    )
    assert lab.failing() == {}


def test_a_program_that_ends_when_it_has_read_everything_is_right_too(lab: Bench) -> None:
    save(lab, reference(("while True:", "while os.path.getsize('index.txt') < 218_890:")))
    assert lab.failing() == {}


@pytest.mark.long
def test_fewer_records_a_poll_in_the_same_list_die_as_well(lab: Bench) -> None:
    save(lab, template(("max_poll_records=10_000", "max_poll_records=10")))
    assert "memory" in lab.failing()


@pytest.mark.long
def test_bytes_in_a_list_need_too_much_room(lab: Bench) -> None:
    save(
        lab,
        template(
            ("documents.append(json.loads(record.value))", "documents.append(record.value)"),
            ("            handle(document)\n", "            handle(json.loads(document))\n"),
            ("2_097_152", "1_048_576"),
        ),
    )
    assert "memory" in lab.failing()


@pytest.mark.long
def test_without_a_commit_the_next_one_begins_anew(lab: Bench) -> None:
    save(lab, reference(("        consumer.commit()\n", "        pass\n")))
    assert list(lab.failing()) == ["committed"]


@pytest.mark.long
def test_what_is_handled_twice_or_not_as_it_is_does_not_count(lab: Bench) -> None:
    call = "            handle(json.loads(record.value))"
    save(lab, reference((call, f"{call}; handle(json.loads(record.value))")))
    assert "more than once" in lab.failing()["handled"].found
    save(lab, reference(('document["words"]).encode()', 'document["words"][:3]).encode()')))
    assert "wrong" in lab.failing()["handled"].found


@pytest.mark.parametrize(
    ("text", "failing", "found"),
    [
        ("", ["committed", "handled", "memory"], "nothing handled"),
        ("def broken(:\n", ["committed", "handled", "memory", "runs"], "SyntaxError"),
        ("while True: pass\n", ["committed", "handled", "memory", "runs"], "still running"),
        (
            "import sys\nfor n in range(100_000): print(n)\nsys.exit(3)\n",
            ["committed", "handled", "memory", "runs"],
            "3",
        ),
    ],
)
def test_programs_that_are_none(
    lab: Bench, monkeypatch: pytest.MonkeyPatch, text: str, failing: list[str], found: str
) -> None:
    monkeypatch.setattr(runs08, "SECONDS", 3.0)
    save(lab, text)
    checks = lab.failing()
    assert sorted(checks) == failing
    assert any(found in check.found for check in checks.values())
    assert all(len(check.hints) == 3 for check in checks.values())


def test_no_program_at_all(lab: Bench) -> None:
    (lab.run.context.workspace / "consumer.py").unlink()
    checks = lab.failing()
    assert sorted(checks) == ["committed", "handled", "memory", "runs"]
    assert "not in the workspace" in checks["runs"].found
    lab.run.reset()
    assert (lab.run.context.workspace / "consumer.py").exists()
