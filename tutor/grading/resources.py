"""Where the grader's files are, and what identifies them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tutor.errors import GraderUnavailable
from tutor.grading import word_order
from tutor.grading.gates import Gates
from tutor.grading.spelling import Spelling
from tutor.scenarios.track import questions_root


@dataclass(frozen=True, slots=True)
class Resources:
    """The files of one grader."""

    folder: Path

    @property
    def model(self) -> Path:
        """The cross-encoder."""
        return self.folder / "model.int8.onnx"

    @property
    def record(self) -> Path:
        """How it was trained."""
        return self.folder / "model.json"

    @property
    def vocabulary(self) -> Path:
        """Its word pieces, one a line."""
        return self.folder / "vocab.txt"

    @property
    def lexicon(self) -> Path:
        """The word model."""
        return self.folder / "lexicon.npz"

    @property
    def word_order(self) -> Path:
        """The model of word order."""
        return self.folder / "word_order.json"

    @property
    def calibration(self) -> Path:
        """Weights and thresholds."""
        return self.folder / "calibration.json"

    @property
    def data(self) -> Path:
        """Labelled texts."""
        return self.folder / "data"

    @property
    def kept_apart(self) -> Path:
        """Scored answers that nothing is fitted on."""
        return self.data / "kept_apart.jsonl"

    def gates(self) -> Gates:
        """The gates, without numpy. Raises GraderUnavailable."""
        with self._readable():
            order = word_order.load(self.word_order)
            return Gates(order, dictionary(self.vocabulary) | order.known)

    def spelling(self) -> Spelling:
        """What mends typos. Raises GraderUnavailable."""
        with self._readable():
            return Spelling(by_frequency(self.vocabulary), word_order.load(self.word_order).known)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise GraderUnavailable(
                "The grader's files cannot be read", f"{self.folder}: {error}", "kafka-tutor doctor"
            ) from error


def shipped() -> Resources:
    """The files of this release."""
    return Resources(questions_root() / "grader")


def dictionary(vocabulary: Path) -> frozenset[str]:
    """Whole words of the vocabulary. Raises OSError."""
    return frozenset(by_frequency(vocabulary))


def by_frequency(vocabulary: Path) -> list[str]:
    """Whole words of the vocabulary, roughly the most frequent first. Raises OSError."""
    words = vocabulary.read_text(encoding="utf-8").split("\n")
    return [word for word in words if len(word) > 1 and word.isalpha()]


def digest(*files: Path) -> str:
    """The first characters of the SHA-256 of files. Raises GraderUnavailable."""
    total = hashlib.sha256()
    try:
        for file in files:
            with file.open("rb") as stream:
                total.update(hashlib.file_digest(stream, "sha256").digest())
    except OSError as error:
        raise GraderUnavailable(
            "The grader's files cannot be read", f"{error.filename}: {error.strerror}", "kafka-tutor doctor"
        ) from error
    return total.hexdigest()[:8]
