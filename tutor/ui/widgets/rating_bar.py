"""Four ratings with the time after which each brings the card back; the derived one is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.review.cards import RATING_NAMES, RATINGS, Rating
from tutor.sessions.review import Judged
from tutor.text import ahead


class RatingBar(Static, can_focus=True):
    """Posts `Chosen`: 1 to 4, or Enter for the one that is marked."""

    HELP = (
        "How well you knew it. The marked rating comes from the grade, the hints and your time; "
        "another one is yours to choose with 1 to 4 or the arrow keys and Enter."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go on", id="rate-go-on", tooltip="Keep the marked rating; on to the next card."),
        *(
            Binding(
                str(rating),
                f"rate({rating})",
                RATING_NAMES[rating].capitalize(),
                id=f"rate-{rating}",
                show=False,
                tooltip=f"Rate it {RATING_NAMES[rating]}; on to the next card.",
            )
            for rating in RATINGS
        ),
        Binding("left,h", "move(-1)", "Left", id="rate-left", show=False, tooltip="Mark the rating to the left."),
        Binding("right,l", "move(1)", "Right", id="rate-right", show=False, tooltip="Mark the rating to the right."),
    ]

    @dataclass
    class Chosen(Message):
        """The learner goes on with this rating."""

        rating: Rating

    def __init__(self) -> None:
        super().__init__("", id="rating-bar")
        self._judged: Judged | None = None
        self._interview: date | None = None
        self.marked: Rating = 3
        """What Enter would choose."""

    def show(self, judged: Judged, interview: date | None) -> None:
        """Offer the ratings of a graded answer."""
        self._judged, self._interview, self.marked = judged, interview, judged.derived
        self._draw()

    def _draw(self) -> None:
        if self._judged is None:
            return
        parts: list[str | tuple[str, str]] = []
        for rating in RATINGS:
            away = ahead(self._judged.away(rating, self._interview).total_seconds())
            text = f"{rating} {RATING_NAMES[rating]} {away}"
            parts += [(f"[{text}]", "bold reverse") if rating == self.marked else f" {text} ", " "]
        mine = "" if self.marked == self._judged.derived else f"(graded {self._judged.derived})"
        self.update(Content.assemble(*parts, (mine, "$text-muted")))

    def action_choose(self) -> None:
        """The marked one."""
        if self._judged is not None:
            self.post_message(self.Chosen(self.marked))

    def action_rate(self, rating: int) -> None:
        """One of the four."""
        if self._judged is not None:
            self.post_message(self.Chosen(cast(Rating, rating)))

    def action_move(self, step: int) -> None:
        """Mark the next one."""
        self.marked = cast(Rating, min(max(self.marked + step, 1), 4))
        self._draw()
