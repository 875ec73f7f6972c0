"""Cards and graded answers as plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from tutor import text
from tutor.cli.plain import MARKS, WIDTH, wrapped
from tutor.review.cards import RATING_NAMES, RATINGS, Rating
from tutor.sessions.review import CardSession, DueCard, Judged, Queue


def queue_lines(found: Queue, shown: tuple[DueCard, ...]) -> Iterator[str]:
    """The cards that are due."""
    for due in shown:
        head = f"{due.card.id:>4}  scenario {due.card.scenario:<3} {due.card.kind:<14} "
        yield head + text.clipped(due.prompt.question, WIDTH - len(head))
    yield from wrapped(summary(found), "")


def summary(found: Queue) -> str:
    """How things stand, in one or two sentences."""
    parts = [f"{found.ready} to review today, {found.done} answered."]
    if found.waiting:
        parts.append(f"{found.waiting} more wait: your limit is {found.plan.limit} cards a day.")
    if found.leeches:
        parts.append(f"{found.leeches} set aside because they keep failing: answer their scenario or run its lab.")
    if found.plan.interview:
        parts.append(f"Interview on {found.plan.interview:%Y-%m-%d}.")
    return " ".join(parts)


def question_lines(due: DueCard, number: int, count: int) -> Iterator[str]:
    """What is asked."""
    yield ""
    yield f"[{number}/{count}] {text.clipped(due.prompt.title, WIDTH - 10)}"
    yield from wrapped(due.prompt.question, "  ")


def verdict_lines(session: CardSession, judged: Judged) -> Iterator[str]:
    """The grade of the one point, with the learner's own words."""
    verdict = judged.verdict
    yield from wrapped(said(session, judged), f"{MARKS[verdict.status]} ")
    for span in verdict.evidence[:3]:
        yield from wrapped(f"“{text.one_line(session.text[span.start : span.end])}”", "    ")
    if not verdict.right:
        yield from wrapped(session.due.prompt.right, "  ")
    for note in verdict.notes:
        yield from wrapped(note, "  ")


def said(session: CardSession, judged: Judged) -> str:
    """The verdict in a sentence."""
    verdict, point = judged.verdict, session.due.card.kind == "point"
    if not verdict.honest and verdict.status in ("missed", "unsure"):
        return "This is too short or too unclear to be graded. If you were right, choose the rating yourself."
    match verdict.status:
        case "covered":
            return "Right." if point else "Right: you do not hold this belief."
        case "partial":
            return "Partly." if point else "You do not say it, but nothing of the rubric either."
        case "contradicted":
            return "You say the opposite." if point else "You still hold it."
        case "unsure":
            return "The words are there, but no sentence that says it." if point else "This can be read in a wrong way."
    return "The point is not in your answer."


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
