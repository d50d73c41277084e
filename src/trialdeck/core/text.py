"""Small questions about text: which characters are allowed, and where a span ends.

A pattern such as `<!--.*?-->` looks for the closer of every opener through all the rest: where the last closers are
missing, the time grows with the square of the length. Up to the last closer, every opener finds one.
"""

import re
from collections.abc import Callable, Iterator

_UNSHOWABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
# Python calls none of these printable: the ends of lines, and spaces of any width.
_BLANKS = "\n\t\r\xa0\u2009\u202f" + "\x85\u2028\u2029\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def unshowable(text: str) -> Iterator[re.Match[str]]:
    """Find the characters of a text that it may not hold."""
    # Most texts have none, and that is seen long before such a pattern is compiled.
    rest = text
    for blank in _BLANKS:
        if rest.isprintable():
            return iter(())
        rest = rest.replace(blank, "")
    return re.finditer(_UNSHOWABLE, text)


def replaced(pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str], text: str, *closers: str) -> str:
    """Replace all matches of a pattern, each of which ends with one of `closers`."""
    end = max((text.rfind(closer) + len(closer) for closer in closers if closer in text), default=0)
    return pattern.sub(new, text[:end]) + text[end:] if end else text
