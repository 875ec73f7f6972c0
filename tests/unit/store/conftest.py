from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.unit.sessions.make import FakeClock
from tests.unit.users import plain_user  # noqa: F401
from tutor.store.sqlite import SqliteStore


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tutor.db"


@pytest.fixture
def reopen(path: Path, clock: FakeClock) -> Iterator[Callable[[], SqliteStore]]:
    """Opens the store as often as asked and closes every one of them."""
    opened: list[SqliteStore] = []

    def open_() -> SqliteStore:
        opened.append(SqliteStore.open(path, clock))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Callable[[], SqliteStore]) -> SqliteStore:
    return reopen()


@pytest.fixture
def small_files() -> Callable[[int], AbstractContextManager[None]]:
    """Inside, no file of this process grows past so many bytes: the system's own refusal, as of a disk without room."""

    @contextmanager
    def limited(most: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))  # Python ignores the signal: the write fails
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited
