"""The one exception tree of the project, drawn here; `tutor.errors` adds its own branches to the same root.

LearnerError                    anything a learner may see: title, cause, next step, exit code
├── BrokerError                 Kafka could not be had
│   ├── JavaUnavailable         no Java runtime that Kafka runs on
│   ├── JarsUnavailable         jars missing and not to be fetched (no network, disk full)
│   ├── JarMismatch             a jar whose SHA-256 is not the locked one
│   ├── BrokerStartFailed       the process ended or never became ready
│   ├── BrokerDied              a running broker went away
│   ├── BadClusterSettings      what is said about a cluster of the learner's own is wrong or not enough
│   └── ClusterUnusable         that cluster cannot be reached, or does not let the learner in
├── LabError                    a lab could not go on
│   ├── UnknownLab              no lab of that number
│   ├── BadPrediction           a prediction that is not a value of its kind
│   ├── LabBusy                 the same lab is running elsewhere
│   ├── LabNotRunning           verify without a run
│   ├── NotOnThisCluster        the lab needs more than the cluster has or allows
│   ├── LabStopped              the learner stopped it (not a fault)
│   ├── Interrupted             the learner ended a command or a verification; the lab goes on (not a fault)
│   ├── SolutionLocked          the reference solution, before a pass and before giving up
│   ├── KafkaRefused            Kafka answered a call with an error
│   ├── RabbitError             RabbitMQ could not be had, or is gone
│   │   └── RabbitRefused       RabbitMQ answered a call with an error
│   └── ToolFailed              a Kafka tool could not be started
└── EnvironmentFault            disk full, read-only directory, port taken
"""

from __future__ import annotations


class LearnerError(Exception):
    """A fault explained to the learner: what happened, why, and the one next step.

    Attributes:
        title: one line, no full stop.
        cause: one or two sentences, with the facts found.
        next_step: what to do, a command where there is one.
        exit_code: of the command line (2 for bad input and faults of the environment).
    """

    exit_code: int = 2

    def __init__(self, title: str, cause: str = "", next_step: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return "\n".join(part for part in (self.title, self.cause, self.next_step) if part)


class EnvironmentFault(LearnerError):
    """The machine refuses: disk full, directory not writable, port taken."""


class BrokerError(LearnerError):
    """Kafka could not be had."""


class JavaUnavailable(BrokerError):
    """No Java runtime that Kafka runs on."""


class JarsUnavailable(BrokerError):
    """Jars are missing and could not be fetched."""


class JarMismatch(BrokerError):
    """A jar's SHA-256 differs from the committed lock."""


class BrokerStartFailed(BrokerError):
    """The broker process ended, or did not become ready in time."""


class BrokerDied(BrokerError):
    """A broker that was running is gone."""


class BadClusterSettings(BrokerError):
    """What is said about a cluster of the learner's own is wrong, or not enough."""


class ClusterUnusable(BrokerError):
    """A cluster of the learner's own cannot be reached, or does not let the learner in."""


class LabError(LearnerError):
    """A lab could not go on."""


class UnknownLab(LabError):
    """There is no lab of that number."""


class BadPrediction(LabError):
    """A prediction that is not a value of its kind.

    Attributes:
        question_id: the question it belongs to.
    """

    def __init__(self, question_id: str, title: str, cause: str = "", next_step: str = "") -> None:
        super().__init__(title, cause, next_step)
        self.question_id = question_id


class LabBusy(LabError):
    """The same lab is running in another window."""


class LabNotRunning(LabError):
    """A command for a running lab, and none is running."""


class NotOnThisCluster(LabError):
    """The lab needs more than the cluster has or allows."""


class LabStopped(LabError):
    """The learner stopped the lab. Raised at the next checkpoint; not a fault."""


class Interrupted(LabError):
    """The learner ended a command or a verification; the lab goes on. Raised at the next checkpoint; not a fault."""


class SolutionLocked(LabError):
    """The reference solution was asked for before a pass and before giving up."""


class KafkaRefused(LabError):
    """Kafka answered a call with an error.

    Attributes:
        error: the name of Kafka's error, e.g. `UnknownTopicOrPartitionError`.
    """

    def __init__(self, title: str, cause: str = "", next_step: str = "", *, error: str) -> None:
        super().__init__(title, cause, next_step)
        self.error = error


class RabbitError(LabError):
    """RabbitMQ could not be had, or is gone."""


class RabbitRefused(RabbitError):
    """RabbitMQ answered a call with an error."""


class ToolFailed(LabError):
    """A Kafka command-line tool could not be started."""
