"""`kafka-tutor grade --grader openai`: nothing leaves without consent that names the host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.grading.chat_server import ChatServer, serving
from tutor.cli.main import main
from tutor.scenarios.packs import find, load_all

ANSWER = "The group already has committed offsets at the log end, so after a restart it resumes there and waits."


@pytest.fixture
def answer(tmp_path: Path) -> str:
    file = tmp_path / "answer.txt"
    file.write_text(ANSWER, encoding="utf-8")
    return str(file)


def said() -> str:
    point = find(load_all(), "1").scenario.points[0].id
    return json.dumps({"points": [{"id": point, "status": "covered", "sentences": [0]}]})


def arguments(server: ChatServer, answer: str, *more: str) -> list[str]:
    return ["grade", "1", answer, "--json", "--grader", "openai", "--endpoint", server.url, "--model", "small", *more]


def test_without_consent_nothing_is_sent(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda handler, _: handler.say(said())) as server:
        assert main(arguments(server, answer)) == 2
        assert main(arguments(server, answer, "--consent", "api.example.com")) == 2
    assert server.requests == []
    error = capsys.readouterr().err
    assert "would be sent to 127.0.0.1" in error and "--consent 127.0.0.1" in error and "api.example.com" in error


def test_consent_for_once_and_for_good(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda handler, _: handler.say(said())) as server:
        assert main(arguments(server, answer, "--consent", "127.0.0.1")) == 0
        assert main(arguments(server, answer)) == 2
        assert main(arguments(server, answer, "--consent", "127.0.0.1", "--remember")) == 0
        capsys.readouterr()
        assert main(arguments(server, answer)) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["grader"]["name"] == "openai" and len(server.requests) == 3
    assert any("127.0.0.1" in note for note in document["notes"])


def test_the_key_comes_from_the_environment(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TUTOR_GRADER_KEY", "from-outside")
    with serving(lambda handler, _: handler.say(said())) as server:
        assert main(arguments(server, answer, "--consent", "127.0.0.1")) == 0
    assert server.requests[0][1]["Authorization"] == "Bearer from-outside"


def test_a_batch_goes_there_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text("".join(json.dumps({"id": n, "scenario": 1, "answer": ANSWER}) + "\n" for n in (1, 2)), "utf-8")
    with serving(lambda handler, _: handler.say(said())) as server:
        options = ["--grader", "openai", "--endpoint", server.url, "--model", "small", "--consent", "127.0.0.1"]
        assert main(["grade", "--batch", str(batch), "--json", *options]) == 0
    assert len(server.requests) == 2
    assert [json.loads(line)["grader"]["name"] for line in capsys.readouterr().out.splitlines()] == ["openai"] * 2


@pytest.mark.parametrize(
    "options",
    [
        ["--grader", "openai"],
        ["--endpoint", "http://localhost/v1"],
        ["--grader", "openai", "--endpoint", "x", "--model", "y"],
    ],
)
def test_options_that_do_not_fit_are_refused(answer: str, options: list[str]) -> None:
    assert main(["grade", "1", answer, *options]) == 2
