"""Waits end at once when they should."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from labs import waits
from labs.errors import BrokerDied, LabError, LabStopped
from labs.waits import Deadline, StopFlag, Worker, wait_until

LONG = 60.0


def soon(action: object, delay: float = 0.05) -> threading.Timer:
    timer = threading.Timer(delay, action)  # type: ignore[arg-type]
    timer.start()
    return timer


def test_a_stop_ends_a_wait() -> None:
    flag = StopFlag()
    timer = soon(flag.stop)
    with pytest.raises(LabStopped):
        flag.wait(LONG)
    timer.join()


def test_the_death_of_the_broker_ends_a_wait_with_its_reason() -> None:
    reasons: list[str] = []
    timer = soon(lambda: reasons.append("Kafka ran out of memory."))
    with pytest.raises(BrokerDied) as caught:
        StopFlag(lambda: reasons[0] if reasons else None).wait(LONG)
    timer.join()
    assert caught.value.cause == "Kafka ran out of memory."
    assert "reset" in caught.value.next_step


def test_a_parents_stop_ends_the_child_and_not_the_other_way_round() -> None:
    parent = StopFlag()
    child = StopFlag(parent=parent)
    child.stop()
    parent.check()
    other = StopFlag(parent=parent)
    parent.stop()
    with pytest.raises(LabStopped):
        other.check()


def test_waiting_nothing_returns() -> None:
    StopFlag().wait(0)


def test_a_deadline_passes() -> None:
    with pytest.raises(LabError, match="too long"):
        Deadline(0.05).wait(LONG)


def test_a_deadline_ends_with_the_broker() -> None:
    with pytest.raises(BrokerDied):
        Deadline(LONG, lambda: "gone").check()


def test_a_predicate_that_holds_needs_no_time() -> None:
    wait_until(lambda: True, StopFlag(), 0.0, "nothing")


def test_a_predicate_that_never_holds_is_named() -> None:
    with pytest.raises(LabError, match="the moon"):
        wait_until(lambda: False, StopFlag(), 0.05, "the moon", every=0.01)


def test_a_worker_returns_results_and_raises_faults() -> None:
    worker = Worker("test")
    assert worker.call(lambda: 42, StopFlag()) == 42
    with pytest.raises(ZeroDivisionError):
        worker.call(lambda: 1 // 0, StopFlag())
    with pytest.raises(TimeoutError):
        worker.call(_time_out, StopFlag())
    assert worker.finish(lambda: None)


def _time_out() -> None:
    raise TimeoutError("the library's own")


class JustTooLate(Future):  # type: ignore[type-arg]
    """Its job ends between the last look for the result and the next question whether it is done."""

    def result(self, timeout: float | None = None) -> object:
        found = super().result(10)
        if timeout is not None:
            raise TimeoutError
        return found


def test_a_call_that_ends_as_the_wait_does_is_no_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "Future", JustTooLate)
    worker = Worker("test")
    assert worker.call(lambda: 42, StopFlag()) == 42
    with pytest.raises(ZeroDivisionError):
        worker.call(lambda: 1 // 0, StopFlag())
    assert worker.finish(lambda: None)


def test_the_caller_leaves_a_call_that_blocks() -> None:
    worker, flag, release = Worker("test"), StopFlag(), threading.Event()
    timer = soon(flag.stop)
    with pytest.raises(LabStopped):
        worker.call(release.wait, flag)
    timer.join()
    release.set()
    assert worker.finish(lambda: None)


def test_nothing_begins_after_a_stop() -> None:
    worker, flag = Worker("test"), StopFlag()
    flag.stop()
    done: list[int] = []
    with pytest.raises(LabStopped):
        worker.call(lambda: done.append(1), flag)
    assert worker.finish(lambda: None)
    assert done == []


def test_a_call_that_its_caller_left_before_it_began_never_does() -> None:
    worker, flag, release, begun = Worker("test"), StopFlag(), threading.Event(), threading.Event()
    done: list[int] = []

    def leave(job: Callable[[], object]) -> None:
        with pytest.raises(LabStopped):
            worker.call(job, flag)

    def block() -> None:
        begun.set()
        release.wait()

    first = threading.Thread(target=leave, args=(block,))
    first.start()
    assert begun.wait(10)
    timer = soon(flag.stop)
    leave(lambda: done.append(1))  # the first one is in its way
    timer.join()
    first.join()
    release.set()
    assert worker.finish(lambda: None)
    assert done == []


def test_the_end_of_a_worker_is_not_waited_for_for_ever() -> None:
    worker, flag, release = Worker("test"), StopFlag(), threading.Event()
    flag_timer = soon(flag.stop)
    with pytest.raises(LabStopped):
        worker.call(release.wait, flag)
    flag_timer.join()
    assert not worker.finish(lambda: None, seconds=0.05)
    release.set()


def test_all_calls_run_on_one_thread() -> None:
    worker = Worker("test")
    threads = {worker.call(threading.get_ident, StopFlag()) for _ in range(5)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
    assert worker.finish(lambda: None)


def test_a_stopped_wait_is_short() -> None:
    """The promise is a tenth of a second; a busy machine gets more here."""
    flag = StopFlag()
    timer = soon(flag.stop, 0.01)
    began = time.monotonic()
    with pytest.raises(LabStopped):
        flag.wait(LONG)
    timer.join()
    assert time.monotonic() - began < LONG / 10
