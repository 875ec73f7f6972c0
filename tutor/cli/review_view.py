"""Cards and graded answers as plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from tutor import text
from tutor.cli.plain import MARKS, WIDTH, wrapped
from tutor.review.cards import RATING_NAMES, RATINGS, Rating
from tutor.sessions import review_text
from tutor.sessions.review import CardSession, DueCard, Judged, Queue


def queue_lines(found: Queue, shown: tuple[DueCard, ...]) -> Iterator[str]:
    """The cards that are due."""
    for due in shown:
        head = f"{due.card.id:>4}  scenario {due.card.scenario:<3} {due.card.kind:<14} "
        yield head + text.clipped(due.prompt.question, WIDTH - len(head))
    yield from wrapped(review_text.summary(found), "")


def question_lines(due: DueCard, number: int, count: int) -> Iterator[str]:
    """What is asked."""
    yield ""
    yield f"[{number}/{count}] {text.clipped(due.prompt.title, WIDTH - 10)}"
    yield from wrapped(due.prompt.question, "  ")


def verdict_lines(session: CardSession, judged: Judged) -> Iterator[str]:
    """The grade of the one point, with the learner's own words."""
    verdict = judged.verdict
    yield from wrapped(review_text.said(session.due.card, judged.verdict), f"{MARKS[verdict.status]} ")
    for span in verdict.evidence[:3]:
        yield from wrapped(f"“{text.one_line(session.text[span.start : span.end])}”", "    ")
    if not verdict.right:
        yield from wrapped(session.due.prompt.right, "  ")
    for note in verdict.notes:
        yield from wrapped(note, "  ")


def rating_line(judged: Judged, chosen: Rating) -> str:
    """`1 again 10 min · 2 hard 15 min · [3 good 4 days] · 4 easy 12 days`."""
    parts = []
    for rating in RATINGS:
        one = f"{rating} {RATING_NAMES[rating]} {text.ahead(judged.away(rating).total_seconds())}"
        parts.append(f"[{one}]" if rating == chosen else one)
    return "  ".join(parts)


def result_lines(session: CardSession, judged: Judged, rating: Rating) -> Iterator[str]:
    """An answer that was recorded."""
    yield from verdict_lines(session, judged)
    yield rating_line(judged, rating)
    if judged.options[rating].suspended:
        lab = session.due.prompt.lab
        where = f"kafka-tutor lab run {lab}" if lab else f"kafka-tutor study {session.due.card.scenario}"
        yield f"This card keeps failing and is set aside. Next: {where}"
