"""Explain the YAML parser's errors to an author."""

import re

import yaml

from trialdeck.core.problem import shortened


def plain_words(error: yaml.MarkedYAMLError) -> str:
    """Return the message of the parser about a fault, in one line."""
    parts = (error.context, error.problem)
    return ", ".join(part for part in parts if part)


def starts_there(error: yaml.MarkedYAMLError) -> bool:
    """Return whether the place to look at is where the faulty thing starts, not where the parser gave up."""
    return bool(_FAULTY_FROM_THE_START.search(plain_words(error)))


def syntax_fault(error: yaml.MarkedYAMLError, text: str, index: int) -> tuple[str, str, str]:
    """Return the code, the message and the hint of a fault at an index of a text."""
    # PyYAML 6.0.4 counts brackets before it tells of the first of them; older ones leave the counting to others.
    if error.problem == "exceeded maximum nesting depth":
        return "TD122", "hundreds of levels deep", "check the indentation"
    return "TD101", plain_words(error), _hint(error, text, index)


def _hint(error: yaml.MarkedYAMLError, text: str, index: int) -> str:
    if text[index : index + 1] == "\t":
        return "indent with spaces, not with tabs"
    if _ODD_INDENT.search(text, text.rfind("\n", 0, max(text.rfind("\n", 0, index), 0)) + 1, index):
        return "indent with plain spaces: a no-break space was pasted here, or into the line before"
    if text[:index].rstrip(" \t").endswith(('"', "'")) and "did not find expected" in (error.problem or ""):
        return "the quote before this ends the text; put the whole text in quotes of the other kind"
    if text[:index].endswith(("]", "}")) and "did not find expected" in (error.problem or ""):
        return "put the whole text in quotes: the bracket or brace at its start has a meaning of its own in YAML"
    message = plain_words(error)
    return next(hint for words, hint in _SYNTAX_HINTS if re.search(words, message))


# What looks like an indent, and is part of the text to YAML.
_ODD_INDENT = re.compile("^[ \t]*+[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]", re.MULTILINE)
_FAULTY_FROM_THE_START = re.compile("quoted scalar, found unexpected|block scalar, did not|an alias|an anchor|a tag,")
_SYNTAX_HINTS = (
    ("mapping values are not allowed", "put the text in quotes: a colon and a space start a new key"),
    ("quoted scalar, found unexpected", "the quote that is opened here is never closed"),
    ("escape|hexdecimal", "use single quotes: between double quotes a backslash has a meaning of its own"),
    (
        "cannot start any token|alias|anchor|tag|block scalar|entries are not allowed|node content",
        "put the text in quotes: it starts with a character that YAML keeps for itself",
    ),
    ("',' or", "close the bracket or brace; a text that starts with one belongs in quotes"),
    ("expected ':'", "every line of a mapping is 'key: value'; indent a text that runs over several lines"),
    ("", "compare the indentation with the lines around it"),
)


# A comment whose mark has no space behind it, or that says "# of …", may be the rest of the text before it.
_SWALLOWED = re.compile(r"(?:[ \t]+#(?!trialdeck)[^\s#!]| # of\b)[^\n]*")


def comment_fault(text: str, end: int, value: str) -> tuple[int, str, str, str] | None:
    """Return the fault of a plain value that ends at `end` because YAML takes what follows for a comment.

    Returns the position of the comment, the code, the message and the hint; None if the comment is meant as one.
    """
    comment = _SWALLOWED.match(text, end)
    if not comment:
        return None
    words = comment[0].lstrip()
    message = f"YAML takes '{shortened(words)}' for a comment: the text ends with '{shortened(value)}'"
    hint = "put the whole text between quotes, or write a space after the # of a comment"
    return comment.end() - len(words), "TD425", message, hint
