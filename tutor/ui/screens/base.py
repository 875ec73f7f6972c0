"""What every screen has: a title line, the footer with its keys, a cover for windows that are too small, help, back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Footer

from tutor.ui.widgets.title_bar import TitleBar
from tutor.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from tutor.ui.services import Kit


class HasKit(Protocol):
    """The app, as far as screens know it."""

    @property
    def kit(self) -> Kit:
        """Services and background threads; only after they are ready."""


class TutorScreen(Screen[None]):
    """A screen of the app. Subclasses give `body` and set `place`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="back", tooltip="Go back to where you came from; nothing is lost."),
        Binding(
            "question_mark,f1",
            "keys",
            "Help",
            id="help",
            tooltip="Every key that works here, and what the focused part is for (F1 while typing).",
        ),
    ]
    place = ""
    """Where the learner is, for the title line."""
    palette_in_footer: ClassVar[bool] = True
    """Whether the footer has room for the command palette's key beside the screen's own."""
    passing: ClassVar[bool] = False
    """Whether the next screen takes its place instead of lying over it."""

    @property
    def kit(self) -> Kit:
        """Services and background threads."""
        return cast(HasKit, self.app).kit

    def compose(self) -> ComposeResult:
        """Title, body, footer, cover."""
        yield TitleBar(self.place)
        with Vertical(id="body"):
            yield from self.body()
        yield Footer(compact=True, show_command_palette=self.palette_in_footer)
        yield TooSmall()

    def body(self) -> ComposeResult:
        """What lies between title and footer."""
        yield from ()

    @property
    def title_bar(self) -> TitleBar:
        """The title line."""
        return self.query_one(TitleBar)

    def action_back(self) -> None:
        """Leave this screen."""
        self.app.pop_screen()

    def action_keys(self) -> None:
        """Show the keys that work now."""
        from tutor.ui.screens.help import HelpScreen, rows_of

        focused = self.focused
        owner = (
            next((node for node in focused.ancestors_with_self if getattr(node, "HELP", None)), None)
            if focused
            else None
        )
        text = getattr(owner, "HELP", None) or self.HELP or ""
        self.app.push_screen(HelpScreen(self.place, text, rows_of(self)))

    def leave(self) -> None:
        """The app is about to end: hand in what must not be lost (to `kit.io`)."""
