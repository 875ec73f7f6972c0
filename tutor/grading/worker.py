"""The grader in a process of its own: `python -m tutor.grading.worker`, JSON lines in and out, ends with its parent.

The model never loads in the interface's process, and a crash of it takes nothing along. Lines in: `Request`. Lines out:
`Ready` once, then a `Reply` for each request, in order.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import BinaryIO

import msgspec

from tutor.errors import AnswerRefused, LearnerError
from tutor.grading.types import Grade, Grader, GraderId
from tutor.scenarios.model import Scenario


class Request(msgspec.Struct, frozen=True):
    """Grade this."""

    id: int
    scenario: Scenario
    answer: str


class Fault(msgspec.Struct, frozen=True):
    """A LearnerError, for the other side of the pipe."""

    title: str
    cause: str = ""
    next_step: str = ""
    refused: bool = False
    """AnswerRefused: the answer's fault, not the grader's."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The grader is loaded, or could not be."""

    grader: GraderId | None
    fault: Fault | None = None


class Reply(msgspec.Struct, frozen=True, tag="reply"):
    """The grade, or why there is none."""

    id: int
    grade: Grade | None
    fault: Fault | None = None


Message = Ready | Reply


def serve(requests: BinaryIO, replies: BinaryIO, grader: Grader) -> None:
    """Answer requests until there are no more."""
    decoder = msgspec.json.Decoder(Request)
    _send(replies, Ready(grader.id))
    for line in requests:
        request = decoder.decode(line)
        _send(replies, _reply(grader, request))


def _reply(grader: Grader, request: Request) -> Reply:
    try:
        return Reply(request.id, grader.grade(request.scenario, request.answer))
    except LearnerError as error:
        return Reply(request.id, None, _fault(error))


def _fault(error: LearnerError) -> Fault:
    return Fault(error.title, error.cause, error.next_step, isinstance(error, AnswerRefused))


def _send(replies: BinaryIO, message: Message) -> None:
    replies.write(msgspec.json.encode(message) + b"\n")
    replies.flush()


def main() -> int:
    """Load the grader and serve. Whatever else prints goes to stderr, so that the lines stay clean."""
    from tutor.grading.graders import load_grader

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent; this process ends with its pipe
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        with replies:
            try:
                grader = load_grader()
            except LearnerError as error:
                _send(replies, Ready(None, _fault(error)))
                return 2
            serve(sys.stdin.buffer, replies, grader)
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
