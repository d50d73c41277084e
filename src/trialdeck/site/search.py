"""The search index of the site, in parts that a reader loads only while searching.

A search first asks in which trials each of its words occurs: the words that begin with the same letters are in one
part. Then it loads the notes of these trials, some trials in each part, until it has enough to show. Every part is a
script that sets a variable, because a page that is opened from a disk may not read other files.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from trialdeck.records.model import Audience, Perspective
from trialdeck.site.model import Card

FOLDER = "search"
"""The folder of all parts but the first."""
FIRST = "search-index.js"
"""The first part: it lists the trials, and says which parts there are."""
_VARIABLE = "trialdeckIndex"
_WORDS_OF_PART = 60_000
_NOTES_OF_PART = 60_000
"""How long a part may be, in characters, before it is divided."""
_MOST_LETTERS = 4
# It looks for the end of a word from the right: what matches the signs after it would be tried at each of them.
_WORD = re.compile(r"[^\W_](?:.*[^\W_])?")
_INSIDE = re.compile(r"[\W_]+")
_PERSPECTIVES, _AUDIENCES = list(Perspective), list(Audience)


class SearchIndex(msgspec.Struct):
    """Gathers what can be found: pages with their cards."""

    pages: list[tuple[str, str, str, int]] = msgspec.field(default_factory=list)
    texts: list[str] = msgspec.field(default_factory=list)
    places: dict[str, list[int]] = msgspec.field(default_factory=lambda: defaultdict(list))

    def add(self, file: str, name: str, title: str, cards: Sequence[Card]) -> None:
        """Add a page: its file, its name and title without markup, and its cards."""
        number = len(self.pages)
        notes = [_note(card) for card in cards if card.asks or card.answers]
        self.pages.append((file, name, title, len(notes)))
        self.texts.append(_json(notes))
        said = " ".join([name, title, *(text for note in notes for text in note[-2:])])
        for word in set(words_of(said)):
            self.places[word].append(number)

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files of the index, the first part last.

        The first part has for each page its file, name, title and number of notes. A part of words has the pages in
        which each word occurs, as distances from one to the next, or nothing if it occurs in more than half of them.
        A part of notes has for each page its notes: the anchor of the first card, perspective, audiences, whether it is
        reviewed, its question and its answer.
        """
        prefixes = []
        for prefix, words in sorted(_divided(self.places)):
            prefixes.append(prefix)
            places = {word: self._distances(word) for word in sorted(words)}
            yield _script(f"words-{_hex(prefix)}", places)
        starts = list(self._starts())
        for part, (start, end) in enumerate(pairwise([*starts, len(self.texts)])):
            yield _script(f"notes-{part}", self.texts[start:end], is_json=True)
        first = {
            "perspectives": _PERSPECTIVES,
            "audiences": _AUDIENCES,
            "trials": self.pages,
            "words": prefixes,
            "notes": starts,
        }
        yield FIRST, f"window.{_VARIABLE}={_json(first)};\n".encode()

    def _distances(self, word: str) -> list[int]:
        places = self.places[word]
        if len(places) * 2 > len(self.pages) > 2:
            return []
        return [places[0], *(after - before for before, after in pairwise(places))]

    def _starts(self) -> Iterator[int]:
        """Yield the number of the first page of each part of notes."""
        length = _NOTES_OF_PART
        for number, text in enumerate(self.texts):
            if length + len(text) > _NOTES_OF_PART:
                yield number
                length = 0
            length += len(text)


def folded(text: str) -> str:
    """Return a text without accents and in lower case, as `site.js` does it."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char)[0] != "M").lower()


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text: what stands between spaces, and its parts (`noon-7`, `noon`, `7`)."""
    for chunk in folded(text).split():
        if word := _WORD.search(chunk):
            yield word[0]
            yield from _INSIDE.split(word[0])


def _divided(places: dict[str, list[int]]) -> Iterator[tuple[str, list[str]]]:
    """Yield words by the letters that they begin with: as few letters as parts of a good size allow."""
    waiting = [("", list(places))]
    while waiting:
        prefix, words = waiting.pop()
        size = sum(len(word) + 8 + 3 * len(places[word]) for word in words)
        if size <= _WORDS_OF_PART or len(prefix) == _MOST_LETTERS:
            yield prefix, words
            continue
        longer: dict[str, list[str]] = defaultdict(list)
        for word in words:
            longer[word[: len(prefix) + 1]].append(word)
        # A word that is no longer than the prefix stays with it.
        whole = longer.pop(prefix, None)
        if whole:
            yield prefix, whole
        waiting += longer.items()


def _note(card: Card) -> list[Any]:
    return [
        card.anchor,
        _PERSPECTIVES.index(card.perspective),
        [_AUDIENCES.index(audience) for audience in card.audience],
        int(card.is_reviewed),
        card.asks,
        card.answers,
    ]


def _script(name: str, content: Any, *, is_json: bool = False) -> tuple[str, bytes]:
    text = f"[{','.join(content)}]" if is_json else _json(content)
    return f"{FOLDER}/{name}.js", f'window.{_VARIABLE}["{name}"]={text};\n'.encode()


def _hex(prefix: str) -> str:
    """Return a prefix as letters of a file name: in any script, and on a disk that does not tell A from a."""
    return prefix.encode().hex() or "all"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
