"""The app's branches of the one exception tree (its root is drawn in `labs.errors`).

LearnerError
├── PackError          a question pack cannot be read: file, line, key
├── UnknownScenario    no scenario of that number or slug
├── AnswerRefused      an answer that cannot be graded (binary, too long)
├── GraderUnavailable  the asked-for grader cannot be loaded
├── StoreError         the learner's data cannot be read or written
│   ├── StoreDamaged   the file is broken; it was set aside, and a backup may be there
│   └── StoreTooNew    the file was written by a newer kafka-tutor; it is left as it is
└── UsageError         a command line that asks for something impossible
"""

from __future__ import annotations

from labs.errors import EnvironmentFault, LearnerError

__all__ = [
    "AnswerRefused",
    "EnvironmentFault",
    "GraderUnavailable",
    "LearnerError",
    "PackError",
    "StoreDamaged",
    "StoreError",
    "StoreTooNew",
    "UnknownScenario",
    "UsageError",
]


class PackError(LearnerError):
    """A question pack cannot be read."""


class UnknownScenario(LearnerError):
    """There is no scenario of that number or slug."""


class AnswerRefused(LearnerError):
    """The answer cannot be graded; it is kept."""


class GraderUnavailable(LearnerError):
    """The asked-for grader cannot be loaded."""


class StoreError(LearnerError):
    """The learner's data cannot be read or written."""


class StoreDamaged(StoreError):
    """The file of the learner's data is broken. It was set aside, never deleted; the next start begins empty."""


class StoreTooNew(StoreError):
    """The learner's data was written by a newer kafka-tutor. Nothing was changed."""


class UsageError(LearnerError):
    """The command line asks for something impossible."""
