"""The grader that ships: word model and cross-encoder, calibrated on scored answers."""

from __future__ import annotations

import msgspec

from tutor.grading import judging, resources
from tutor.grading.calibration import load, outdated
from tutor.grading.encoder import CrossEncoder
from tutor.grading.lexicon import load as load_lexicon
from tutor.grading.limits import graded_part
from tutor.grading.reading import Reader, Reading
from tutor.grading.resources import Resources
from tutor.grading.types import Grade, GraderId
from tutor.grading.untrained import supported
from tutor.scenarios.model import Scenario

NAME = "model"
NOTE_UNTRAINED = "The grader has not been trained on this scenario: it goes by the definitions and the words of their author, less exactly."
NOTE_CHANGED = "Parts of this rubric have changed since the grader was trained: these are judged less exactly."


class ModelGrader:
    """Grades with the model. Not thread-safe."""

    def __init__(self, files: Resources | None = None, threads: int = 2) -> None:
        """Load everything from disk. Raises GraderUnavailable."""
        found = resources.shipped() if files is None else files
        encoder = CrossEncoder(found.model, found.vocabulary, threads)
        self._calibration = load(found.calibration)
        self._reader = Reader(encoder, load_lexicon(found.lexicon), found.gates(), found.spelling())
        version = resources.digest(found.model) + "-" + resources.digest(found.lexicon, found.calibration)
        self._id = GraderId(NAME, version)

    @property
    def id(self) -> GraderId:
        """`model`, and the hashes of the model and of what was fitted to it."""
        return self._id

    def read(self, scenario: Scenario, answer: str) -> Reading:
        """What the models make of the answer, before calibration."""
        text, _ = graded_part(answer)
        return self._reader.read(scenario, text)

    def grade(self, scenario: Scenario, answer: str) -> Grade:
        """Grade one answer; what cannot be read is worth nothing, and a note says so. Raises AnswerRefused."""
        text, notes = graded_part(answer)
        reading = supported(scenario, self._reader.read(scenario, text))
        result = judging.grade(scenario, reading, self._calibration, self._id)
        extra = (*notes, *self._scenario_notes(scenario))
        return msgspec.structs.replace(result, notes=(*result.notes, *extra)) if extra else result

    def _scenario_notes(self, scenario: Scenario) -> tuple[str, ...]:
        if str(scenario.id) not in self._calibration.rubric:
            return (NOTE_UNTRAINED,)
        return (NOTE_CHANGED,) if outdated(self._calibration, [scenario]) else ()
