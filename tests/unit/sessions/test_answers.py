"""What is accepted, what is refused, and that nothing of an accepted answer changes."""

from __future__ import annotations

import pytest

from tests.unit.sessions.make import EVERYTHING
from tutor.errors import AnswerRefused
from tutor.sessions.answers import MAX_BYTES, accept, accept_bytes


@pytest.mark.parametrize("blank", ["", "   \n\t", "\x00\x00", "\u200b\u2060", "\u2028"])
def test_nothing_to_read_is_refused(blank: str) -> None:
    with pytest.raises(AnswerRefused, match="nothing to grade"):
        accept(blank)


def test_what_is_accepted_is_kept_as_typed_and_graded_without_controls() -> None:
    answer = "The group resumes at its committed offset. " * 10 + EVERYTHING
    taken = accept(answer)
    assert taken.kept == answer
    assert len(taken.graded) == len(answer)
    assert "\x1b" not in taken.graded and "\x00" not in taken.graded and "日本語" in taken.graded


def test_right_to_left_and_emoji_are_answers_like_others() -> None:
    answer = "المجموعة تستأنف من الإزاحة المثبتة \U0001f469\u200d\U0001f4bb"
    assert accept(answer).graded == answer


def test_the_limit_is_stated_and_counts_bytes() -> None:
    assert accept("x" * MAX_BYTES).kept
    with pytest.raises(AnswerRefused, match=r"At most 1\.0 MB"):
        accept("x" * (MAX_BYTES + 1))
    with pytest.raises(AnswerRefused, match=r"too long: 1\.5 MB"):
        accept("語" * (MAX_BYTES // 2))
    with pytest.raises(AnswerRefused, match="too long"):
        accept_bytes(b"x" * (5 * MAX_BYTES))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_files_of_common_encodings(encoding: str) -> None:
    assert accept_bytes("Kafka behält den Offset.".encode(encoding)).kept == "Kafka behält den Offset."


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0 jpeg", b"ok \xc3\x28", bytes(range(256)), "no mark".encode("utf-16-le")]
)
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(AnswerRefused, match="not text"):
        accept_bytes(data)


def test_a_refusal_says_where_the_file_stops_being_text() -> None:
    with pytest.raises(AnswerRefused, match="byte 4 cannot be read"):
        accept_bytes(b"abc\xff")
