"""Text from outside made safe for a terminal, character for character: offsets into the original stay right."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
_LINE_BREAKS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_KEPT = "\n\t"
_SURROGATES = range(0xD800, 0xE000)


def _controls() -> list[int]:
    """C0, DEL and C1, without line feed and tab."""
    codes = [*range(0x20), *range(0x7F, 0xA0)]
    return [code for code in codes if chr(code) not in _KEPT]


def _shown_table() -> dict[int, str]:
    table = dict.fromkeys(_controls(), REPLACEMENT)
    table |= {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _KEPT}
    table |= {0x7F: "\N{SYMBOL FOR DELETE}", ord("\r"): " "}
    table |= {ord(character): "\n" for character in _LINE_BREAKS}
    table |= {ord(character): _ZERO_WIDTH_SPACE for character in _BIDI}
    return table | dict.fromkeys(_SURROGATES, REPLACEMENT)


def _graded_table() -> dict[int, str]:
    table = dict.fromkeys(_controls(), " ")
    table |= {ord(character): "\n" for character in _LINE_BREAKS}
    table |= {ord(character): " " for character in _BIDI}
    return table | dict.fromkeys(_SURROGATES, REPLACEMENT)


_SHOWN = _shown_table()
_GRADED = _graded_table()


def shown(text: str) -> str:
    """The text as a terminal may print it: same length, control characters visible (␛), halves of pairs replaced.

    Escape sequences lose their effect, overrides of the writing direction too; right-to-left letters and emoji stay.
    """
    return text.translate(_SHOWN)


def graded(text: str) -> str:
    """The text as a grader reads it: same length, control characters become spaces, so spans fit the original."""
    return text.translate(_GRADED)


def one_line(text: str) -> str:
    """The text for a table cell: safe, and every run of white space a single space."""
    return " ".join(shown(text).split())


def clipped(text: str, width: int) -> str:
    """One line of at most `width` characters, `…` at its end where something was left out."""
    line = one_line(text)
    return line if len(line) <= width else line[: max(width - 1, 0)].rstrip() + "…"


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and how much is left out: a screen that draws a whole megabyte stands still."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]}\n… ({left:,} more characters)"


def control_share(text: str) -> float:
    """Share of characters that no keyboard and no prose has: 0 for text, about 0.5 for UTF-16 read as bytes."""
    if not text:
        return 0.0
    odd = sum(1 for character in text if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t\r")
    return odd / len(text)


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: white space, controls and invisible marks only."""
    return all(unicodedata.category(c)[0] in "CZ" or c.isspace() for c in text)


def encode(text: str) -> bytes:
    """UTF-8 that also keeps halves of surrogate pairs, so that `decode` gives back the very same text."""
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> str:
    """The text that `encode` was given."""
    return data.decode("utf-8", "surrogatepass")


def counted(count: int, noun: str) -> str:
    """`1 day`, `12 days`."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def size(count: float) -> str:
    """A number of bytes as people write it: `44.1 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def duration(seconds: float) -> str:
    """A time spent, as people write it: `45 s`, `12 min`, `1 h 05 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def ahead(seconds: float) -> str:
    """A time to come, as people write it: `10 min`, `5 h`, `1 day`, `40 days`."""
    if seconds < 86_400:
        return f"{max(seconds, 0.0) / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.0f} h"
    count = round(seconds / 86_400)
    return f"{count} {'day' if count == 1 else 'days'}"
