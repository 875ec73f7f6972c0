"""Rights that hold a test back as they hold a learner back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def plain_user() -> Iterator[Path]:
    """A directory, and the rights of a user whom file permissions hold back (root is above them)."""
    place = Path(tempfile.mkdtemp(prefix="kafka-tutor-test-"))
    root = os.geteuid() == 0
    if root:
        os.chown(place, NOBODY, -1)
        os.seteuid(NOBODY)
    try:
        yield place
    finally:
        if root:
            os.seteuid(0)
        for folder in [place, *place.rglob("*")]:
            folder.chmod(0o700)
        shutil.rmtree(place)
