"""The digest by which a program knows whether a learner has edited a note."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from trialdeck.notes.author_text import author_digest


def test_the_digest_is_of_all_fields_in_their_order_but_the_learners() -> None:
    expected = sha256(b"Why?\x1fIt binds.\x1fa/question/why").hexdigest()[:24]
    fields = [("Question", "Why?"), ("Response", "It binds."), ("Extra", "mine"), ("Key", "a/question/why")]
    assert author_digest(fields) == expected


def test_what_a_learner_writes_into_their_own_field_changes_nothing() -> None:
    assert author_digest([("Text", "a"), ("Extra", "")]) == author_digest([("Text", "a"), ("Extra", "my words")])


@pytest.mark.parametrize(
    "other",
    [
        [("Text", "b"), ("Back", "")],
        [("Text", ""), ("Back", "a")],
        [("Text", "a "), ("Back", "")],
        [("Text", "a")],
    ],
    ids=repr,
)
def test_any_other_text_is_another_digest(other: list[tuple[str, str]]) -> None:
    assert author_digest(other) != author_digest([("Text", "a"), ("Back", "")])


def test_the_page_for_programs_has_a_digest_that_is_right(root: Path) -> None:
    page = (root / "docs" / "subscribe.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(.*)` \|$", page, re.MULTILINE)
    [stated] = re.findall(r"digest of this note is `([0-9a-f]{24})`", page)
    assert len(rows) == 16
    assert author_digest((name, "" if html == " " else html) for name, html in rows) == stated


def test_the_function_on_the_page_is_this_one(root: Path) -> None:
    page = (root / "docs" / "subscribe.md").read_text(encoding="utf-8")
    [code] = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    scope: dict[str, object] = {}
    exec(code, scope)
    fields = [("Question", "Warum wärmt Emberol?"), ("Response", "<b>So</b>&nbsp;≥ 2"), ("Extra", "mein")]
    assert scope["author_digest"](fields) == author_digest(fields)  # type: ignore[operator]
