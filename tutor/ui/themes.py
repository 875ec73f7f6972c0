"""The app's two themes. Both keep text at at least 4.5:1 (most of it 7:1) against its background; nothing is told by colour alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = "tutor-dark"
LIGHT = "tutor-light"
SETTING = "theme"
"""Key of the setting that keeps the learner's choice."""

THEMES = (
    Theme(
        name=DARK,
        primary="#3f8fd2",
        secondary="#7a88cf",
        accent="#f0b35e",
        foreground="#dde3ea",
        background="#10151c",
        surface="#161d26",
        panel="#202a36",
        success="#74c98a",
        warning="#e8c15a",
        error="#f07b80",
        dark=True,
        variables={
            "block-cursor-background": "#2b5f8f",
            "block-cursor-foreground": "#ffffff",
            "block-cursor-blurred-background": "#26384b",
            "border": "#3f8fd2",
            "border-blurred": "#35424f",
            "footer-background": "#202a36",
            "footer-key-foreground": "#f0b35e",
            "text-muted": "#a9b4c0",
        },
    ),
    Theme(
        name=LIGHT,
        primary="#0b5cad",
        secondary="#4c4fa8",
        accent="#8a4b00",
        foreground="#18212b",
        background="#f7f8fa",
        surface="#ffffff",
        panel="#e6eaef",
        success="#146c34",
        warning="#7a5200",
        error="#a8201a",
        dark=False,
        variables={
            "block-cursor-background": "#b9d6f3",
            "block-cursor-foreground": "#0d1620",
            "block-cursor-blurred-background": "#dde8f3",
            "block-cursor-blurred-foreground": "#18212b",
            "border": "#0b5cad",
            "border-blurred": "#b8c1cc",
            "footer-background": "#e6eaef",
            "footer-key-foreground": "#8a4b00",
            "text-muted": "#4a5663",
        },
    ),
)


def other(name: str, dark: bool) -> str:
    """The theme that the light/dark switch goes to from the one in use."""
    if name in (DARK, LIGHT):
        return LIGHT if name == DARK else DARK
    return LIGHT if dark else DARK
