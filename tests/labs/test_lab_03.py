"""Lab 3 on a real broker: any program that shares the waiting and keeps order is right, and nothing else is."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psutil
import pytest

from labs import handouts
from labs.broker.interface import Cluster
from labs.catalog import trial03
from labs.contract import Output
from labs.dirs import Dirs
from labs.errors import LabStopped
from tests.labs.lab_world import Bench, bench

pytestmark = pytest.mark.broker

FAULTY = handouts.text(3, "consumer.py")
WORKERS = handouts.text(3, "variants/workers.py")
HEAD = FAULTY[: FAULTY.index("for record in consumer")]

BATCHES = f"""{HEAD.replace("max_poll_records=10", "max_poll_records=50")}
while True:
    batch = consumer.poll(timeout_ms=200)
    if batch:
        call(b"[" + b",".join(record.value for records in batch.values() for record in records) + b"]")
        consumer.commit()
"""
ASYNCIO = f"""import asyncio
{HEAD.replace("max_poll_records=10", "max_poll_records=200")}
async def chain(records, gate):
    for record in records:
        async with gate:
            await asyncio.to_thread(call, record.value)

async def main():
    gate = asyncio.Semaphore(8)
    while True:
        chains = {{}}
        for records in (await asyncio.to_thread(consumer.poll, 200)).values():
            for record in records:
                chains.setdefault(record.key, []).append(record)
        if chains:
            await asyncio.gather(*(chain(records, gate) for records in chains.values()))
            await asyncio.to_thread(consumer.commit)

asyncio.run(main())
"""
COMMITS_OVER_GAPS = WORKERS.replace("                break\n", "                continue\n")
AUTO_COMMIT = WORKERS.replace("enable_auto_commit=False", "enable_auto_commit=True").replace(
    "        consumer.commit(offsets)\n", "        pass\n"
)


def variant(name: str) -> str:
    return handouts.text(3, f"variants/{name}.py")


ALL = ["bounded", "committed", "drained", "order", "runs", "survives"]


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(trial03, "HANG", 1.0)
    monkeypatch.setattr(trial03, "START_SECONDS", 3.0)
    monkeypatch.setattr(trial03, "IDLE_SECONDS", 1.5)
    with bench(3, cluster, kafka_dirs) as lab:
        lab.run.reset()
        yield lab


def save(lab: Bench, text: str) -> None:
    (lab.run.context.workspace / "consumer.py").write_text(text, encoding="utf-8")


@pytest.mark.long
def test_all_ways_that_keep_order_are_right(lab: Bench) -> None:
    for text in (WORKERS, BATCHES, ASYNCIO):
        save(lab, text)
        assert lab.failing() == {}, text


@pytest.mark.parametrize(
    ("program", "which"),
    [(variant("any_order"), "order"), pytest.param(COMMITS_OVER_GAPS, "committed", marks=pytest.mark.long)],
    ids=["order", "gaps"],
)
def test_what_people_try_first_is_not_right(lab: Bench, program: str, which: str) -> None:
    save(lab, program)
    failing = lab.failing()
    assert sorted(failing) == [which]
    assert len(failing[which].hints) == 3


@pytest.mark.long
def test_committing_what_is_only_handed_over_loses_it(lab: Bench) -> None:
    save(lab, variant("commit_at_once"))
    failing = lab.failing()
    assert {"committed", "survives"} <= set(failing) <= {"committed", "survives", "order"}  # a gap is no order either
    assert "records lost" in failing["survives"].found


@pytest.mark.long
def test_more_workers_than_there_is_room_for_do_not_drain_it(lab: Bench) -> None:
    save(lab, variant("no_limit"))
    failing = lab.failing()
    assert {"bounded", "drained", "survives"} <= set(failing)
    assert "refused" in failing["drained"].hints[1]


@pytest.mark.long
def test_auto_commit_is_caught_while_the_service_hangs(lab: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    save(lab, AUTO_COMMIT)
    failing = lab.failing()
    assert {"committed", "survives"} <= set(failing)
    assert not failing["survives"].found.startswith("0 ")


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("", "consumer.py is empty."),
        ("def call(:\n", "SyntaxError"),
        ("raise RuntimeError('no')\n", "RuntimeError: no"),
        ("while True: pass\n", "no call answered"),
        ("while True: print('x' * 1000)\n", "no call answered"),
    ],
)
def test_programs_that_do_not_work_are_told_so(lab: Bench, program: str, found: str) -> None:
    save(lab, program)
    failing = lab.failing()
    assert sorted(failing) == ALL
    assert found in failing["runs"].found
    assert len([event for event in lab.events if isinstance(event, Output)]) < 250


def test_a_missing_file_and_one_that_may_not_be_written(lab: Bench) -> None:
    script = lab.run.context.workspace / "consumer.py"
    script.unlink()
    assert lab.failing()["runs"].found == "There is no consumer.py in the workspace."
    lab.run.give_up()
    script.chmod(0o444)
    assert lab.failing() == {}
    assert lab.run.outcome == "gave_up"


def test_a_stop_leaves_no_process(lab: Bench) -> None:
    threading.Timer(1.0, lab.run.stop).start()
    with pytest.raises(LabStopped):
        while True:
            lab.run.verify()
    running = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert not [line for line in running if "labs.nursery" in line or "labs.launcher" in line]
