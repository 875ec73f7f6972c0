"""What is fuzzed, and what must hold whatever comes in. A target takes hypothesis's data and raises where it does not hold."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from labs import added, catalog, handouts, properties, routing_plan, solution, workspace
from labs.dirs import Dirs
from labs.errors import LearnerError
from labs.facts import Facts
from labs.session_file import lab_paths, read_session
from tests.fuzz.inputs import files, raw, texts, values
from tutor import text as safe
from tutor.grading.graders import load_grader
from tutor.grading.types import Grade, Grader
from tutor.scenarios.added import check_pack
from tutor.scenarios.library import read_added
from tutor.scenarios.packs import load_all, load_pack
from tutor.sessions.answers import accept_bytes
from tutor.sessions.ports import Draft
from tutor.store import transfer
from tutor.store.sqlite import SqliteStore

Target = Callable[[st.DataObject], None]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "311-lag-alert"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@contextmanager
def packs(scratch: Path, _: bool) -> Iterator[Target]:
    """A pack by somebody else: checked, and read or named. Nothing is shown that could command a terminal, and no lab runs."""
    names = [path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*") if path.is_file()]
    seeds = {name: (EXAMPLE / name).read_bytes() for name in names if "__pycache__" not in name}
    ten = {pack.id: pack for pack in load_all().packs}
    root = scratch / "packs"
    which, contents = st.sampled_from(sorted(seeds)), {name: files([seed]) for name, seed in seeds.items()}

    def target(data: st.DataObject) -> None:
        name = data.draw(which)
        content = data.draw(contents[name])
        folder = root / EXAMPLE.name
        shutil.rmtree(root, ignore_errors=True)
        for path, seed in seeds.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content if path == name else seed)
        report = check_pack(folder, {}, None)
        library = read_added(root, ten)
        for fault in (*report.faults, *library.faults):
            assert safe.shown(str(fault)) == str(fault)
        assert bool(library.packs) != bool(library.faults)
        for pack in library.packs:
            shown = (pack.scenario.title, pack.scenario.situation, pack.model_answer, pack.debrief)
            assert all(safe.shown(text) == text for text in shown)
        assert [lab.trusted for lab in added.found(root)] in ([], [False])

    yield target


@contextmanager
def imports(scratch: Path, _: bool) -> Iterator[Target]:
    """`kafka-tutor import` of what somebody sends: taken over as a whole or refused, and then nothing of the learner's is lost."""
    store = SqliteStore.open(scratch / "mine.db")
    draft = Draft(1, "What I wrote, with a half \ud800 pair.", 12.5, NOW)
    store.save_draft(draft)
    good = transfer.export(store, NOW)
    scenarios = load_all().packs
    grade = load_grader("keywords").grade(scenarios[0].scenario, scenarios[0].model_answer)
    rich = _with_rows(scratch / "rich.db", grade)
    tables, contents = json.loads(rich)["tables"], files([good, rich])

    def target(data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            content = data.draw(contents)
        else:
            content = json.dumps(_broken(data, json.loads(rich), sorted(tables))).encode()
        try:
            document = transfer.parse(content)
            transfer.import_(store, document, NOW)
        except LearnerError:
            assert transfer.export(store, NOW) == good
            return
        transfer.import_(store, transfer.parse(transfer.export(store, NOW)), NOW)  # what was taken over goes out and in
        transfer.import_(store, transfer.parse(good), NOW)
        assert list(store.drafts()) == [draft]
        for backup in scratch.rglob("*backup*"):
            if backup.is_file():
                backup.unlink()

    with contextlib.closing(store):
        yield target


def _with_rows(path: Path, grade: Grade) -> bytes:
    """An export that has a row in most tables."""
    from tutor.review.days import next_day
    from tutor.review.making import cards_of
    from tutor.sessions.ports import Attempt, LabRecord, Overrule

    scenario = load_all().packs[0].scenario
    with SqliteStore.open(path) as store:
        attempt = store.add_attempt(
            Attempt(0, 1, "An answer.", grade, NOW, 60.0), cards_of(scenario, grade, due=next_day(NOW))
        )
        store.overrule(Overrule(attempt.id, scenario.points[0].id, True, NOW))
        store.skip_lab_lock(3, NOW)
        store.set_setting("theme", "dark")
        store.add_lab_record(LabRecord(1, "verified", NOW, 30.0, 0, 1, 2, "{}"))
        return transfer.export(store, NOW)


def _broken(data: st.DataObject, document: dict[str, object], names: list[str]) -> dict[str, object]:
    """One cell, row or head of an export replaced by anything."""
    kind = data.draw(st.sampled_from(("cell", "row", "head")))
    anything = data.draw(values())
    if kind == "head":
        document[data.draw(st.sampled_from(sorted(document)))] = anything
        return document
    tables: dict[str, dict[str, list[list[object]]]] = document["tables"]  # type: ignore[assignment]
    rows = tables[data.draw(st.sampled_from([name for name in names if tables[name]["rows"]]))]["rows"]
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    if kind == "row":
        rows.append(row)
    else:
        row[data.draw(st.integers(0, len(row) - 1))] = anything
    return document


@contextmanager
def settings(scratch: Path, _: bool) -> Iterator[Target]:
    """A learner's producer.properties: every line is a setting or a fault in words."""
    seeds = [handouts.text(7, name).encode() for name in ("producer.properties", "reference/producer.properties")]

    contents = files(seeds)

    def target(data: st.DataObject) -> None:
        content = data.draw(contents).decode(errors="replace")
        found = properties.parse(content)
        assert all(isinstance(value, str) for value in found.values.values())
        assert all(fault.startswith("line ") for fault in found.faults)
        properties.durable(found.values)

    yield target


@contextmanager
def answers(scratch: Path, thorough: bool) -> Iterator[Target]:
    """An answer from a file: refused in words, or graded, with a score within 0 to 10 and evidence inside the answer."""
    library = [*load_all().packs, load_pack(EXAMPLE)]
    seeds = [example.text.encode() for pack in library for example in pack.examples]
    contents = files(seeds)
    graders: list[Grader] = [load_grader("keywords"), *([load_grader("model")] if thorough else [])]

    def target(data: st.DataObject) -> None:
        pack = library[data.draw(st.integers(0, len(library) - 1))]
        try:
            accepted = accept_bytes(data.draw(contents))
            given = graders[data.draw(st.integers(0, len(graders) - 1))].grade(pack.scenario, accepted.graded)
        except LearnerError as error:
            assert error.title and error.next_step
            return
        assert len(accepted.kept) == len(accepted.graded)
        assert 0 <= given.score <= 10
        assert len(given.points) == len(pack.scenario.points)
        for found in (*given.points, *given.misconceptions):
            assert all(0 <= span.start <= span.end <= len(accepted.kept) for span in found.evidence)

    yield target


@contextmanager
def workspaces(scratch: Path, _: bool) -> Iterator[Target]:
    """A lab's workspace in which anything may lie: read, compared, watched, edited, and removed without a trace."""
    dirs = Dirs(scratch / "data", scratch / "cache", scratch / "state")
    infos = {number: catalog.info(number) for number in catalog.shipped() if handouts.has(number, _first_file(number))}
    plans = [handouts.text(10, name).encode() for name in ("routing.yaml", "reference/routing.yaml")]
    kinds = st.sampled_from(("file", "file", "file", "directory", "link", "dangling", "pipe", "locked", "none"))
    which, plan = st.sampled_from(sorted(infos)), files(plans)
    contents = {
        number: files([handouts.text(number, name).encode() for name in info.task.files])
        for number, info in infos.items()
    }

    def target(data: st.DataObject) -> None:
        info = infos[data.draw(which)]
        paths = lab_paths(dirs, info.number)
        folder = paths.workspace
        workspace.make(folder)
        for name in info.task.files:
            _put(folder / name, data.draw(kinds), data.draw(contents[info.number]))
        _put(paths.session, "file", data.draw(raw()))
        _put(paths.facts, "file", data.draw(raw()))
        written = solution.texts_of(info, folder)
        for name in info.task.files:
            pair = solution.Pair(name, written[name], handouts.text(info.number, f"reference/{name}"))
            for width in (80, 160):
                solution.lines(pair, width)
        solution.whose(info, written)
        routing_plan.parse(data.draw(plan).decode(errors="replace"))
        workspace.fingerprint(folder, workspace.editable(folder, info.task.files))
        read_session(paths)
        Facts(paths.facts).get("commits_from")
        odd = data.draw(texts())
        for look in (workspace.to_edit, workspace.read_input):
            with contextlib.suppress(LearnerError):
                look(folder, info.task.files, odd) if look is workspace.to_edit else look(folder, odd)  # type: ignore[call-arg, arg-type]
        workspace.remove(paths.home)
        assert not os.path.lexists(paths.home)

    yield target


def _first_file(number: int) -> str:
    return next(iter(catalog.info(number).task.files), "none")


def _put(path: Path, kind: str, content: bytes) -> None:
    """Something of this kind in this place."""
    workspace.remove(path)
    if kind in ("file", "locked"):
        path.write_bytes(content)
    if kind == "locked":
        path.chmod(0)
    elif kind == "directory":
        (path / "inner").mkdir(parents=True)
        path.chmod(0o500)
    elif kind in ("link", "dangling"):
        path.symlink_to("/etc/hostname" if kind == "link" else path.with_name("nowhere"))
    elif kind == "pipe":
        os.mkfifo(path)


TARGETS = {
    "packs": packs,
    "imports": imports,
    "properties": settings,
    "answers": answers,
    "workspaces": workspaces,
}
