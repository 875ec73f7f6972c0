"""Lab 4 on a real broker: any program that stays in its group is right, unless nobody notices when it hangs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psutil
import pytest

from labs import handouts
from labs.broker.interface import Cluster
from labs.catalog import lab04_rebalance_storm, storm04
from labs.contract import Event, Output, Sample
from labs.dirs import Dirs
from labs.errors import LabStopped
from tests.labs.lab_world import Bench, bench
from tests.labs.witness import eventually

pytestmark = pytest.mark.broker
ALL = ["all", "calm", "frozen", "hung", "once", "runs"]


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(lab04_rebalance_storm, "BOUND", 9.0)
    with bench(4, cluster, kafka_dirs) as lab:
        lab.run.reset()
        yield lab


def save(lab: Bench, text: str) -> None:
    (lab.run.context.workspace / "consumer.py").write_text(text, encoding="utf-8")


def changed(*changes: tuple[str, str]) -> str:
    text = handouts.text(4, "consumer.py")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.long
def test_longer_intervals_within_reason_and_workers_are_right_too(lab: Bench) -> None:
    save(lab, changed(("max_poll_interval_ms=1500", "max_poll_interval_ms=5000")))
    assert lab.failing() == {}
    save(lab, handouts.text(4, "variants/worker.py"))
    assert lab.failing() == {}
    assert any("yours" in event.text for event in lab.events if isinstance(event, Output))
    assert any(event.series == "handled, yours" for event in lab.events if isinstance(event, Sample))
    assert not [line for line in running() if "labs.nursery" in line or "labs.launcher" in line]


@pytest.mark.long
def test_limits_that_never_end_are_no_fix(lab: Bench) -> None:
    save(
        lab,
        changed(
            ("max_poll_interval_ms=1500", "max_poll_interval_ms=86_400_000"),
            ("session_timeout_ms=5000", "session_timeout_ms=60_000"),
        ),
    )
    failing = lab.failing()
    assert sorted(failing) == ["frozen", "hung"]
    assert all(len(check.hints) == 3 for check in failing.values())


@pytest.mark.long
def test_calls_that_nobody_waits_for_are_committed_too_early(lab: Bench) -> None:
    threads = "import threading\nimport urllib.request"
    call = "threading.Thread(target=handle, args=(record.value,), daemon=True).start()"
    save(lab, changed(("import urllib.request", threads), ("            handle(record.value)", f"            {call}")))
    failing = lab.failing()
    assert sorted(failing) == ["all"]
    assert "committed that had not been handled" in failing["all"].found


def test_a_stop_leaves_no_process(lab: Bench) -> None:
    def joined(event: Event) -> bool:
        return isinstance(event, Sample) and event.series == "rebalances, consumer"

    def stop_once_java_has_joined() -> None:
        eventually(lambda: any(map(joined, list(lab.events))), "a Java member")
        lab.run.stop()

    threading.Thread(target=stop_once_java_has_joined).start()
    with pytest.raises(LabStopped):
        lab.run.observe()
    assert not [line for line in running() if "labs.nursery" in line or "VerifiableConsumer" in line]


def running() -> list[str]:
    lines = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            lines.append(" ".join(child.cmdline()))
    return lines


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("", "consumer.py is empty."),
        ("pass\n", "finished"),
        ("def handle(:\n", "SyntaxError"),
        pytest.param("while True: pass\n", "0 of 2 processes", marks=pytest.mark.long),
        ("import sys\nfor n in range(5_000): print(n)\nsys.exit(3)\n", "exit status 3"),
    ],
)
def test_programs_that_do_not_work_are_told_so(
    lab: Bench, monkeypatch: pytest.MonkeyPatch, program: str, found: str
) -> None:
    monkeypatch.setattr(storm04, "SETTLE_SECONDS", 4.0)
    save(lab, program)
    failing = lab.failing()
    assert sorted(failing) == ALL
    assert found in failing["runs"].found
    assert all(len(check.hints) == 3 for check in failing.values())


@pytest.mark.long
def test_no_program_at_all_and_one_that_is_only_read(lab: Bench) -> None:
    path = lab.run.context.workspace / "consumer.py"
    path.chmod(0o444)
    assert sorted(lab.failing()) == ["all", "calm", "once"]
    path.unlink()
    checks = lab.failing()
    assert sorted(checks) == ALL
    assert "no consumer.py in the workspace" in checks["runs"].found
    lab.run.reset()
    assert path.exists()
