"""An answer without a part of it: as if that had never been written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pytest

from tutor.grading import lexicon, resources
from tutor.grading.graders import ModelGrader
from tutor.grading.judging import NOTE_LOWERED
from tutor.grading.reading import Reader, Reading
from tutor.scenarios.model import Scenario
from tutor.scenarios.packs import find, load_all

GOOD = "The group has committed offsets, so it resumes there. The reset policy applies only where it has none."
BELIEF = "With earliest the consumer reads everything from the beginning again at every restart."
LIST = "- Kafka log, append only, high throughput, replayable\n- RabbitMQ, flexible routing, many features, messaging patterns"
ROUTING = "The Kafka broker can make the routing by header and pattern, for this one needs no Rabbit."


class OneOfItsOwn:
    """An encoder whose answer hangs on the pair alone."""

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        rows = [[len(window) % 7, len(definition) % 5, 3.0] for window, definition in pairs]
        return np.array(rows, dtype=np.float32).reshape(-1, 3) / 10.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return find(load_all(), "1").scenario


@pytest.fixture(scope="module")
def reader() -> Reader:
    files = resources.shipped()
    return Reader(OneOfItsOwn(), lexicon.load(files.lexicon), files.gates(), files.spelling())


def told(reading: Reading) -> dict[str, object]:
    """What it says of the units; which windows were read depends on the others."""
    left_out = ("again", "asserts", "denies", "read", "windows", "units")
    values = {field.name: getattr(reading, field.name) for field in fields(reading) if field.name not in left_out}
    values = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return values | {
        "windows": [(window.text, window.units, window.kind) for window in reading.windows],
        "units": [(unit.text, unit.kind, unit.heading) for unit in reading.units],
    }


@pytest.mark.parametrize(("first", "second"), [(GOOD, BELIEF), (BELIEF, GOOD)])
def test_the_rest_reads_like_the_rest_alone(reader: Reader, scenario: Scenario, first: str, second: str) -> None:
    both = reader.read(scenario, f"{first}\n\n{second}")
    size = len(reader.read(scenario, first).units)
    of_first, of_second = frozenset(range(size)), frozenset(range(size, len(both.units)))
    assert told(both.without(of_second)) == told(reader.read(scenario, first))
    assert told(both.without(of_first)) == told(reader.read(scenario, second))


def test_beside_a_misconception_a_list_is_still_a_list() -> None:
    grader, scenario = ModelGrader(), find(load_all(), "10").scenario
    both = grader.read(scenario, f"{LIST}\n\n{ROUTING}")
    assert not any(both.verdict.flags)
    grade = grader.grade(scenario, f"{LIST}\n\n{ROUTING}")
    assert grade.score <= grader.grade(scenario, LIST).score < 1
    assert NOTE_LOWERED in grade.notes
