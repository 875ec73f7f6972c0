"""Puts the real parts together for the app, and lets go of them at its end."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from tutor.errors import EnvironmentFault

if TYPE_CHECKING:
    from labs.dirs import Dirs
    from labs.external.connection import Chosen
    from tutor.grading.client import GraderClient
    from tutor.labs_bridge import LabsBridge
    from tutor.mocks.report import MockReport
    from tutor.outward.formats import Format, Made
    from tutor.sessions.ports import LabRecord
    from tutor.store.sqlite import SqliteStore
    from tutor.ui.services import Services


NO_WARM_UP = "KAFKA_TUTOR_NO_WARM_UP"
"""Set: no broker starts before a lab runs (benches, pictures, small machines)."""


class Wiring:
    """Store, grader and labs of one app. `services` is called once, off the interface's thread."""

    def __init__(self, cluster: Chosen | None = None) -> None:
        """`cluster`: where the labs get theirs from, if not from this machine."""
        self._cluster = cluster
        self._store: SqliteStore | None = None
        self._grader: GraderClient | None = None
        self._labs: LabsBridge | None = None

    def __enter__(self) -> Wiring:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def services(self) -> Services:
        """Open everything. Raises StoreError, EnvironmentFault; a second call tries again."""
        from labs.dirs import dirs
        from tutor.clock import SystemClock
        from tutor.grading.client import GraderClient
        from tutor.scenarios.library import load_library
        from tutor.store.sqlite import SqliteStore
        from tutor.ui.services import Services

        clock = SystemClock()
        self._store = self._store or SqliteStore.open(clock=clock)
        self._grader = self._grader or GraderClient()
        self._labs = self._labs or _labs(dirs(), self._cluster)
        places, store = dirs(), self._store
        return Services(
            load_library(),
            store,
            self._grader,
            self._labs,
            clock,
            lambda record: export(record, places.data / "evidence"),
            lambda kind: write_outward(store, kind, clock.now(), places.data / "exports"),
            lambda report: export_mock(report, places.data / "mocks"),
        )

    def close(self) -> None:
        """Stop the brokers and the grader's process, close the store. Safe to call twice."""
        if self._labs is not None:
            self._labs.close()
        if self._grader is not None:
            self._grader.close()
        if self._store is not None:
            self._store.close()


def outward(store: SqliteStore, kind: str, now: datetime) -> Made:
    """What `kafka-tutor export --format KIND` writes. Raises UsageError where there is nothing yet, StoreError."""
    from tutor.outward.formats import FILES, Made, make
    from tutor.scenarios.packs import load_all
    from tutor.store import transfer

    if kind in FILES:
        return make(kind, store, [pack.scenario for pack in load_all().packs], now)
    return Made(transfer.export(store, now), len(store.attempts()), "answer")


def write_outward(store: SqliteStore, kind: str, now: datetime, where: Path) -> Path:
    """Write an export of the app into its folder; the file. Raises UsageError, StoreError, EnvironmentFault."""
    from tutor.outward.formats import FILES
    from tutor.store import transfer
    from tutor.store.faults import explained

    made = outward(store, kind, now)
    path = where / FILES.get(cast("Format", kind), f"kafka-tutor-{now:%Y%m%d-%H%M%S}.json")
    with explained(path):
        where.mkdir(parents=True, exist_ok=True)
    transfer.write(made.data, path)
    return path


def _labs(places: Dirs, cluster: Chosen | None) -> LabsBridge:
    from labs import clusters
    from tutor.labs_bridge import LabsBridge

    provider = None if cluster is None else clusters.provider(cluster, places)

    class Cold(LabsBridge):
        """Starts a broker only when a lab runs."""

        def warm_up(self) -> None:
            """Do nothing."""

    return Cold(places, provider) if os.environ.get(NO_WARM_UP) else LabsBridge(places, provider)


def export(record: LabRecord, where: Path) -> Path:
    """Write the evidence of a lab run as Markdown, and as JSON beside it; the path of the Markdown file."""
    from tutor.sessions.lab import evidence_markdown

    row = json.loads(record.evidence)
    path = where / f"lab-{record.lab:02}-{record.at:%Y%m%d-%H%M%S}.md"
    try:
        where.mkdir(parents=True, exist_ok=True)
        path.write_text(evidence_markdown(row), encoding="utf-8")
        path.with_suffix(".json").write_text(json.dumps(row, indent=2, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            "The evidence cannot be written",
            f"{path}: {error.strerror}",
            "Make room or rights there, and press e again.",
        ) from error
    return path


def export_mock(report: MockReport, where: Path) -> Path:
    """Write the report of a mock interview as HTML, with Markdown and JSON beside it; the path of the HTML file."""
    import msgspec

    from tutor.mocks import markdown, page

    path = where / f"mock-{report.summary.mock:03}.html"
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(page.render(report), encoding="utf-8")
        path.with_suffix(".md").write_text(markdown.render(report), encoding="utf-8")
        path.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    except OSError as error:
        raise EnvironmentFault(
            "The report cannot be written", f"{path}: {error.strerror}", "Make room or rights there, and press e again."
        ) from error
    return path
