"""The keys of a lab. Several share F5: a stage allows one of them (`lab_stage.allowed`)."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from labs.prompt import Word

LAB_KEYS: list[BindingType] = [
    Binding("f5,ctrl+s", "commit", "Commit and run", id="lab-commit", tooltip="Take the predictions and run the lab."),
    Binding("f5,enter", "to_fix", "To the fix", id="lab-to-fix", tooltip="Go on: mend what you have seen."),
    Binding("f5,ctrl+r", "verify", "Verify", id="lab-verify", tooltip="Check the state of the world. Also Ctrl+R."),
    Binding(
        "f6,ctrl+t",
        "hint",
        "Hint",
        id="lab-hint",
        tooltip="The next hint, from the state of the world. Also Ctrl+T.",
    ),
    Binding(
        "f4,ctrl+l",
        "edit",
        "Edit",
        id="lab-edit",
        tooltip="Open the lab's file in $EDITOR; the app waits. Also Ctrl+L. Any other editor beside it works too.",
    ),
    Binding(
        "f3,ctrl+y", "watch", "Watch", id="lab-watch", tooltip="Verify after each save, or no longer. Also Ctrl+Y."
    ),
    Binding("f2,ctrl+o", "view", "View", id="lab-view", tooltip="Change between task, table and plots. Also Ctrl+O."),
    Binding("f8,ctrl+n", "reset", "Reset", id="lab-reset", tooltip="The broken situation again; asks. Also Ctrl+N."),
    Binding("f9,ctrl+g", "give_up", "Give up", id="lab-give-up", tooltip="Apply the reference fix; asks. Also Ctrl+G."),
    Binding(
        "f7,ctrl+b",
        "solution",
        "Solution",
        id="lab-solution",
        show=False,
        tooltip="Your fix beside the reference's, after a pass or after giving up. Also Ctrl+B.",
    ),
    Binding("s", "show_solution", "Solution", id="lab-show-solution", tooltip="Your fix beside the reference's."),
    Binding("e", "export", "Export", id="lab-export", tooltip="Write the evidence to a file."),
    Binding("r", "again", "Run again", id="lab-again", tooltip="Start the lab again."),
    Binding("a", "answer", "Answer", id="lab-answer", tooltip="Answer the scenario of this lab."),
    Binding(
        "s",
        "skip",
        "Skip the lock",
        id="lab-skip",
        tooltip="Open the lab without an answer: recorded, not progress.",
    ),
]
"""F keys where letters are typed; each has a Ctrl twin for terminals that keep F keys to themselves."""
WORDS: dict[Word, str] = {
    "verify": "verify",
    "hint": "hint",
    "solution": "solution",
    "reset": "reset",
    "give up": "give_up",
    "quit": "back",
}
"""Words of the prompt that the screen answers itself, as its keys do."""
