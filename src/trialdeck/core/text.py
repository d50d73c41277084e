"""Texts: blank or not, printable as text and as JSON, counts with nouns, replacement from an opener to its closer.

A pattern such as `<!--.*?-->` looks for the closer of every opener through all the rest: where the last closers are
missing, the time grows with the square of the length. `replaced` takes linear time: up to the last closer, every opener
finds one.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

_UNSHOWABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
# Python calls none of these printable: the ends of lines, and spaces of any width.
_BLANKS = "\n\t\r\xa0\u2009\u202f" + "\x85\u2028\u2029\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_NOT_UTF_8 = range(0xDC80, 0xDD00)
"""Surrogates that stand for the bytes of a file name that is not UTF-8."""


_INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)
"""White space of any kind, and characters that nobody sees: joiners, marks of direction, soft hyphens, fillers."""


def without_invisible(text: str) -> str:
    """Return a text without white space and without the characters that nobody sees."""
    return _INVISIBLE.sub("", text)


def is_blank(text: str | None) -> bool:
    """Tell whether there is no text, or nothing in it that can be seen.

    The schema is milder: a text that it requires need only hold something that is not white space.
    """
    return not text or _INVISIBLE.fullmatch(text) is not None


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with the word for one, or that for several, by default with an s: 1 note, 1,200 notes."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def unshowable(text: str) -> Iterator[re.Match[str]]:
    """Find the characters of a text that it may not hold."""
    # Most texts have none, and that is seen long before such a pattern is compiled.
    remainder = text
    for blank in _BLANKS:
        if remainder.isprintable():
            return iter(())
        remainder = remainder.replace(blank, "")
    return re.finditer(_UNSHOWABLE, text)


def replaced(pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str], text: str, *closers: str) -> str:
    """Replace all matches of a pattern, each of which ends with one of `closers`."""
    end = max((text.rfind(closer) + len(closer) for closer in closers if closer in text), default=0)
    return pattern.sub(new, text[:end]) + text[end:] if end else text


def printable(text: str) -> str:
    """Return a text with control characters spelt out, and bytes of a file name that are not UTF-8."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _spelt_out(char) for char in text)


def _spelt_out(char: str) -> str:
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if code in _NOT_UTF_8 else char.encode("unicode_escape").decode("ascii")


def printable_lines(text: str) -> str:
    """Return a text with control characters spelt out, but for the ends of its lines."""
    return "\n".join(map(printable, text.split("\n")))


def json_text(document: Any) -> str:
    """Return a JSON document in lines, with everything that is not printable as an escape of JSON."""
    import json  # noqa: PLC0415 - few calls ask for it

    lines = json.dumps(document, indent=2, ensure_ascii=False).split("\n")
    return "\n".join("".join(char if char.isprintable() else json_escape(char) for char in line) for line in lines)


def json_escape(char: str) -> str:
    """Return the escape of JSON for a character."""
    import json  # noqa: PLC0415 - few calls ask for it

    return json.dumps(char)[1:-1]
