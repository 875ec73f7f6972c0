"""What terminals and screens say about reviews."""

from __future__ import annotations

from tutor.review.cards import Card, Verdict
from tutor.sessions.review import Queue


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


def said(card: Card, verdict: Verdict) -> str:
    """The verdict in a sentence."""
    point = card.kind == "point"
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
