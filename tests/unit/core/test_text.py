"""When a text counts as blank."""

import pytest

from trialdeck.core.text import is_blank
from trialdeck.markdown.plain_text import visible_text
from trialdeck.sheets.cells import is_empty

BLANK = {
    "nothing": "",
    "line break": " \t\n",
    "no-break space": "\u00a0",
    "narrow no-break space": "\u202f",
    "ideographic space": "\u3000",
    "separator of lines": "\u2028",
    "separator of units": "\x1f",
    "zero-width space": "\u200b",
    "zero-width joiner": " \u200d ",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "mark of direction": "\u200e\u2066\u2069",
    "Hangul filler": "\u3164",
    "blank Braille pattern": "\u2800",
    "variation selector": "\ufe0f",
}


@pytest.mark.parametrize("text", BLANK.values(), ids=BLANK)
def test_what_nobody_sees_is_blank_everywhere(text: str) -> None:
    assert is_blank(text)
    assert is_empty(text)
    assert visible_text(text) == ""


def test_no_text_is_blank() -> None:
    assert is_blank(None)


@pytest.mark.parametrize("text", ["a", " a", "\u200ba", "0", ".", "\u0301", "\ufffd", "\u2764\ufe0f"])
def test_what_shows_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    assert not is_empty(text)
    assert visible_text(text)
