"""The search index in parts: whatever a page says is found by the way that the script of the site takes."""

import json
from itertools import accumulate
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from trialdeck.records.model import Perspective
from trialdeck.site.model import Card
from trialdeck.site.search import FIRST, SearchIndex, folded, words_of

LIMIT = 300_000


def card(asks: str, answers: str = "") -> Card:
    return Card("card.x.1", 1, "", "", Perspective.CLINICAL, (), False, Markup(), Markup(), asks, answers)


def index_of(*pages: str) -> dict[str, Any]:
    index = SearchIndex()
    for number, text in enumerate(pages):
        index.add(f"trials/t-{number}.html", f"T-{number}", "", [card(text)])
    return {name: json.loads(content.partition(b"=")[2].removesuffix(b";\n")) for name, content in index.parts()}


def pages_with(index: dict[str, Any], word: str) -> set[int]:
    """The pages with a word, as `pagesWith` in site.js finds them."""
    found: set[int] = set()
    for prefix in index[FIRST]["words"]:
        if prefix.startswith(word) or word.startswith(prefix):
            for known, distances in index[f"search/words-{prefix.encode().hex() or 'all'}.js"].items():
                if known.startswith(word):
                    found.update(accumulate(distances) if distances else range(len(index[FIRST]["trials"])))
    return found


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_every_word_of_a_page_leads_to_it(texts: list[str]) -> None:
    index = index_of(*texts)
    for number, text in enumerate(texts):
        for word in words_of(text):
            assert number in pages_with(index, word)


def test_words_are_found_without_accents_case_and_what_stands_around_them() -> None:
    assert list(words_of("(Écho-7), 0.74")) == ["echo-7", "echo", "7", "0.74", "0", "74"]
    assert folded("É") == "e"


def test_a_large_index_is_divided_and_a_word_still_found() -> None:
    index = index_of(*(f"word{number} shared{number % 7} {'filler ' * 40}x{number * 7}" for number in range(3000)))
    assert len(index[FIRST]["words"]) > 1
    assert pages_with(index, "word2999") == {2999}
    assert len(pages_with(index, "shared3")) == len(range(3, 3000, 7))
    assert max(len(json.dumps(part)) for name, part in index.items() if name != FIRST) < LIMIT // 3
    starts = index[FIRST]["notes"]
    parts = [index[f"search/notes-{place}.js"] for place in range(len(starts))]
    assert [note[0][4] for part in parts for note in part][2999].startswith("word2999 ")


def test_a_word_of_most_pages_is_not_listed() -> None:
    index = index_of(*(f"trial number{number}" for number in range(10)))
    assert index["search/words-all.js"]["trial"] == []
    assert index["search/words-all.js"]["number4"] == [4]
