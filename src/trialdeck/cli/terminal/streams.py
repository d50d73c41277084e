"""Standard output and error: the characters that they can print, and replacements for the others.

A redirected Windows console is cp1252, an old terminal latin-1 or ASCII. There `≥` becomes `>=`, a Greek letter its
name, and any other character its code, as Python writes it.
"""

import codecs
import os
import re
import sys
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TextIO

_REPLACEMENTS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("\xa0\u2009\u202f", " "),
        **dict.fromkeys("µμ", "u"),
        **dict.fromkeys("·•", "*"),
        "…": "...",
        "→": "->",
        "←": "<-",
        "≥": ">=",
        "≤": "<=",
        "≠": "!=",
        "≈": "~",
        "×": "x",
        "±": "+/-",
    }
)
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)")
_HANDLER = "trialdeck"
_STANDARD = 3
"""How many standard streams there are: their descriptors are 0, 1 and 2."""


def in_terminal() -> bool:
    """Return whether somebody can be asked something."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ready_streams() -> None:
    """Let standard output and standard error take any text, even if one of them is closed.

    This changes the whole process: only the program does it, never the library.
    """
    _occupy_closed()
    sys.stdin = sys.stdin or _null_device("r")
    sys.stdout = sys.stdout or _null_device("w")
    sys.stderr = sys.stderr or _null_device("w")
    codecs.register_error(_HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors=_HANDLER)  # type: ignore[union-attr] # a program's streams are TextIOWrapper


def end_streams() -> None:
    """Flush the streams: if Python did it at its end, an error could no longer be reported."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            silence(stream)


def fitting(text: str, stream: TextIO) -> str:
    """Return a text in which every character that the stream cannot encode is replaced by others."""
    encoding = encoding_of(stream)
    with suppress(UnicodeEncodeError):
        text.encode(encoding)
        return text
    return "".join(char if _has(encoding, char) else _ascii(char) for char in text)


def encoding_of(stream: TextIO) -> str:
    """Return Python's name of a stream's encoding; UTF-8 for a stream that has none."""
    return codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name


def silence(stream: TextIO) -> None:
    """Send the buffer of a stream to the null device: at its end, Python would try once more to write it."""
    # The stream of a test has no descriptor, and Python does not write it.
    with suppress(OSError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(descriptor, stream.fileno())
        finally:
            os.close(descriptor)


def _occupy_closed() -> None:
    """Open the null device for each closed stream: else the next file gets its descriptor, and what is printed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < _STANDARD:
        pass
    os.close(descriptor)


def _null_device(mode: str) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")  # type: ignore[return-value] # noqa: PTH123


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_ascii, error.object[error.start : error.end])), error.end


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _ascii(char: str) -> str:
    """Return the replacement of a character in ASCII."""
    if char in _REPLACEMENTS:
        return _REPLACEMENTS[char]
    if greek := _GREEK.fullmatch(unicodedata.name(char, "")):
        # Unicode alone spells this letter so.
        name = greek[2].replace("LAMDA", "LAMBDA")
        return name.lower() if greek[1] == "SMALL" else name.capitalize()
    return char.encode("ascii", "backslashreplace").decode("ascii")
