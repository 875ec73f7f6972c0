"""The fix in a run: what a pass and giving up open, what is kept, and what can be ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from labs import handouts
from labs.contract import Check, Event, LabContext, Measured, Output, Step, Task
from labs.dirs import Dirs
from labs.errors import Interrupted, SolutionLocked
from labs.runner import LabRunner
from labs.solution import texts_of
from labs.verifying import verify_running
from tests.unit.labs.worlds import INFO, PaperLab, PaperSource

FILE = "producer.properties"
FIXED = "linger.ms=20\n"


@dataclass
class FileLab(PaperLab):
    """Lab 7's file, without its brokers: fixed where the file says so."""

    info: object = field(default_factory=lambda: replace(INFO, task=Task("Mend it.", files=(FILE,))))  # type: ignore[assignment]
    meanwhile: Callable[[LabContext], None] = lambda _: None

    def arrange(self, ctx: LabContext) -> None:
        super().arrange(ctx)
        handouts.hand_out(7, ctx.workspace, FILE)

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        self.meanwhile(ctx)
        text = texts_of(self.info, ctx.workspace)[FILE]  # type: ignore[arg-type]
        ctx.emit(Measured("length", len(text)))
        ok = text in (FIXED, handouts.text(7, f"reference/{FILE}"))
        return [Check("fixed", "It is fixed", ok, "linger", "none", () if ok else ("a", "b", "c"))]

    def reference_fix(self, ctx: LabContext) -> None:
        ctx.emit(Step("fix", "A file"))
        handouts.hand_out_reference(7, ctx.workspace, FILE)


@pytest.fixture
def where(tmp_path: Path) -> Dirs:
    return Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


@pytest.fixture
def lab() -> FileLab:
    return FileLab()


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def run(lab: FileLab, where: Dirs, events: list[Event]) -> Iterator[LabRunner]:
    with LabRunner(lab, PaperSource(), where, events.append) as runner:
        runner.observe()
        yield runner


def said(events: Sequence[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Output))


def save(run: LabRunner, text: str) -> None:
    (run.workspace / FILE).write_text(text)


def test_a_pass_opens_the_solution_with_what_passed(run: LabRunner, events: list[Event]) -> None:
    run.verify()
    with pytest.raises(SolutionLocked):
        run.solution()
    assert run.command("solution") == 2
    assert "closed" in said(events)
    save(run, FIXED)
    run.verify()
    save(run, "something else")
    (pair,) = run.solution()
    assert (pair.yours, run.outcome) == (FIXED, "verified")
    assert run.command("solution") == 0
    assert " linger.ms=20\n+batch.size" in said(events)


def test_giving_up_opens_it_keeps_the_learners_file_and_is_recorded(run: LabRunner, events: list[Event]) -> None:
    save(run, "mine=1\n")
    assert run.command("give up --yes") == 0
    assert (run.workspace / FILE).read_text() == handouts.text(7, f"reference/{FILE}")
    assert (run.workspace / f"{FILE}.yours").read_text() == "mine=1\n"
    assert "is kept as producer.properties.yours" in said(events)
    assert run.solution()[0].yours == "mine=1\n"
    assert run.verify()[0].ok
    assert (run.outcome, run.evidence().outcome) == ("gave_up", "gave_up")


def test_an_untouched_file_is_not_kept(run: LabRunner) -> None:
    run.give_up()
    assert [path.name for path in run.workspace.iterdir()] == [FILE]


def test_whoever_has_passed_has_not_given_up(run: LabRunner) -> None:
    save(run, FIXED)
    run.verify()
    run.give_up()
    assert run.verify()[0].ok
    assert run.outcome == "verified"


@pytest.mark.parametrize("spoil", ["gone", "directory", "read-only"])
def test_reset_and_giving_up_bring_the_file_back_whatever_became_of_it(run: LabRunner, spoil: str) -> None:
    def do() -> None:
        path = run.workspace / FILE
        if spoil == "read-only":
            path.chmod(0o444)
            return
        path.unlink()
        if spoil == "directory":
            path.mkdir()

    do()
    run.give_up()
    assert (run.workspace / FILE).read_text() == handouts.text(7, f"reference/{FILE}")
    do()
    run._world._lease.cluster.reason = "gone"  # type: ignore[union-attr]  # there is no Kafka to clean here
    run.reset()
    assert (run.workspace / FILE).read_text() == handouts.text(7, FILE)
    assert not run.verify()[0].ok


def test_figures_know_whose_file_was_measured(run: LabRunner) -> None:
    run.verify()
    save(run, FIXED)
    run.verify()
    run.gave_up = True
    run.apply_reference_fix()
    run.verify()
    (figure,) = run.evidence().figures
    texts = [handouts.text(7, FILE), FIXED, handouts.text(7, f"reference/{FILE}")]
    assert [figure.template, figure.yours, figure.reference] == [len(text) for text in texts]
    assert run.evidence().files == ((FILE, texts[2]),)


def test_a_save_in_the_middle_is_no_pass(run: LabRunner, lab: FileLab, where: Dirs) -> None:
    lab.meanwhile = lambda _: save(run, FIXED)
    assert [check.id for check in run.verify() if not check.ok] == ["one-text"]
    assert run.outcome == "stopped"
    lab.meanwhile = lambda _: None
    assert run.verify()[0].ok


def test_a_reset_adds_no_step_to_repeat(run: LabRunner) -> None:
    before = run.evidence().steps
    run._world._lease.cluster.reason = "gone"  # type: ignore[union-attr]  # there is no Kafka to clean here
    run.reset()
    assert run.evidence().steps == before != ()


def test_an_interrupt_ends_a_verification_and_not_the_lab(run: LabRunner, lab: FileLab) -> None:
    assert not run.interrupt()

    def hang(ctx: LabContext) -> None:
        threading.Timer(0.05, run.interrupt).start()
        ctx.stop.wait(60)

    lab.meanwhile = hang
    with pytest.raises(Interrupted):
        run.verify()
    lab.meanwhile = lambda _: None
    assert not run.verify()[0].ok
    assert not run.interrupt()


def test_two_verifications_at_once_take_turns(run: LabRunner, lab: FileLab, where: Dirs) -> None:
    inside: list[int] = []
    most: list[int] = []

    def look(ctx: LabContext) -> None:
        inside.append(1)
        most.append(len(inside))
        ctx.stop.wait(0.2)
        inside.pop()

    lab.meanwhile = look
    other = threading.Thread(target=lambda: verify_running(lab, where, lambda _: None))
    other.start()
    run.verify()
    other.join(20)
    assert most == [1, 1]


@pytest.mark.parametrize(("line", "status"), [("edit", 0), ("edit own.py", 0), ("edit ../x", 2), ("watch", 0)])
def test_words_that_need_a_terminal_say_what_to_do(run: LabRunner, events: list[Event], line: str, status: int) -> None:
    assert run.command(line) == status
    assert ("lab watch 7" if line == "watch" else str(run.workspace)) in said(events)


def test_a_lab_without_files_says_so(where: Dirs, events: list[Event]) -> None:
    with LabRunner(PaperLab(), PaperSource(), where, events.append) as run:
        run.observe()
        assert run.command("edit") == 2
    assert "no file to edit" in said(events)
