"""What is reported to be refuted is nobody's claim; what is reported and stands is left alone."""

from __future__ import annotations

import pytest

from tutor.grading.speech import reported


@pytest.mark.parametrize(
    "units",
    [
        ["Many believe that a restart reads everything again.", "That's not so."],
        ["People warn that more threads share the same heap.", "Nonsense, more threads means quicker processing."],
        ["You may read that latest points to the end of the log.", "What it actually points to is your last commit."],
        ["In many guides you read that all members have to be shut down.", "I consider that unnecessary."],
    ],
)
def test_a_report_that_the_next_sentence_refutes(units: list[str]) -> None:
    assert reported(units) == {0}


@pytest.mark.parametrize(
    "units",
    [
        ["The guides say that all members have to be shut down.", "So I stop them first."],
        ["You may start at any offset.", "Actually that is what a log is for."],
        ["More threads share the same heap.", "Nonsense."],
    ],
)
def test_what_stands(units: list[str]) -> None:
    assert not reported(units)
