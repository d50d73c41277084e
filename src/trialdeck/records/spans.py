"""Spans of a text from an opener to its closer, in time linear in the length of the text.

A pattern such as `<!--.*?-->` looks for the closer of every opener through all the rest: where the last closers are
missing, the time grows with the square of the length. Up to the last closer, every opener finds one.
"""

import re
from collections.abc import Callable


def replaced(pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str], text: str, *closers: str) -> str:
    """Replace all matches of a pattern, each of which ends with one of `closers`."""
    end = max((text.rfind(closer) + len(closer) for closer in closers if closer in text), default=0)
    return pattern.sub(new, text[:end]) + text[end:] if end else text
