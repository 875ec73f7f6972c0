"""The report as Markdown, HTML and JSON: all of it is there, and nothing that was typed becomes markup."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.mocking import begun, finished, say, session
from tests.unit.sessions.make import FakeClock, grade, lab, scenario
from tutor.cli.mock import document
from tutor.grading.types import Grade, MisconceptionResult, Span
from tutor.mocks import markdown, page
from tutor.mocks.report import MockReport
from tutor.scenarios.model import Scenario
from tutor.sessions.mock import mock_of, redo_turn
from tutor.sessions.mock_report import report
from tutor.sessions.mock_session import MockSession, close
from tutor.store.sqlite import SqliteStore
from tutor.text import shown
from tutor.wiring import export_mock

HOSTILE = """\
<script>alert(1)</script> </blockquote><img src=x onerror=alert(2)> &amp; &#60;b&#62; "quoted" 'single'
# a heading, *stars*, _under_ max_poll_records __init__ `code` ``` ~~~ ~~gone~~ [link](http://x.example) ![i](j)
- a list
1. a number
2) another
> a quote
    four spaces
| a | table |
|---|---|
===
---
\\ backslash \\* and a line break  \n<https://auto.example> https://plain.example www.plain.example
]]> --> ${x} {{y}} \x1b[31mred\x1b[0m \x00 \u202e override \ud800 half"""


def grading(one: Scenario, text: str) -> Grade:
    words = text.index("backslash")
    return grade(
        4.4,
        one.id,
        statuses={"resume": "partial"},
        spans={"resume": (Span(0, words),)},
        held=(MisconceptionResult("m_always", (Span(0, 30),), 0.9, True),),
        dimensions={"cause": 4.4, "debugging": 1.0},
        raise_most=("policy",),
        notes=("Only part of it was graded.",),
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockReport]:
    known, clock = [scenario(1), scenario(2)], FakeClock()
    with SqliteStore.open(tmp_path_factory.mktemp("report") / "tutor.db", clock) as store:
        for _ in range(2):
            mock = begun(store, known, clock.now(), "junior")
            for text in (HOSTILE, f"And so on. {HOSTILE}"):
                one = session(store, mock, known, clock)
                clock.move(200)
                say(one, text, grading)
            one = session(store, mock, known, clock)
            one.type(f"begun {HOSTILE}")
            one.save()
            close(store, mock, clock.now())
            mock = finished(store, mock_of(store, mock.id), known, clock, 9)
            clock.move(timedelta(days=1).total_seconds())
        say(MockSession.start(mock, redo_turn(mock, known), store, clock), f"again {HOSTILE}", grading)
        yield report(store, mock.id, known, [lab()])


SAID = [HOSTILE, f"And so on. {HOSTILE}", f"begun {HOSTILE}", f"again {HOSTILE}"]


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in shown(text).split("\n")]


def quotes(source: str) -> list[list[str]]:
    """The lines of every block quote, as a Markdown reader understands them."""
    found: list[list[str]] = []
    inside = False
    for token in MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(source):
        if token.type == "blockquote_open":
            assert not inside, "a quote within a quote"
            inside = True
            found.append([""])
        elif token.type == "blockquote_close":
            inside = False
        elif inside and token.type == "inline":
            for part in token.children or ():
                assert part.type in ("text", "text_special", "hardbreak"), part
                if part.type == "hardbreak":
                    found[-1].append("")
                else:
                    found[-1][-1] += part.content
        elif inside:
            assert token.type in ("paragraph_open", "paragraph_close"), token
            if token.type == "paragraph_open" and found[-1] != [""]:
                found[-1] += ["", ""]
    return found


def test_a_markdown_reader_gets_back_what_was_typed(found: MockReport) -> None:
    assert quotes(markdown.render(found)) == [lines_of(text) for text in SAID]


def test_any_text_is_only_text_in_markdown() -> None:
    dice = random.Random(7)
    for _ in range(400):
        text = "".join(dice.choice("ab *_`#>-+=1.)[](){}<>!|~\\&;:/\n\n") for _ in range(40)).strip()
        if not text.strip():
            continue
        (seen,) = quotes("\n".join(["Said:", "", *markdown.quoted(text)]))
        assert " ".join(seen).split() == text.split(), text


def test_markdown_has_every_part(found: MockReport) -> None:
    text = markdown.render(found)
    for part in (
        "# Mock interview 2 · junior · 45 minutes",
        "7 min of 45 min used · 1 of 2 questions answered, ended early",
        "## Hire: 4.4 of 10",
        "- ✗ strong hire: The mean is at least 6.0: it is 4.4.",
        "- Question 1, a belief to drop: It applies without an offset.",
        "- Question 1, must: You did not say policy.",
        "You gave yourself 9.0, the grade is -4.6 against that. You judge your answers 4.6 points too well",
        "| cause | 4.4 | 4.4 | 0.0 |",
        "- Scenario 1: 4.4 now, 4.4 in mock 1.",
        "- Mock 1 · 2026-11-23 · junior · 4.4 · hire · your marks 4.6 too high",
        "`kafka-tutor lab run 1`",
        "- Why it was asked: You have never answered it.",
        "**Follow-up.** What about policy?",
        "- partly said (must): Claim of resume.",
        "Begun and not handed in (not graded):",
        "Graded by model abc123.",
        "## The second try",
        "Question 1 again: 4.4 after 4.4",
        "- Still missing: You did not say policy.",
    ):
        assert part in text, part


class Reader(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "blockquote":
            self.said.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.said[-1] += data


def test_html_shows_what_was_typed_and_runs_nothing(found: MockReport) -> None:
    text = page.render(found)
    reader = Reader()
    reader.feed(text)
    assert reader.said == [shown(said) for said in SAID]
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "li", "table", "tr", "th"}
    allowed |= {"td", "span", "i", "blockquote", "strong", "q", "code"}
    assert reader.tags <= allowed
    assert reader.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "style"}
    assert "default-src 'none'" in text and "<script" not in text and "url(" not in text
    assert "\x1b" not in text and "\x00" not in text and "\u202e" not in text
    text.encode()  # halves of surrogate pairs are gone


def test_html_has_every_part(found: MockReport) -> None:
    text = page.render(found)
    for part in ("Hire: 4.4 of 10", "What would change it", "The second try", "Score by dimension", "Beside earlier"):
        assert part in text
    assert text.count("<h2>Question ") == 2 and 'style="width:44%"' in text


def test_json_is_ascii_and_whole(found: MockReport, tmp_path: Path) -> None:
    whole = json.loads(json.dumps(document(found)))
    assert whole["summary"]["signal"] == "hire" and whole["summary"]["difference"] == -4.6
    assert [spoken["answer"] for spoken in whole["questions"][0]["transcript"]] == [shown(text) for text in SAID[:2]]
    assert whole["verdict"]["changes"][0]["target"] == "m_always" and whole["redo"]["score"] == 4.4
    path = export_mock(found, tmp_path / "mocks")
    assert path.name == "mock-002.html" and path.read_text() == page.render(found)
    assert path.with_suffix(".md").read_text() == markdown.render(found)
    assert json.loads(path.with_suffix(".json").read_bytes())["summary"]["mock"] == 2
