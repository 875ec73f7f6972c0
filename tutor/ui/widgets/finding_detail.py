"""The right side of a result: one finding in full, and the learner's own text with the evidence marked."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Label, Static

from tutor.sessions.result import Evidence, MisconceptionRow, PointRow, lab_numbers
from tutor.ui.loads import ResultData
from tutor.ui.widgets.findings import Finding, label

MARK = "bold underline $text-accent"
SHOWN_CHARACTERS = 6_000
"""Of a longer answer only the part around the evidence is drawn."""


def excerpt(answer: str, start: int) -> tuple[str, int]:
    """The part of an answer to draw, and the offset of its beginning."""
    if len(answer) <= SHOWN_CHARACTERS:
        return answer, 0
    begin = min(max(start - SHOWN_CHARACTERS // 4, 0), len(answer) - SHOWN_CHARACTERS)
    return answer[begin : begin + SHOWN_CHARACTERS], begin


def marked(answer: str, evidence: tuple[Evidence, ...]) -> Content:
    """The learner's text; the evidence bold and underlined, so that it is seen without colour."""
    text, begin = excerpt(answer, evidence[0].start if evidence else 0)
    content = Content(text)
    for piece in evidence:
        content = content.stylize(MARK, max(piece.start - begin, 0), max(piece.end - begin, 0))
    head = "… " if begin else ""
    tail = " …" if begin + len(text) < len(answer) else ""
    return Content.assemble(head, content, tail)


def explained(row: Finding) -> Content:
    """A finding in full."""
    symbol, word, style = label(row)
    parts: list[Content | str | tuple[str, str]] = [(f"{symbol} {word}", f"bold {style}")]
    if isinstance(row, PointRow):
        rank = "must be there · " if row.must else ""
        parts += [f" · {rank}{row.dimension} · weight {row.weight}\n", (f"{row.text}\n", "bold")]
    else:
        parts += ["\n", (f"{row.text}\n", "bold")]
    parts += _said(row)
    if isinstance(row, PointRow) and row.asked:
        parts += [("Did you mean that? ", "bold"), "y: yes, count it. n: no. Your word is kept beside the grade.\n"]
    if isinstance(row, MisconceptionRow):
        labs = ", ".join(f"lab {number}" for number in lab_numbers(row))
        head = f"What is so ({labs} shows it): " if labs else "What is so: "
        parts += ["\n", (head, "bold"), f"{row.correction}\n"]
    elif row.feedback:
        parts += ["\n", ("What was missing: ", "bold"), f"{row.feedback}\n"]
    return Content.assemble(*parts, "\n", (_overrule_text(row), "$text-muted"))


def _said(row: Finding) -> list[Content | str | tuple[str, str]]:
    if not row.evidence:
        return [("Nothing about it was found in your answer.\n", "$text-muted")]
    return [("You wrote: ", "bold"), *(f"“{piece.text}” " for piece in row.evidence), "\n"]


def _overrule_text(row: Finding) -> str:
    if row.overruled is not None:
        return "This verdict is yours and is kept; the score stays the grader's. o turns it round."
    if isinstance(row, MisconceptionRow):
        return "y: yes, I mean that. n or o: I do not mean that." if row.asked else "o: I do not mean that."
    if row.asked:
        return "The words are there, but not in a sentence that claims it, so you are asked."
    return "o: no, I did not say that." if row.counted else "o: I did say that."


def overall(data: ResultData) -> Content:
    """What would raise the score, the follow-up, the lab, and which grader this was."""
    view = data.view
    parts: list[Content | str | tuple[str, str]] = [(f"! {note}\n", "$text-warning") for note in view.notes]
    parts += ["\n"] if parts else []
    if view.target is not None:
        symbol, word, style = label(view.target)
        parts += [
            ("The point asked about: ", "bold"),
            (f"{symbol} {word}", f"bold {style}"),
            f"\n{view.target.text}\n\n",
        ]
    if view.raise_most and data.attempt.follow_up_to is None:
        parts.append(("What would raise the score most\n", "bold"))
        parts += [f"{number}. {row.text}\n" for number, row in enumerate(view.raise_most, 1)] + ["\n"]
    if data.next_follow_up is not None:
        parts += [("f  The interviewer asks on\n", "bold"), f"{data.next_follow_up.question}\n\n"]
    if data.lab is not None:
        parts += [
            (f"l  Lab {data.pack.scenario.lab}: {data.lab.kind.replace('_', ' ')}\n", "bold"),
            f"{data.lab.reason}\n\n",
        ]
    parts.append((f"Graded by {view.grader}.", "$text-muted"))
    return Content.assemble(*parts)


class OwnAnswer(VerticalScroll):
    """The learner's text; scrolls to the evidence."""

    HELP = "Your own text; what the highlighted line is based on is underlined. Arrow keys scroll it."

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="own-answer-text")

    def show(self, answer: str, evidence: tuple[Evidence, ...]) -> None:
        """Show the text and bring the first piece of evidence into view."""
        self.query_one("#own-answer-text", Static).update(marked(answer, evidence))
        self.scroll_home(animate=False)
        if evidence:
            self.call_after_refresh(self._bring, answer, evidence[0])

    def _bring(self, answer: str, piece: Evidence) -> None:
        """Scroll to the evidence; its line is counted by characters, so leave a line above it."""
        text = self.query_one("#own-answer-text", Static)
        shown, begin = excerpt(answer, piece.start)
        width = max(text.content_size.width, 1)
        before = shown[: max(piece.start - begin, 0)].split("\n")
        line = sum(max(-(-len(part) // width), 1) for part in before) - 1
        self.scroll_to(y=max(line - 1, 0), animate=False)


class FindingDetail(Vertical):
    """Explanation above, own text below."""

    def __init__(self) -> None:
        super().__init__(id="detail")

    def compose(self) -> ComposeResult:
        """Two texts, each with its own scroll bar."""
        with VerticalScroll(id="detail-explained"):
            yield Static("", id="detail-text")
        yield Label("Your answer", id="detail-head")
        yield OwnAnswer(id="own-answer")

    def show(self, data: ResultData, target: str | None) -> None:
        """Show one finding, or the overall view."""
        findings: list[Finding] = [*data.view.points, *data.view.misconceptions]
        rows = {row.id: row for row in findings}
        row = rows.get(target or "")
        self.query_one("#detail-text", Static).update(overall(data) if row is None else explained(row))
        self.query_one("#detail-explained", VerticalScroll).scroll_home(animate=False)
        self.query_one(OwnAnswer).show(data.view.answer, row.evidence if row is not None else ())
