"""The words of pages for what the command line says: each is for a message that the program still has."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import trialdeck
from trialdeck.desk.forms import page_words

SOURCE = Path(trialdeck.__file__).parent
SAID = "x"
"""What stands for a part of a message that is put in when it is said."""


@cache
def messages() -> tuple[str, ...]:
    """All texts of the program outside of the desk, with a letter for each part that is put in."""
    paths = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] != "desk"]
    return tuple(text for path in sorted(paths) for text in texts(ast.parse(path.read_text(encoding="utf-8"))))


def texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else SAID for part in node.values)


def longest_words(pattern: str) -> str:
    """The longest part of a pattern that is plain text: a message is often put together of several texts."""
    plain = re.sub(r"\\[bd]|\(\?[:<=!]+", "()", pattern)
    parts = re.split(r"[()|\\.*+?\[\]{}^$]+|; ", plain)
    return max(parts, key=lambda part: sum(map(str.isalpha, part)))


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in (*page_words._HINTS, *page_words._MESSAGES)])
def test_words_of_a_page_are_for_what_the_program_says(pattern: str) -> None:
    """A message that is said in other words by now would be shown as the command line says it."""
    words = longest_words(pattern)
    assert len(words) > 1
    assert any(words in text for text in messages())
