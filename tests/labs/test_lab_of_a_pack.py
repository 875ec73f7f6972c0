"""The example pack's lab, added and trusted as a learner does it, on a real broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import prove
from labs.broker.embedded import EmbeddedProvider
from labs.clusters import FreshClusters
from labs.dirs import Dirs
from tutor.cli.main import main

pytestmark = pytest.mark.broker
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "311-lag-alert"


def test_it_proves_itself(kafka_dirs: Dirs, kafka_provider: EmbeddedProvider) -> None:
    assert main(["pack", "add", "--no-grade", str(EXAMPLE)]) == 0
    assert main(["pack", "trust", "lag-alert", "--yes"]) == 0
    (proof,) = prove.prove((311,), 1, FreshClusters(kafka_provider), kafka_dirs)
    assert proof.wrong == ()
