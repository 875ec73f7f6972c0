"""What keeps an answer from passing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tutor.grading import lexicon, passing, resources
from tutor.grading.calibration import load
from tutor.grading.reading import Reader, Reading
from tutor.scenarios.packs import find, load_all

GOOD = "The group has committed offsets, so it resumes there. The reset policy applies only where it has none."


class Sure:
    """An encoder that finds everything asserted."""

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        return np.tile(np.array([0.98, 0.01, 0.01], dtype=np.float32), (len(pairs), 1))


@pytest.fixture(scope="module")
def reading() -> Reading:
    files = resources.shipped()
    reader = Reader(Sure(), lexicon.load(files.lexicon), files.gates(), files.spelling())
    return reader.read(find(load_all(), "1").scenario, GOOD)


@pytest.mark.parametrize(
    ("points", "covered", "kept"), [(11, 2, True), (11, 3, False), (3, 2, True), (2, 2, False), (2, 1, True)]
)
def test_a_pass_needs_three_points_or_all_of_a_short_rubric(
    reading: Reading, points: int, covered: int, kept: bool
) -> None:
    asserted = reading.asserts.max(axis=0).argsort()[::-1][:points]  # the points that were read come first
    narrow = replace(reading, asserts=reading.asserts[:, asserted], known=reading.known[asserted])
    notes = passing.obstacles(
        narrow, [index < covered for index in range(points)], load(resources.shipped().calibration)
    )
    few = passing.NOTE_TOO_FEW in notes or passing.NOTE_UNCONFIRMED in notes
    assert few is kept
