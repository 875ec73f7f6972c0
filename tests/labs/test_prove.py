"""Every lab proves itself on fresh brokers: the same table as `kafka-tutor lab prove --all`."""

from __future__ import annotations

import pytest

from labs import catalog, prove
from labs.broker.embedded import EmbeddedProvider
from labs.clusters import FreshClusters
from labs.dirs import Dirs

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("number", catalog.shipped())
def test_a_lab_proves_itself(number: int, kafka_dirs: Dirs, kafka_provider: EmbeddedProvider) -> None:
    proofs = prove.prove((number,), 1, FreshClusters(kafka_provider), kafka_dirs)
    print("\n".join(prove.table(prove.rows(proofs, lambda lab: catalog.info(lab).title))))  # noqa: T201
    assert [proof.wrong for proof in proofs] == [()]
