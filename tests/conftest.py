"""Rules for every test: nothing reaches the learner's own directories, and in CI nothing is skipped."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.broker.embedded import EmbeddedProvider
from labs.dirs import HOME_VARIABLE, Dirs
from tutor.sessions.tour import NO_TOUR

NOTHING_SKIPPED = "KAFKA_TUTOR_NOTHING_SKIPPED"


def pytest_configure() -> None:
    """A shell's background jobs ignore SIGINT, `nohup` SIGHUP, and so would every child: tests that send these need them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


TESTS = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Labs come first, and in two rows, each one after the other: they measure, and a crowd would decide what they find.

    Long tests next. One row of labs would be what all others wait for in the end; whole proofs are half of its time.
    """
    for item in items:
        if part_of(item.path) == "labs":
            item.add_marker(pytest.mark.xdist_group("proofs" if item.path.stem in PROOFS else "labs"))
    items.sort(key=lambda item: ORDER.get(part_of(item.path), len(ORDER)))


PROOFS = {"test_containers", "test_isolation", "test_prove"}
"""Files of lab tests that prove whole labs, one after the other."""

ORDER = {"labs": 0, "e2e": 1}
"""Folder of tests → when it is its turn; the others come after these."""


def part_of(path: Path) -> str:
    """The folder under tests."""
    return path.relative_to(TESTS).parts[0]


def pytest_collection_finish() -> None:
    """All that is imported by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Data, cache and state in a directory of the test's own."""
    home = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv(NO_TOUR, "1")  # every test's learner is new
    yield home


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(NOTHING_SKIPPED):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"


# --- Kafka for tests -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def kafka_cache(pytestconfig: pytest.Config) -> Path:
    """Jars, template and AOT cache, kept from one test run to the next: 45 MB are fetched once, not once a test."""
    return pytestconfig.cache.mkdir("kafka")  # type: ignore[union-attr]


@pytest.fixture
def kafka_home(own_home: Path, kafka_cache: Path) -> Path:
    """The home of the test's own, with that cache in it: for tests that run the app or the command line."""
    own_home.mkdir(exist_ok=True)
    (own_home / "cache").symlink_to(kafka_cache, target_is_directory=True)
    return own_home


@pytest.fixture
def kafka_dirs(kafka_home: Path) -> Dirs:
    """The directories of `kafka_home`."""
    return Dirs(kafka_home / "data", kafka_home / "cache", kafka_home / "state")


@pytest.fixture
def kafka_provider(kafka_dirs: Dirs) -> EmbeddedProvider:
    """Starts embedded clusters that leave no trace outside the test."""
    return EmbeddedProvider(kafka_dirs)
