"""The lab's own prompt: one line in, one action out. Pure; UI and command line share it.

A line is a Kafka tool with its arguments, or one of the words below. It looks like a shell and is none: variables and
`< file` work, pipes and redirections do not.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from labs.tool_table import TOOLS, nearest, tool_name

Word = Literal["verify", "hint", "edit", "watch", "reset", "give up", "solution", "help", "vars", "files", "quit"]

WORDS: dict[Word, str] = {
    "verify": "check whether your fix works",
    "hint": "the next hint for the first thing that is not right yet",
    "edit": "open the lab's file in $EDITOR, or `edit FILE`",
    "watch": "verify after each save, in whatever editor",
    "reset": "the broken situation again, from the start; asks (`reset --yes` does not)",
    "give up": "apply the reference fix and show it; asks (recorded as given up)",
    "solution": "your fix beside the reference's, after a pass or after giving up",
    "vars": "the names of this run: topics, groups, the broker",
    "files": "the files of the workspace",
    "help": "this list",
    "quit": "end the lab and remove everything it made",
}
SHORTCUTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "topics": ("the topics of this lab", ("kafka-topics", "--describe", "--exclude-internal")),
    "groups": ("every group with its offsets and lag", ("kafka-consumer-groups", "--describe", "--all-groups")),
    "members": ("who is in which group", ("kafka-consumer-groups", "--describe", "--all-groups", "--members")),
}
_ALIASES: dict[str, Word] = {
    "give-up": "give up",
    "giveup": "give up",
    "exit": "quit",
    "?": "help",
    "env": "vars",
    "ls": "files",
}
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<bare>[A-Za-z_]\w*))")
_REDIRECTIONS = ("|", "||", ">", ">>", "&", "&&", ";", "<<", "<<<", ">&", "<>")
MAX_LINE = 10_000
YES = "--yes"


@dataclass(frozen=True, slots=True)
class RunTool:
    """Run a Kafka tool."""

    args: tuple[str, ...]
    stdin: str = ""
    """A file for its standard input; empty: none."""


@dataclass(frozen=True, slots=True)
class Say:
    """One of the words of the prompt."""

    word: Word
    argument: str = ""
    """The file of `edit`; `--yes` of `reset` and `give up`."""

    @property
    def sure(self) -> bool:
        """Whether the learner says that they need not be asked."""
        return self.argument == YES


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that is no command, and what to do."""

    message: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty line or a comment."""


Action = RunTool | Say | Wrong | Nothing


def parse(line: str, variables: Mapping[str, str]) -> Action:
    """What a line asks for."""
    text = re.sub(r"\\\r?\n", " ", line.strip())
    text = re.sub(r"^\$(\s+|$)", "", text)
    if not text or text.startswith("#"):
        return Nothing()
    if len(text) > MAX_LINE or not text.isprintable():
        return Wrong("That line is too long or holds characters that cannot be typed.", "Type one command on one line.")
    if word := _word(text):
        return Say(word)
    if said := _word_with_argument(text):
        return said
    unknown = unknown_variables(text, variables)
    if unknown:
        known = ", ".join(f"${name}" for name in sorted(variables))
        return Wrong(f"There is no variable ${unknown[0]} here.", f"There are: {known}.")
    try:
        parts = _split(substitute(text, variables))
    except ValueError as error:
        return Wrong(f"The quotes do not match: {str(error).lower()}.", "Close every ' and \" that you open.")
    return _command(parts)


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """The line with its variables replaced, except between single quotes, as a shell does it."""
    return _outside_single_quotes(text, lambda part: _VARIABLE.sub(lambda m: variables.get(_name(m), m[0]), part))


def unknown_variables(text: str, variables: Mapping[str, str]) -> list[str]:
    """Variables in the line that do not exist."""
    found: list[str] = []

    def look(part: str) -> str:
        found.extend(_name(match) for match in _VARIABLE.finditer(part))
        return part

    _outside_single_quotes(text, look)
    return [name for name in found if name not in variables]


def _outside_single_quotes(text: str, change: Callable[[str], str]) -> str:
    out, double, start, i = [], False, 0, 0
    while i < len(text):
        char = text[i]
        if char == "\\" and i + 1 < len(text):
            i += 1
        elif char == '"':
            double = not double
        elif char == "'" and not double:
            end = text.find("'", i + 1)
            end = len(text) - 1 if end < 0 else end
            out += [change(text[start:i]), text[i : end + 1]]
            start, i = end + 1, end
        i += 1
    return "".join([*out, change(text[start:])])


def _name(match: re.Match[str]) -> str:
    return match["braced"] or match["bare"]


def _word(text: str) -> Word | None:
    low = " ".join(text.lower().split())
    if low in _ALIASES:
        return _ALIASES[low]
    return next((word for word in WORDS if word == low), None)


def _word_with_argument(text: str) -> Say | Wrong | None:
    head, _, argument = text.partition(" ")
    if head.lower() == "edit":
        names = _files(argument)
        return Say("edit", names[0]) if len(names) == 1 else Wrong("`edit` opens one file.", "For example: edit FILE")
    if argument and text.endswith(f" {YES}") and (word := _word(text.removesuffix(YES))) in ("reset", "give up"):
        return Say(word, YES)
    return None


def _files(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _split(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _command(parts: list[str]) -> Action:
    bad = next((part for part in parts if part in _REDIRECTIONS), None)
    if bad:
        return Wrong(
            f"`{bad}` works in a shell, not here: this prompt runs one tool at a time.",
            "In a terminal of your own: kafka-tutor tools NAME -- …",
        )
    stdin = ""
    if "<" in parts:
        at = parts.index("<")
        if at + 2 != len(parts):
            return Wrong("After `<` comes one file name, at the end of the line.", "For example: … < FILE")
        parts, stdin = parts[:at], parts[at + 1]
    return _tool(parts, stdin)


def _tool(parts: list[str], stdin: str) -> Action:
    if not parts:
        return Wrong("There is a file and no tool to give it to.", "For example: kafka-console-producer … < FILE")
    head, *rest = parts
    if head in SHORTCUTS and not rest:
        return RunTool(SHORTCUTS[head][1])
    if tool_name(head) in TOOLS:
        return RunTool((tool_name(head), *rest), stdin)
    near = [*(word for word in (*WORDS, *SHORTCUTS) if word.startswith(head[:3])), *nearest(tool_name(head))]
    return Wrong(f"There is no command `{head}`.", f"Did you mean {' or '.join(near[:3])}?" if near else "Type `help`.")


def help_lines(variables: Mapping[str, str]) -> list[str]:
    """The help of the prompt."""
    rows: list[tuple[str, str]] = list(WORDS.items())
    rows += [(name, f"{text}: {' '.join(args)}") for name, (text, args) in SHORTCUTS.items()]
    tools = "Any Kafka tool, by its name with or without .sh; --bootstrap-server is added: " + ", ".join(
        name for name in ("kafka-topics", "kafka-consumer-groups", "kafka-configs", "kafka-console-consumer")
    )
    remark = (
        "A console consumer that waits longer than --timeout-ms ends with a TimeoutException: that is how it stops."
    )
    return [tools + " …", remark, *(f"  {name:<10} {text}" for name, text in rows), *variable_lines(variables)]


def variable_lines(variables: Mapping[str, str]) -> list[str]:
    """`$NAME = value` for each variable."""
    width = max(map(len, variables), default=0)
    return [f"  ${name:<{width}} = {value}" for name, value in sorted(variables.items())]
