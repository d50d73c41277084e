"""Every edit can be taken back: bytes, comments and order are as before."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from folders import ROOT
from trialdeck.yamlfile.document import DataPath, parse_document
from trialdeck.yamlfile.edit import Drop, Edit, Insert, Move, ParsedText, Put, Take, value_at
from trialdeck.yamlfile.inplace.inverse import inverse_of

NOTED = """\
# The head.
format: 1   # the version
id: dawn-1
title: 'Dawnol: a "first" look'
source:
  citation: Doe 2020.
  doi: 10.1000/dawn   # the paper

# What it showed.
summary: >-
  Dawnol delayed
  relapse.
topics: [dawn, dusk, noon]
results:
  # The primary one.
  - id: pfs
    estimate: 0.70   # as published
    ci: [0.50, 0.90]
    arms:
      - {name: dawnol, n: 100}  # new
      - {name: placebo, n: 101}
  # The later one.
  - id: os
    estimate: 0.80
    # yet to be compared

# Asked on rounds.
questions:

  # the first one
  - id: why      # for ever
    audience: [student, fellow]   # for whom
    question: Why?
    response: |
      It binds.
      # no comment

      Twice.

  # the second one
  # in two lines
  - id: whom
    question: "Whom?"
    response:

  - id: how
    question: How?
    # the end of how

takeaways:
- id: one
  text: First.
# of the second
- id: two
  text: Second.
# the end
"""
DATA = {
    "format": 1,
    "id": "dawn-1",
    "source": {"doi": "10.1000/dawn"},
    "topics": ["dawn", "dusk"],
    "results": [{"id": "pfs", "ci": [0.5, 0.9], "arms": [{"name": "a"}, {"name": "b"}]}, {"id": "os"}],
    "questions": [{"id": "why", "question": "Why?"}, {"id": "whom"}, {"id": "how"}],
}
FILES = {
    "noted.yaml": NOTED,
    "windows.yaml": "\ufeff" + NOTED.replace("\n", "\r\n"),
    "indented.json": json.dumps(DATA, indent=2) + "\n",
    "line.json": json.dumps(DATA),
    "fidelio-dkd.yaml": (ROOT / "seeds" / "fidelio-dkd.yaml").read_text(encoding="utf-8"),
}
ORDER = ("format", "id", "title", "source", "acronym", "citation", "doi", "name", "n", "question", "response")
TEXTS = st.sampled_from(["A word.", "NO", "1.10", "Two\nlines", "# no comment", "a: b", "word " * 40, "'\"", " x "])
ENTRIES = st.fixed_dictionaries({"id": st.sampled_from(["new", "other"]), "text": TEXTS})


def data_of(content: bytes, name: str) -> Any:
    document, problems = parse_document(content, name)
    assert document, problems
    return document.data


def places(value: Any, path: DataPath = ()) -> list[tuple[DataPath, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(place for key, part in inner for place in places(part, (*path, key)))]


@st.composite
def edits(draw: st.DrawFn, data: Any) -> Edit:
    """Any edit of the data."""
    found = places(data)
    lists = [(path, value) for path, value in found if isinstance(value, list) and value]
    mappings = [(path, value) for path, value in found if isinstance(value, dict)]
    kinds = ["put", "add", "drop"] + ["insert", "take", "move"] * bool(lists)
    kind = draw(st.sampled_from(kinds))
    if kind in {"insert", "take", "move"}:
        path, entries = draw(st.sampled_from(lists))
        index = draw(st.integers(0, len(entries) - 1))
        if kind == "insert":
            new = draw(ENTRIES if isinstance(entries[0], dict) else TEXTS)
            return Insert((*path, draw(st.integers(0, len(entries)))), new)
        return Take((*path, index)) if kind == "take" else Move((*path, index), draw(st.integers(0, len(entries) - 1)))
    if kind == "add":
        path, mapping = draw(st.sampled_from(mappings))
        missing = [name for name in ORDER if name not in mapping]
        if missing:
            return Put((*path, draw(st.sampled_from(missing))), draw(TEXTS), ORDER)
    path = draw(st.sampled_from([path for path, value in found if isinstance(value, str)]))
    is_dropped = kind == "drop" and path != ("id",) and len(value_at(data, path[:-1])) > 1
    return Drop(path) if is_dropped else Put(path, draw(TEXTS))


@given(data_=st.data())
def test_edits_and_then_their_inverses_change_nothing(data_: st.DataObject) -> None:
    name = data_.draw(st.sampled_from(sorted(FILES)))
    parsed = ParsedText.of(FILES[name].encode(), name)
    first, inverses = parsed, list[Edit]()
    for _ in range(data_.draw(st.integers(1, 4))):
        edit = data_.draw(edits(parsed.data))
        inverses.append(inverse_of(parsed, edit))
        parsed = parsed.edited(edit)
    for inverse in reversed(inverses):
        parsed = parsed.edited(inverse)
    assert parsed == first
