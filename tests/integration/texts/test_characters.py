"""Which characters a text may hold."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from trialdeck.core.text import unshowable

NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


@given(some.text(some.characters(exclude_categories=()), max_size=30))
@example("HR 0.74\u202f(95\xa0% CI\u20090.59–0.94)\r\n\u2028")
@example("a soft\xadhyphen, and a zero width joiner\u200d")
@example("bell\x07, then a private use \ue000, and \ufffe")
def test_the_quick_look_finds_what_the_pattern_finds(text: str) -> None:
    assert [found.span() for found in unshowable(text)] == [found.span() for found in NOT_TEXT.finditer(text)]


@pytest.mark.uncounted
def test_every_character_is_judged_as_the_pattern_does() -> None:
    judged = "".join(chr(code) for code in range(0x110000) if next(unshowable(chr(code)), None))
    assert judged == "".join(NOT_TEXT.findall("".join(map(chr, range(0x110000)))))
